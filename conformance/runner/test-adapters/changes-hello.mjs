// Bad: every process sends a different hello.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  send(honest(run));
  process.exit(0);
}, String(process.pid));
