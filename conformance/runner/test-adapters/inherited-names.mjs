// Bad: its files have the names of members that every object inherits.
import { done, send, serve } from './serve.mjs';

serve(({ id }) =>
  send(done(id, { files: JSON.parse('{"toString":"q","__proto__":"q","constructor":"q"}') })),
);
