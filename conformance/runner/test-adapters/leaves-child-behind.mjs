// Bad: answers well, leaves, and has a child that stays, with the same stdout.
import { spawn } from 'node:child_process';
import { honest, send, serve } from './serve.mjs';

serve(run => {
  spawn('sleep', ['2'], { detached: true, stdio: 'inherit' }).unref();
  send(honest(run));
  process.exit(0);
});
