/**
 * An adapter that answers at once, and wrongly: what is left of the time of a run is the runner's own.
 * @module
 */

import { createInterface } from 'node:readline';
import { operations } from '../../suite/case.ts';
import { needsOf } from '../../suite/classes.ts';
import { optionalFeatures } from '../../suite/features.ts';

const features = [
  ...new Set([...optionalFeatures, ...Object.values(needsOf).flatMap(needs => needs.features)]),
];
const hello = {
  type: 'hello',
  protocol: 1,
  implementation: { name: 'instant', version: '1' },
  specVersions: ['1.0'],
  operations,
  features,
};

createInterface({ input: process.stdin }).on('line', line => {
  const { type, id } = JSON.parse(line);
  if (type === 'hello') console.log(JSON.stringify(hello));
  else if (type === 'run') console.log(JSON.stringify({ type: 'done', id, status: 'ok', values: {} }));
  else process.exit(0);
});
