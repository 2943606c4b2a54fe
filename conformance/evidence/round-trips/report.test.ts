import { expect, test } from 'vitest';
import { schemaCheck } from '../../suite/json-schema.ts';
import { type Finding, json, lines, summary } from './report.ts';

const image = 'small, inline, sha256, RSA';
const findings: readonly Finding[] = [
  { image, what: 'read', by: 'one 1.0', status: 'passed' },
  {
    image,
    what: 'verified after',
    by: 'one 1.0, two',
    status: 'FAILED',
    why: 'the verdict has to be\nverified\n',
  },
  { image, what: 'read', by: 'two', status: 'skipped', why: 'two is not there: get two' },
  { image, what: 'unpacked', by: 'two', status: 'skipped', why: 'two is not there: get two' },
];

test('a line for each check, and why it failed', () => {
  expect(lines(findings)).toBe(`\
small, inline, sha256, RSA
passed   read            one 1.0
FAILED   verified after  one 1.0, two
  the verdict has to be
  verified
skipped  read            two
skipped  unpacked        two
`);
});

test('the summary says once why checks were skipped, and counts them', () => {
  expect(summary(findings)).toBe('2 skipped: two is not there: get two\n1 passed, 1 failed, 2 skipped\n');
});

test('the JSON is as its schema says', () => {
  const value: unknown = JSON.parse(json(findings, 1));
  expect(schemaCheck('conformance/evidence/round-trips/report.schema.json')(value)).toBeUndefined();
  expect(value).toMatchObject({ exitCode: 1, passed: 1, failed: 1, skipped: 2, findings });
});
