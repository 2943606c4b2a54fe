// Bad: says that all went well.
import { done, send, serve } from './serve.mjs';

serve(({ id }) => send(done(id, {})));
