// Bad: answers with a digest that depends on the process.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  const answer = honest(run);
  if (answer.values !== undefined)
    answer.values = { digest: String(process.pid), extra: String(process.pid) };
  send(answer);
});
