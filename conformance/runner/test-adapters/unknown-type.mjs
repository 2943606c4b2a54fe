// Bad: sends a message of a type that the protocol does not define.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  send({ type: 'progress', id: run.id, percent: 50 });
  send(honest(run));
});
