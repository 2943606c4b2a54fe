// Bad: a second process gives a different reason, though each answer by itself passes.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { honest, send, serve } from './serve.mjs';

let isFirst;
serve(run => {
  // The processes of a run share only the folder that contains the folders of all requests.
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
