import { expect, test } from 'vitest';
import { schemaCheck } from '../../suite/json-schema.ts';
import { json, lines, type RoundTripResult, summary } from './report.ts';

const image = 'small, inline, sha256, RSA';
const results: readonly RoundTripResult[] = [
  { image, what: 'read', by: 'one 1.0', status: 'passed' },
  {
    image,
    what: 'verified after',
    by: 'one 1.0, two',
    status: 'FAILED',
    why: 'the verdict: expected\nverified\n',
  },
  { image, what: 'read', by: 'two', status: 'skipped', why: 'two is not installed: get two' },
  { image, what: 'unpacked', by: 'two', status: 'skipped', why: 'two is not installed: get two' },
];

test('a line for each check, and why it failed', () => {
  expect(lines(results)).toBe(`\
small, inline, sha256, RSA
passed   read            one 1.0
FAILED   verified after  one 1.0, two
  the verdict: expected
  verified
skipped  read            two
skipped  unpacked        two
`);
});

test('the summary gives each reason for skipped checks once, and counts them', () => {
  expect(summary(results)).toBe('2 skipped: two is not installed: get two\n1 passed, 1 failed, 2 skipped\n');
});

test('the JSON satisfies its schema', () => {
  const value: unknown = JSON.parse(json(results, 1));
  expect(schemaCheck('conformance/evidence/round-trips/report.schema.json')(value)).toBeUndefined();
  expect(value).toMatchObject({ exitCode: 1, passed: 1, failed: 1, skipped: 2, findings: results });
});
