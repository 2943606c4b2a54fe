// Bad: names a file that it did not write.
import { done, send, serve } from './serve.mjs';

serve(({ id }) => send(done(id, { files: { dumpfile: 'nowhere' } })));
