import { describe, expect, test } from 'vitest';
import type { KnownDifference } from '../../generate/random-trees/known-differences.ts';
import type { Outcome } from './area.ts';
import { compare } from './compare.ts';

// Subjects are words: the reference refuses the letter r, the other one differs for some letters.
const peer = { end: async () => {} };
const area = {
  copy: ({ word }: { word: string }) => ({ word }),
  compare: async ({ word }: { word: string }): Promise<Outcome> => {
    const refused = word.includes('r');
    if (/[kx]/.test(word)) {
      const both = refused && word.includes('k');
      return both ? { kind: 'same', refused } : { kind: 'different', difference: word };
    }
    return { kind: 'same', refused };
  },
};

function point(name: string, letter: string): KnownDifference<{ word: string }> {
  return {
    ...{ name, about: '', implementations: ['p'], link: '', cases: [] },
    remove: subject => {
      const had = subject.word.includes(letter);
      subject.word = subject.word.replaceAll(letter, '');
      return had;
    },
  };
}

const known = [[point('k', 'k')], [point('k', 'k'), point('a', 'a')]];

describe('a comparison', () => {
  test.each([
    ['b', { kind: 'same', refused: false }],
    ['bk', { kind: 'known', points: ['k'], refused: false }],
    ['bx', { kind: 'unknown', subject: { word: 'bx' }, difference: 'bx' }],
    ['bkx', { kind: 'unknown', subject: { word: 'bx' }, difference: 'bx' }],
    // Points that only some lack are taken out last, and shown where they are.
    ['bkax', { kind: 'unknown', subject: { word: 'bx' }, difference: 'bx' }],
    ['r', { kind: 'same', refused: true }],
    ['rk', { kind: 'same', refused: true }],
    // The other one refuses for k alone, and would accept what the reference refuses.
    ['rkx', { kind: 'unknown', subject: { word: 'rx' }, difference: 'rx' }],
  ])('of %s', async (word, expected) => {
    expect(await compare(area, { word }, peer, known)).toEqual(expected);
  });
});
