// Good: answers correctly.
import { honest, send, serve } from './serve.mjs';

serve(run => send(honest(run)));
