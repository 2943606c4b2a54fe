// Bad: answers well, and dies before the next request.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  send(honest(run));
  process.exit(3);
});
