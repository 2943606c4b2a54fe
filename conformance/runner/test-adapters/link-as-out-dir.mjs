// Bad: answers correctly, but moves outDir away and leaves a link to it.
import { mkdtempSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { honest, send, serve } from './serve.mjs';

serve(run => {
  const answer = honest(run);
  const elsewhere = join(mkdtempSync(join(dirname(dirname(run.outDir)), 'x')), 'out');
  renameSync(run.outDir, elsewhere);
  symlinkSync(elsewhere, run.outDir);
  send(answer);
});
