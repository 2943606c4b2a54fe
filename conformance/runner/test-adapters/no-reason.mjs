// Good: a tool that can not say the codes of the specification.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  const { reason: _, ...answer } = honest(run);
  send(answer);
});
