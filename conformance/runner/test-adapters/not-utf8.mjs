// Bad: writes bytes that are not UTF-8.
import { serve } from './serve.mjs';

serve(() => process.stdout.write(Buffer.from([0x22, 0xff, 0x22, 0x0a])));
