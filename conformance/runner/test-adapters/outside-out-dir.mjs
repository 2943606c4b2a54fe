// Bad: names its input as its file, by a path that leaves outDir.
import { done, send, serve } from './serve.mjs';

serve(({ id }) => send(done(id, { files: { dumpfile: '../in/0' } })));
