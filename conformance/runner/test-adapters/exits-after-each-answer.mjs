// Good: a process for each request.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  send(honest(run));
  process.exit(0);
});
