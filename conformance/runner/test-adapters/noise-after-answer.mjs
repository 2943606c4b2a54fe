// Bad: says more than the answer.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  send(honest(run));
  console.log('that was easy');
});
