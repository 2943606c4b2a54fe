// Bad: its file is over the size limit. The file is sparse, so that the test is cheap.
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, send, serve } from './serve.mjs';

serve(({ id, outDir }) => {
  writeFileSync(join(outDir, 'huge'), '');
  truncateSync(join(outDir, 'huge'), 256 * 1024 * 1024 + 1);
  send(done(id, { files: { dumpfile: 'huge' } }));
});
