// Bad: allocates more memory than allowed, without writing to it, so that the test is cheap.
import { honest, send, serve } from './serve.mjs';

serve(run => {
  const taken = Array.from({ length: 5 }, () => Buffer.alloc(1024 ** 3));
  send(honest(run));
  taken.length = 0;
});
