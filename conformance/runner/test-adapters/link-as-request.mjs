// Bad: answers correctly, but moves the folder of its request away and leaves a link to it.
import { renameSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { honest, send, serve } from './serve.mjs';

serve(run => {
  const answer = honest(run);
  const request = dirname(run.outDir);
  renameSync(request, `${request}-moved`);
  symlinkSync(`${request}-moved`, request);
  send(answer);
});
