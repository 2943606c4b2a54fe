// Bad: answers correctly, but removes the folder of its request.
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { honest, send, serve } from './serve.mjs';

serve(run => {
  const answer = honest(run);
  rmSync(dirname(run.outDir), { recursive: true });
  send(answer);
});
