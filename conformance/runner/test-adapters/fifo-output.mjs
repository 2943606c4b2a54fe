// Bad: its file is a FIFO without a writer.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { done, send, serve } from './serve.mjs';

serve(({ id, outDir }) => {
  execFileSync('mkfifo', [join(outDir, 'fifo')]);
  send(done(id, { files: { dumpfile: 'fifo' } }));
});
