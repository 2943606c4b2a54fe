import { expect, test } from 'vitest';
import { type Answer, compare, find } from './comparison.ts';
import type { Explanation } from './known-differences.ts';

const says = (text: string): Answer => ({ kind: 'says', text, seconds: 1 });
const fails = (why: string): Answer => ({ kind: 'fails', why, seconds: 1 });

function expected(said: RegExp): Explanation {
  return { image: 'static', by: 'other', what: /tree/, said, why: 'known', link: 'https://example.org' };
}

const reasons = [{ why: 'known', link: 'https://example.org' }];

test.each([
  ['two that say the same', says('a\nb'), says('a\nb'), [], 'same'],
  ['two that do not', says('a\nb'), says('a\nc'), [], 'DIFFERS'],
  ['another one that fails', says('a'), fails('no usr'), [], 'DIFFERS'],
  ['a failure of ours', fails('no'), says('a'), [], 'DIFFERS'],
  ['the same failure of both', fails('no usr'), fails('no usr'), [expected(/usr/)], 'DIFFERS'],
  ['another one that fails as expected', says('a'), fails('no usr'), [expected(/usr/)], 'explained'],
  ['another one that fails for another reason', says('a'), fails('no disk'), [expected(/usr/)], 'DIFFERS'],
  ['lines that are all explained', says('a\nb'), says('a\nc'), [expected(/b/), expected(/c/)], 'explained'],
  ['a line that is not explained', says('a\nb'), says('a\nc'), [expected(/b/)], 'DIFFERS'],
])('compare: %s', (_, ours, theirs, explanations, status) => {
  expect(compare(ours, theirs, explanations).status).toBe(status);
});

test('an explanation is shown where it explains, and held against itself where it does not', () => {
  expect(compare(says('a'), fails('no usr'), [expected(/usr/)])).toMatchObject({ reasons });
  expect(compare(says('a'), says('a'), [expected(/usr/)])).toMatchObject({
    status: 'DIFFERS',
    outdated: reasons,
  });
  expect(compare(says('b'), says('c'), [expected(/b|c/), expected(/d/)])).toMatchObject({
    status: 'DIFFERS',
    outdated: reasons,
  });
});

test('what can not be asked is skipped, and nobody is asked', async () => {
  const nobody = () => Promise.reject(new Error('asked'));
  const check = { what: 'tree', by: 'other', skip: 'not here', ours: nobody, theirs: nobody };
  expect(await find(check, 'static')).toEqual({
    what: 'tree',
    by: 'other',
    status: 'skipped',
    why: 'not here',
  });
});
