// Bad: closes stdout and keeps running.
import { closeSync } from 'node:fs';
import { serve } from './serve.mjs';

serve(() => {
  closeSync(1);
  setInterval(() => {}, 1000);
});
