// Bad: answers correctly, but replaces the folder of all requests by a file.
import { rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { honest, send, serve } from './serve.mjs';

serve(run => {
  const answer = honest(run);
  const all = dirname(dirname(run.outDir));
  rmSync(all, { recursive: true });
  writeFileSync(all, '');
  send(answer);
});
