// Bad: answers correctly, but moves the folder of its input away and leaves a link to it.
import { renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { honest, send, serve } from './serve.mjs';

serve(run => {
  const answer = honest(run);
  const elsewhere = join(run.outDir, 'moved');
  renameSync(join(dirname(run.outDir), 'in'), elsewhere);
  symlinkSync(elsewhere, join(dirname(run.outDir), 'in'));
  send(answer);
});
