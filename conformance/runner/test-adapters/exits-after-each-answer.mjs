// Good: one process per request.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  send(honest(run));
  process.exit(0);
});
