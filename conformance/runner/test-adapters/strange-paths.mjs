// Bad: the path of its file is not one of a file system.
import { done, send, serve } from './serve.mjs';

serve(({ id }) => send(done(id, { files: { dumpfile: 'a\0b', long: 'x'.repeat(100_000), lone: '\ud800' } })));
