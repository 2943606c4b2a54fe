// Bad: writes invalid JSON.
import { serve } from './serve.mjs';

serve(({ id }) => console.log(`{"type":"done","id":"${id}","status":"ok",}`));
