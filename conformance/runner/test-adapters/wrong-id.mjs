// Bad: answers a request that nobody made.
import { honest, send, serve } from './serve.mjs';

serve(run => send({ ...honest(run), id: 'another' }));
