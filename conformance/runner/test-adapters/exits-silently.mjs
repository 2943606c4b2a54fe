// Bad: leaves, as if nothing had been asked.
import { serve } from './serve.mjs';

serve(() => process.exit(0));
