// Bad: answers correctly, but leaves folders that only root can open, in outDir and around it.
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { honest, send, serve } from './serve.mjs';

serve(run => {
  const answer = honest(run);
  mkdirSync(join(run.outDir, 'a/b/c'), { recursive: true });
  chmodSync(join(run.outDir, 'a/b'), 0);
  chmodSync(join(run.outDir, 'a'), 0);
  if (answer.status === 'rejected') chmodSync(dirname(dirname(run.outDir)), 0);
  send(answer);
});
