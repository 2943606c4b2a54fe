// Bad: its digests are those of the process that it is.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  const answer = honest(run);
  if (answer.values !== undefined)
    answer.values = { digest: String(process.pid), extra: String(process.pid) };
  send(answer);
});
