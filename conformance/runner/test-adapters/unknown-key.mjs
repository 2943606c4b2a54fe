// Bad: a key that the protocol does not have.
import { honest, send, serve } from './serve.mjs';

serve(run => send({ ...honest(run), resaon: 'a typo' }));
