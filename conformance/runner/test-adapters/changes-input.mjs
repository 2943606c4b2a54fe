// Bad: answers correctly, but changes its input.
import { appendFileSync } from 'node:fs';
import { honest, send, serve } from './serve.mjs';

serve(run => {
  const answer = honest(run);
  appendFileSync(Object.values(run.input)[0], 'more');
  send(answer);
});
