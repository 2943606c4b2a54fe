// Bad: rejects at the right stage for a reason of its own.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  const answer = honest(run);
  send(answer.status === 'rejected' ? { ...answer, reason: 'DUMPFILE_MODE' } : answer);
});
