// Good: rejects without a reason, like a tool that does not know the error codes of the specification.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  const { reason: _, ...answer } = honest(run);
  send(answer);
});
