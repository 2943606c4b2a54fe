// Bad: declares operations that it does not support.
import { send, serve } from './serve.mjs';

serve(({ id, op }) => send({ type: 'done', id, status: 'unsupported', feature: op }));
