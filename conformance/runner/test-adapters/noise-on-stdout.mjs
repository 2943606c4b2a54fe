// Bad: writes a line for people to stdout before the answer.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  console.log('working on it');
  send(honest(run));
});
