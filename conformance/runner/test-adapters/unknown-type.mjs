// Bad: a message that the protocol does not have.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  send({ type: 'progress', id: run.id, percent: 50 });
  send(honest(run));
});
