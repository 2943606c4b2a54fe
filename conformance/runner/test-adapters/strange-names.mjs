// Bad: answers correctly, but adds a name that is not UTF-8 to its input.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { honest, send, serve } from './serve.mjs';

serve(run => {
  const answer = honest(run);
  writeFileSync(Buffer.concat([Buffer.from(join(dirname(run.outDir), 'in/')), Buffer.from([0xff])]), '');
  writeFileSync(Buffer.concat([Buffer.from(join(run.outDir, '/')), Buffer.from([0xff])]), '');
  send(answer);
});
