// Bad: never answers.
import { serve } from './serve.mjs';

serve(() => {});
