// Bad: another process gives another reason, so that no answer is wrong by itself.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { honest, send, serve } from './serve.mjs';

let isFirst;
serve(run => {
  // The folder of all requests is the only thing that two processes of one run share.
  const mark = join(dirname(dirname(run.outDir)), 'seen');
  if (isFirst === undefined) isFirst = first(mark);
  const answer = honest(run);
  if (answer.status === 'rejected' && !isFirst) answer.reason = undefined;
  send(answer);
});

function first(mark) {
  try {
    mkdirSync(mark);
    return true;
  } catch {
    return false;
  }
}
