import { describe, expect, test } from 'vitest';
import type { KnownDifference } from '../../generate/random-trees/known-differences.ts';
import type { AnswerComparison } from './area.ts';
import { classify } from './classify.ts';

// Inputs are words: the reference rejects the letter r, and the other implementation differs for k and x.
const other = { end: async () => {} };
const area = {
  copy: ({ word }: { word: string }) => ({ word }),
  compare: async ({ word }: { word: string }): Promise<AnswerComparison> => {
    const rejected = word.includes('r');
    if (/[kx]/.test(word)) {
      const both = rejected && word.includes('k');
      return both ? { kind: 'same', rejected } : { kind: 'different', difference: word };
    }
    return { kind: 'same', rejected };
  },
};

function knownDifference(name: string, letter: string): KnownDifference<{ word: string }> {
  return {
    ...{ name, about: '', implementations: ['p'], link: '', cases: [] },
    remove: subject => {
      const had = subject.word.includes(letter);
      subject.word = subject.word.replaceAll(letter, '');
      return had;
    },
  };
}

const known = [[knownDifference('k', 'k')], [knownDifference('k', 'k'), knownDifference('a', 'a')]];

describe('the classification', () => {
  test.each([
    ['b', { kind: 'same', rejected: false }],
    ['bk', { kind: 'known', names: ['k'], rejected: false }],
    ['bx', { kind: 'unknown', subject: { word: 'bx' }, difference: 'bx' }],
    ['bkx', { kind: 'unknown', subject: { word: 'bx' }, difference: 'bx' }],
    // Differences in which any implementation may differ are removed last.
    ['bkax', { kind: 'unknown', subject: { word: 'bx' }, difference: 'bx' }],
    ['r', { kind: 'same', rejected: true }],
    ['rk', { kind: 'same', rejected: true }],
    // The other implementation rejects only because of k, and would accept what the reference rejects.
    ['rkx', { kind: 'unknown', subject: { word: 'rx' }, difference: 'rx' }],
  ])('of %s', async (word, expected) => {
    expect(await classify(area, { word }, other, known)).toEqual(expected);
  });
});
