// Bad: spins, and does not hear TERM.
import { serve } from './serve.mjs';

process.on('SIGTERM', () => {});
serve(() => {
  for (;;);
});
