import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Case } from '../../suite/case.ts';
import { parseKnownFailures } from '../../suite/known-failures.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { type CheckResult, type CheckRow, fail, pass, skip, table } from './check-results.ts';
import { checkClaims } from './claims.ts';

function row(checker: string, results: Record<string, CheckResult>): CheckRow {
  return { checker, what: 'images', results: new Map(Object.entries(results)) };
}

function cases(claims: Readonly<Record<string, readonly string[]>>): Case[] {
  return Object.entries(claims).map(([id, confirmedBy]) => ({
    id,
    title: 'A tiny case',
    op: 'erofs.read',
    since: '1.0',
    requirements: ['EROFS-078'],
    needs: [],
    tags: [],
    class: 'BASIC',
    links: [],
    input: { image: 'in' },
    params: {},
    expect: { outcome: 'accept' },
    control: null,
    provenance: { recipe: 'conformance/generate/recipes/none.ts', confirmedBy },
  }));
}

describe('checkClaims', () => {
  test('finds a wrong claim', () => {
    const found = checkClaims(cases({ 'a/wrong': ['fsck.erofs 1.9.4'], 'a/right': ['fsck.erofs 1.9.4'] }), [
      row('fsck.erofs 1.9.4', { 'a/wrong': fail('corrupt'), 'a/right': pass }),
    ]);
    expect(found.wrong).toEqual(['a/wrong claims "fsck.erofs 1.9.4", but the check failed: corrupt']);
    expect(found.checked).toBe(2);
  });

  test('compares a claim with another version too, and with every row of the checker', () => {
    const found = checkClaims(cases({ 'a/x': ['linux 6.18'] }), [
      row('linux 6.12', { 'a/x': pass }),
      row('linux 6.12', { 'a/x': fail('hidden') }),
    ]);
    expect(found.wrong).toEqual(['a/x claims "linux 6.18", but the check failed: hidden']);
  });

  test('counts skipped checks as unchecked, and lists claims that could be added', () => {
    const found = checkClaims(
      cases({ 'a/skipped': ['linux 6.18'], 'a/more': [], 'a/other': ['linux 6.18'] }),
      [row('linux 6.18', { 'a/skipped': skip('no root'), 'a/more': pass })],
    );
    expect(found).toEqual({
      wrong: [],
      missing: ['linux 6.18 confirms a/more'],
      checked: 0,
      unchecked: 1,
      elsewhere: ['a/other'],
    });
  });
});

test('the table counts skipped checks separately, and gives each reason once', () => {
  const rows = [row('linux 6.18', { a: pass, b: fail('gone'), c: skip('no root'), d: skip('no root') })];
  expect(table(rows)).toBe(`checker     input   pass  fail  skipped
linux 6.18  images     1     1        2
FAIL b, linux 6.18: gone
SKIPPED 2 images, linux 6.18: no root
`);
});

describe('the vectors', () => {
  const suite = readSuite(join(packageRoot, 'vectors'));
  /** The features that both adapters declare: a case that needs more is not run. */
  const declared = ['digest.sha256-12', 'format.v0', 'format.v1'];

  test.each([
    ['mkcomposefs', ['mkcomposefs', 'composefs-info']],
    ['composefs-rs', ['composefs-rs']],
  ])('do not claim that %s confirms a case of its list of known failures', (adapter, names) => {
    const path = join(packageRoot, 'conformance/implementations', `${adapter}.xfail`);
    // Where only the control fails, the rejection can still be right.
    const known = (existsSync(path) ? parseKnownFailures(readFileSync(path, 'utf8'), path) : []).filter(
      ({ status }) => status !== 'inconclusive',
    );
    const wrong = suite.cases
      .filter(({ id, needs }) => {
        return known.some(({ matches }) => matches(id)) && needs.every(need => declared.includes(need));
      })
      // A claim that ends in parentheses limits itself to a part of the case.
      .filter(({ provenance }) =>
        provenance.confirmedBy.some(
          claim => names.includes(claim.split(' ')[0] ?? '') && !claim.endsWith(')'),
        ),
      )
      .map(({ id }) => id);
    expect(wrong).toEqual([]);
  });
});
