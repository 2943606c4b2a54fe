// Bad: always answers ok, without a result.
import { done, send, serve } from './serve.mjs';

serve(({ id }) => send(done(id, {})));
