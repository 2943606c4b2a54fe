// Bad: answers correctly and exits, but leaves a child process that keeps stdout open.
import { honest, send, serve, startSession } from './serve.mjs';

serve(run => {
  startSession('inherit');
  send(honest(run));
  process.exit(0);
});
