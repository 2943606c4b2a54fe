// Bad: its file is the input, by a path that leads out of outDir.
import { done, send, serve } from './serve.mjs';

serve(({ id }) => send(done(id, { files: { dumpfile: '../in/0' } })));
