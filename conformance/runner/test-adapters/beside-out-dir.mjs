// Bad: answers correctly, but leaves a file next to outDir.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { honest, send, serve } from './serve.mjs';

serve(run => {
  writeFileSync(join(run.outDir, '../notes'), 'mine');
  send(honest(run));
});
