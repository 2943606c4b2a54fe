// Bad: answers correctly and exits, but leaves a child process that keeps stdout open.
import { spawn } from 'node:child_process';
import { honest, send, serve } from './serve.mjs';

serve(run => {
  spawn('sleep', ['2'], { detached: true, stdio: 'inherit' }).unref();
  send(honest(run));
  process.exit(0);
});
