// Bad: sends hello instead of an answer.
import { send, serve } from './serve.mjs';

serve(() =>
  send({
    type: 'hello',
    protocol: 1,
    implementation: { name: 'again', version: '1' },
    specVersions: ['1.0'],
    operations: [],
    features: [],
  }),
);
