// Bad: removes outDir, and names a file in it.
import { rmSync } from 'node:fs';
import { done, send, serve } from './serve.mjs';

serve(({ id, outDir }) => {
  rmSync(outDir, { recursive: true });
  send(done(id, { files: { dumpfile: 'tree' } }));
});
