// Bad: declares operations and does not have them.
import { send, serve } from './serve.mjs';

serve(({ id, op }) => send({ type: 'done', id, status: 'unsupported', feature: op }));
