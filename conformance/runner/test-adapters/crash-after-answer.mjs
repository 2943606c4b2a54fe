// Bad: answers correctly, and crashes before the next request.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  send(honest(run));
  process.exit(3);
});
