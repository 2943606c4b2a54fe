// Bad: answers with an empty file and an empty value.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, send, serve } from './serve.mjs';

serve(({ id, outDir }) => {
  writeFileSync(join(outDir, 'empty'), '');
  send(done(id, { values: { digest: '' }, files: { dumpfile: 'empty' } }));
});
