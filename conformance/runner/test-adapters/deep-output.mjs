// Bad: answers correctly, but nests so many folders in outDir that their paths are too long.
import { deepFolder, honest, send, serve } from './serve.mjs';

serve(run => {
  const answer = honest(run);
  deepFolder(run.outDir);
  send(answer);
});
