// Good: takes its time, and speaks on stderr meanwhile.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  process.stderr.write('thinking\n');
  setTimeout(() => send(honest(run)), 150);
});
