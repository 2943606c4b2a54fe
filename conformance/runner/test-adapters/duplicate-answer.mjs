// Bad: answers every request twice.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  const answer = honest(run);
  send(answer);
  send(answer);
});
