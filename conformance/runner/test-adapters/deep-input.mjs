// Bad: answers correctly, but nests so many folders in its input that their paths are too long.
import { dirname, join } from 'node:path';
import { deepFolder, honest, send, serve } from './serve.mjs';

serve(run => {
  const answer = honest(run);
  deepFolder(join(dirname(run.outDir), 'in'));
  send(answer);
});
