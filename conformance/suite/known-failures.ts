/**
 * The list of failures that are known: one pattern a line, with the way it fails, a link and a reason.
 * @module
 */

import { globMatcher } from './glob.ts';

/** Ways in which a case can be known to fail; `unstable` is one that passes in some runs and fails in others. */
const knownFailures = [
  'fail',
  'crash',
  'timeout',
  'protocol',
  'unsupported',
  'inconclusive',
  'unstable',
] as const;
export type KnownFailure = (typeof knownFailures)[number];

/** One line of the list. */
export interface Expected {
  /** Counted from 1. */
  readonly line: number;
  readonly pattern: string;
  readonly status: KnownFailure;
  readonly link: string;
  readonly reason: string;
  readonly matches: (id: string) => boolean;
}

/** The list can't be read. */
export class BadXfail extends Error {}

/** Reads `<case glob> <status> <link> <reason>` lines; `#` begins a comment line. Throws {@link BadXfail}. */
export function parseXfail(text: string, file: string): Expected[] {
  return text.split('\n').flatMap((content, i) => {
    if (/^\s*(#|$)/.test(content)) return [];
    const [, pattern = '', status = '', link = '', reason = ''] =
      /^\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S.*?)\s*$/.exec(content) ?? [];
    const refuse = (problem: string) => new BadXfail(`${file}:${i + 1}: ${problem}`);
    if (pattern === '') throw refuse('a line has four columns: case glob, status, link, reason');
    if (!isKnownFailure(status)) throw refuse(`"${status}" is none of ${knownFailures.join(', ')}`);
    if (!/^https?:\/\/\S+$/.test(link)) throw refuse(`"${link}" is no link`);
    return [{ line: i + 1, pattern, status, link, reason, matches: globMatcher(pattern) }];
  });
}

function isKnownFailure(name: string): name is KnownFailure {
  return knownFailures.some(known => known === name);
}
