// Bad: exits with code 0 without an answer.
import { serve } from './serve.mjs';

serve(() => process.exit(0));
