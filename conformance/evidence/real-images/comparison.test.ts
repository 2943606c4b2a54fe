import { expect, test } from 'vitest';
import { CannotAnswer, compareAnswers, runComparison, type ToolAnswer } from './comparison.ts';
import type { KnownImageDifference } from './known-differences.ts';

const says = (text: string): ToolAnswer => ({ kind: 'says', text, seconds: 1 });
const fails = (why: string): ToolAnswer => ({ kind: 'fails', why, seconds: 1 });

function expected(said: RegExp): KnownImageDifference {
  return { image: 'static', by: 'other', what: /tree/, said, why: 'known', link: 'https://example.org' };
}

const reasons = [{ why: 'known', link: 'https://example.org' }];

test.each([
  ['equal answers', says('a\nb'), says('a\nb'), [], 'same'],
  ['different answers', says('a\nb'), says('a\nc'), [], 'DIFFERS'],
  ['a failure of the other tool', says('a'), fails('no usr'), [], 'DIFFERS'],
  ['a failure of composefs-oci', fails('no'), says('a'), [], 'DIFFERS'],
  ['the same failure of both', fails('no usr'), fails('no usr'), [expected(/usr/)], 'DIFFERS'],
  ['a known failure of the other tool', says('a'), fails('no usr'), [expected(/usr/)], 'explained'],
  ['an unknown failure of the other tool', says('a'), fails('no disk'), [expected(/usr/)], 'DIFFERS'],
  ['only known lines', says('a\nb'), says('a\nc'), [expected(/b/), expected(/c/)], 'explained'],
  ['an unknown line', says('a\nb'), says('a\nc'), [expected(/b/)], 'DIFFERS'],
])('compareAnswers: %s', (_, ours, theirs, known, status) => {
  expect(compareAnswers(ours, theirs, known).status).toBe(status);
});

test('a known difference that occurs is reported with its reason, and one that no longer occurs is outdated', () => {
  expect(compareAnswers(says('a'), fails('no usr'), [expected(/usr/)])).toMatchObject({ reasons });
  expect(compareAnswers(says('a'), says('a'), [expected(/usr/)])).toMatchObject({
    status: 'DIFFERS',
    outdated: reasons,
  });
  expect(compareAnswers(says('b'), says('c'), [expected(/b|c/), expected(/d/)])).toMatchObject({
    status: 'DIFFERS',
    outdated: reasons,
  });
});

test('a comparison that cannot run is skipped, and no tool is run', async () => {
  const notRun = () => Promise.reject(new Error('was run'));
  const planned = { what: 'tree', by: 'other', skip: 'not here', ours: notRun, theirs: notRun };
  expect(await runComparison(planned, 'static')).toEqual({
    what: 'tree',
    by: 'other',
    status: 'skipped',
    why: 'not here',
  });
});

test('a tool that finds out that it cannot answer is skipped, and any other error is thrown', async () => {
  const planned = (error: Error) => ({
    what: 'tree',
    by: 'other',
    ours: async () => says('a'),
    theirs: () => Promise.reject(error),
  });
  expect(await runComparison(planned(new CannotAnswer('no openssl')), 'static')).toEqual({
    what: 'tree',
    by: 'other',
    status: 'skipped',
    why: 'no openssl',
  });
  await expect(runComparison(planned(new Error('other')), 'static')).rejects.toThrow('other');
});
