/**
 * The list of cases that another check rejects, with the reasons.
 * @module
 */

import { globMatcher } from '../../suite/glob.ts';
import type { Decision } from './check.ts';

export const reasonKinds = ['unusable', 'again', 'consequence', 'order', 'second'] as const;

/** Why another check rejects a case; `masked.txt` explains the kinds. */
export type ReasonKind = (typeof reasonKinds)[number];

/** A line of the list. */
export interface MaskedLine {
  /** Counted from 1. */
  readonly line: number;
  readonly pattern: string;
  /** The error code of the other check. */
  readonly code: string;
  readonly kind: ReasonKind;
  readonly reason: string;
}

/** Reads the list. Throws an Error for a malformed line. */
export function parseMasked(text: string): readonly MaskedLine[] {
  return text.split('\n').flatMap((content, i) => {
    if (content === '' || content.startsWith('#')) return [];
    const [, pattern = '', code = '', word = '', reason = ''] =
      /^(\S+) {2}(\S+) {2}(\S+) {2}(\S.*)$/.exec(content) ?? [];
    const kind = reasonKinds.find(each => each === word);
    if (kind === undefined)
      throw new Error(`line ${i + 1}: not a pattern, a code, a kind and a reason: ${content}`);
    return [{ line: i + 1, pattern, code, kind, reason }];
  });
}

/** The decisions compared with the list. */
export interface Explained {
  /** The cases with a second defect. */
  readonly second: readonly string[];
  /** Problems, one line each: masked cases without a reason, and lines that are not needed. */
  readonly problems: readonly string[];
}

/** Compares `decisions` with the list; the first line that applies to a case explains it. */
export function explain(decisions: ReadonlyMap<string, Decision>, list: readonly MaskedLine[]): Explained {
  const second: string[] = [];
  const problems: string[] = [];
  const used = new Set<MaskedLine>();
  const matchers = list.map(each => ({ each, matches: globMatcher(each.pattern) }));
  for (const [id, decision] of decisions) {
    if (decision.kind === 'unknown') problems.push(`${id}: ${decision.problem}`);
    if (decision.kind !== 'masked') continue;
    const { check, message } = decision;
    const found = matchers.find(
      ({ each, matches }) => matches(id) && message.endsWith(`(${each.code})`),
    )?.each;
    if (found === undefined) {
      problems.push(
        `${id}: without "${check.text}" in ${check.file}, it is rejected by another check: ${message}`,
      );
    } else {
      used.add(found);
      if (found.kind === 'second') second.push(`${id}: ${found.code}: ${found.reason}`);
    }
  }
  for (const each of list) {
    if (!used.has(each))
      problems.push(`masked.txt, line ${each.line}: ${each.pattern} explains no case; remove it`);
  }
  return { second, problems };
}
