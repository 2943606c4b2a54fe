// Bad: answers a request that was never sent.
import { honest, send, serve } from './serve.mjs';

serve(run => send({ ...honest(run), id: 'another' }));
