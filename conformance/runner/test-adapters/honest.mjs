// Good: answers what is asked.
import { honest, send, serve } from './serve.mjs';

serve(run => send(honest(run)));
