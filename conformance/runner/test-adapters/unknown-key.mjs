// Bad: its answer has a member that the protocol does not define.
import { honest, send, serve } from './serve.mjs';

serve(run => send({ ...honest(run), resaon: 'a typo' }));
