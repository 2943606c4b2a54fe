// Bad: names its file by an absolute path.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, send, serve } from './serve.mjs';

serve(({ id, outDir }) => {
  writeFileSync(join(outDir, 'tree'), '');
  send(done(id, { files: { dumpfile: join(outDir, 'tree') } }));
});
