// Bad: answers correctly and exits, but leaves child processes that run in sessions of their own.
import { honest, send, serve, startSession } from './serve.mjs';

serve(run => {
  startSession('ignore');
  send(honest(run));
  process.exit(0);
});
