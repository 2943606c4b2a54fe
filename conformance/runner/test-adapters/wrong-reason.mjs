// Bad: rejects at the correct stage with a wrong reason.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  const answer = honest(run);
  send(answer.status === 'rejected' ? { ...answer, reason: 'DUMPFILE_MODE' } : answer);
});
