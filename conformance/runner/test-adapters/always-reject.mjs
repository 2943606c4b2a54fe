// Bad: rejects every input with the reason that one case expects.
import { send, serve } from './serve.mjs';

serve(({ id }) =>
  send({ type: 'done', id, status: 'rejected', stage: 'dumpfile', reason: 'DUMPFILE_ESCAPE' }),
);
