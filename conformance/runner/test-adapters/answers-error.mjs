// Bad: answers every request with an error.
import { send, serve } from './serve.mjs';

serve(({ id }) => send({ type: 'done', id, status: 'error', message: 'no disk' }));
