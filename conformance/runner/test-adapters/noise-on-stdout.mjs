// Bad: speaks to people where only messages belong.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  console.log('working on it');
  send(honest(run));
});
