// Good: answers slowly, and writes to stderr before it does.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  process.stderr.write('thinking\n');
  setTimeout(() => send(honest(run)), 150);
});
