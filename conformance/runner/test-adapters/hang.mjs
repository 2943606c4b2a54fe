// Bad: loops forever and ignores SIGTERM.
import { serve } from './serve.mjs';

process.on('SIGTERM', () => {});
serve(() => {
  for (;;);
});
