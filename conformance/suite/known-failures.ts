/**
 * The list of known failures. Each line has a pattern, the status of the failure, a link and a reason.
 * @module
 */

import { globMatcher } from './glob.ts';

/** Statuses of known failures. An `unstable` case passes in some runs and fails in others. */
const knownFailureStatuses = [
  'fail',
  'crash',
  'timeout',
  'protocol',
  'unsupported',
  'inconclusive',
  'unstable',
] as const;
export type KnownFailureStatus = (typeof knownFailureStatuses)[number];

/** One line of the list. */
export interface KnownFailure {
  /** Counted from 1. */
  readonly line: number;
  readonly pattern: string;
  readonly status: KnownFailureStatus;
  readonly link: string;
  readonly reason: string;
  readonly matches: (id: string) => boolean;
}

/** The list cannot be read. */
export class KnownFailuresError extends Error {}

/**
 * Reads lines of the form `<case glob> <status> <link> <reason>`; a line starting with `#` is a comment.
 * Throws {@link KnownFailuresError}.
 */
export function parseKnownFailures(text: string, file: string): KnownFailure[] {
  return text.split('\n').flatMap((content, i) => {
    if (/^\s*(#|$)/.test(content)) return [];
    const [, pattern = '', status = '', link = '', reason = ''] =
      /^\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S.*?)\s*$/.exec(content) ?? [];
    const error = (problem: string) => new KnownFailuresError(`${file}:${i + 1}: ${problem}`);
    if (pattern === '') throw error('expected four columns: case glob, status, link, reason');
    if (!isKnownFailureStatus(status))
      throw error(`status "${status}" is not one of ${knownFailureStatuses.join(', ')}`);
    if (!/^https?:\/\/\S+$/.test(link)) throw error(`"${link}" is not an http or https link`);
    return [{ line: i + 1, pattern, status, link, reason, matches: globMatcher(pattern) }];
  });
}

function isKnownFailureStatus(name: string): name is KnownFailureStatus {
  return knownFailureStatuses.some(known => known === name);
}
