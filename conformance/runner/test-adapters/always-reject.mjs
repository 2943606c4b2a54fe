// Bad: rejects whatever it gets, with the reason that one case asks for.
import { send, serve } from './serve.mjs';

serve(({ id }) =>
  send({ type: 'done', id, status: 'rejected', stage: 'dumpfile', reason: 'DUMPFILE_ESCAPE' }),
);
