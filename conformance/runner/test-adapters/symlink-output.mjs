// Bad: its file is a symlink.
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, send, serve } from './serve.mjs';

serve(({ id, outDir }) => {
  writeFileSync(join(outDir, 'tree'), '');
  symlinkSync('tree', join(outDir, 'link'));
  send(done(id, { files: { dumpfile: 'link' } }));
});
