// Bad: excuses itself.
import { send, serve } from './serve.mjs';

serve(({ id }) => send({ type: 'done', id, status: 'error', message: 'no disk' }));
