// Bad: crashes on every request.
import { serve } from './serve.mjs';

serve(() => {
  throw new Error('this is the end');
});
