// Bad: writes a line for people after the answer.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  send(honest(run));
  console.log('that was easy');
});
