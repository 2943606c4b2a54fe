import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseKnownFailures } from './known-failures.ts';
import { readRenames, withPresentIds } from './renames.ts';
import { type ListedResult, PLACEHOLDER, updateKnownFailures } from './update-known-failures.ts';

const folder = mkdtempSync(join(tmpdir(), 'renames-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(
  join(folder, 'renames.tsv'),
  'old\tnew\tsince\na/oldest\ta/older\t1.1\na/older\ta/renamed\t1.2\nb/1\tb/2\t1.2\nb/2\tb/1\t1.3\n',
);
const renames = readRenames(folder);

const list = `# Comments stay,

a/fixed   fail   https://example.org/1   is fixed
  # also in between.
a/worse   fail   https://example.org/2   is worse
a/same    crash  https://example.org/3   is the same
g/*       fail   https://example.org/4   are in part
s/*       fail   https://example.org/5   all fail
n/*       fail   https://example.org/6   none is run
u/x       unstable  https://example.org/7   changes
gone/*    fail   https://example.org/8   does not exist
a/oldest  fail   https://example.org/9   has a new name
# The end.
`;

const result = (id: string, status: ListedResult['status'], message = ''): ListedResult => ({
  id,
  status,
  message,
});
const results = [
  result('a/fixed', 'pass'),
  result('a/new', 'fail', 'x @0x1: expected 1, got 2\nand more'),
  result('a/passes', 'pass'),
  result('a/renamed', 'fail'),
  result('a/same', 'crash'),
  result('a/worse', 'timeout'),
  result('g/1', 'pass'),
  result('g/2', 'fail'),
  result('g/3', 'crash'),
  result('n/1', undefined),
  result('s/1', 'fail'),
  result('s/2', 'fail'),
  result('u/x', 'pass'),
];

describe('an updated list', () => {
  const updated = updateKnownFailures(list, 'list', results, renames);

  it('keeps comments and order', () => {
    expect(updated.text).toBe(`# Comments stay,

  # also in between.
a/worse   timeout   https://example.org/2   is worse
a/same    crash  https://example.org/3   is the same
g/2       fail   https://example.org/4   are in part
g/3       crash   https://example.org/4   are in part
s/*       fail   https://example.org/5   all fail
n/*       fail   https://example.org/6   none is run
u/x       unstable  https://example.org/7   changes
a/renamed  fail   https://example.org/9   has a new name
# The end.
a/new  fail  ${PLACEHOLDER}  x @0x1: expected 1, got 2 and more
`);
    expect(updated).toMatchObject({ added: 1, changed: 3, removed: 2 });
  });

  it('is a list that says what happened, and needs no update', () => {
    const known = parseKnownFailures(updated.text, 'list');
    for (const { id, status } of results) {
      const listed = known.filter(({ matches }) => matches(id)).map(entry => entry.status);
      if (status !== undefined && status !== 'pass') expect(listed).toContain(status);
      else if (status === 'pass') expect(listed.filter(name => name !== 'unstable')).toEqual([]);
    }
    expect(updateKnownFailures(updated.text, 'list', results, renames)).toEqual({
      text: updated.text,
      added: 0,
      changed: 0,
      removed: 0,
    });
  });

  it('can be made from nothing, and end as nothing', () => {
    expect(updateKnownFailures('', 'list', [result('a/b', 'fail', 'm')], renames).text).toBe(
      `a/b  fail  ${PLACEHOLDER}  m\n`,
    );
    expect(
      updateKnownFailures('a/b fail https://x.org/ r\n', 'list', [result('a/b', 'pass')], renames).text,
    ).toBe('');
  });
});

describe('renames', () => {
  it('lead from any former id to the present one, and end if they form a circle', () => {
    expect(renames.get('a/oldest')).toBe('a/renamed');
    expect(renames.get('a/older')).toBe('a/renamed');
    expect(renames.get('b/1')).toBeDefined();
    expect(readRenames('/nowhere').size).toBe(0);
  });

  it('are applied to lines with a whole id', () => {
    const { known, notes } = withPresentIds(parseKnownFailures(list, 'list'), renames);
    expect(known.at(-1)?.matches('a/renamed')).toBe(true);
    expect(notes).toEqual(['known-failures line 12: a/oldest is now called a/renamed; change the line']);
  });
});
