import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseKnownFailures } from '../suite/known-failures.ts';
import { packageRoot } from '../suite/package-root.ts';
import { readSuite } from '../suite/read-suite.ts';

const { cases } = readSuite(join(packageRoot, 'vectors'));

// A part of an implementation can confirm a case that fails as a whole; `confirmedBy` then names the part.
test.each(['composefs-rs', 'mkcomposefs'])('no case that %s fails is confirmed by it', name => {
  const path = join(packageRoot, `conformance/implementations/${name}.xfail`);
  const failures = parseKnownFailures(readFileSync(path, 'utf8'), path).filter(
    ({ status }) => status !== 'unsupported',
  );
  expect(failures.length).toBeGreaterThan(10);
  const claimed = cases.filter(({ provenance: { confirmedBy } }) =>
    confirmedBy.some(by => by.startsWith(`${name} `) && !by.endsWith(')')),
  );
  expect(claimed.length).toBeGreaterThan(10);
  const wrong = claimed.filter(({ id }) => failures.some(({ matches }) => matches(id)));
  expect(wrong.map(({ id }) => id)).toEqual([]);
});
