// Bad: writes a line that never ends.
import { serve } from './serve.mjs';

serve(() => {
  const chunk = 'x'.repeat(65_536);
  const write = () => process.stdout.write(chunk, write);
  write();
});
