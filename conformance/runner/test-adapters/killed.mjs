// Bad: kills itself with a signal.
import { serve } from './serve.mjs';

serve(() => process.kill(process.pid, 'SIGKILL'));
