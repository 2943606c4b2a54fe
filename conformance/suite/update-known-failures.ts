/**
 * Brings a list of known failures up to date with a run, and keeps its comments and its order.
 * @module
 */

import { type KnownFailure, type KnownFailureStatus, parseKnownFailures } from './known-failures.ts';
import { type Renames, withPresentIds } from './renames.ts';

/** The result of a case without regard to the list; undefined if it was not run. */
export interface ListedResult {
  readonly id: string;
  readonly status: 'pass' | Exclude<KnownFailureStatus, 'unstable'> | undefined;
  /** Why it fails; empty if it does not. */
  readonly message: string;
}

/** The link of an added line, which a person has to replace. */
export const PLACEHOLDER = 'https://example.org/replace-this-link';

/** The updated list, and the number of lines that differ. */
export interface UpdatedList {
  readonly text: string;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/**
 * The list with a line for every failure in `results` and for nothing else. A line stays if no case that it matches was
 * run. Of a glob whose cases have different results, the ids of those that fail are left.
 */
export function updateKnownFailures(
  text: string,
  file: string,
  results: readonly ListedResult[],
  renames: Renames,
): UpdatedList {
  const known = withPresentIds(parseKnownFailures(text, file), renames).known;
  const byLine = new Map(known.map(entry => [entry.line, entry]));
  const covered = new Set<string>();
  const counts = { added: 0, changed: 0, removed: 0 };
  const lines = text.replace(/\n$/, '').split('\n');
  const kept = (text === '' ? [] : lines).flatMap((line, i) => {
    const entry = byLine.get(i + 1);
    if (entry === undefined) return [line];
    const matching = results.filter(({ id }) => entry.matches(id));
    const updated = updatedLines(line, entry, matching);
    for (const { id, status } of matching) if (status !== undefined && status !== 'pass') covered.add(id);
    if (updated.length === 0) counts.removed++;
    else if (updated.length > 1 || updated[0] !== line) counts.changed++;
    return updated;
  });
  for (const { id, status, message } of results) {
    if (status === undefined || status === 'pass' || covered.has(id)) continue;
    kept.push(`${id}  ${status}  ${PLACEHOLDER}  ${reasonOf(message)}`);
    counts.added++;
  }
  return { text: kept.length === 0 ? '' : `${kept.join('\n')}\n`, ...counts };
}

/** The lines in place of the one of `entry`. */
function updatedLines(line: string, entry: KnownFailure, matching: readonly ListedResult[]): string[] {
  if (matching.length === 0) return [];
  const { pattern, status } = entry;
  const ran = matching.filter(result => result.status !== undefined);
  const failed = ran.filter(result => result.status !== 'pass');
  // A case that passes in some runs may pass in this one.
  if (ran.length === 0 || status === 'unstable') return [changedLine(line, pattern, status)];
  if (failed.length === 0) return [];
  const statuses = new Set(ran.map(result => result.status));
  const [only] = statuses;
  if (statuses.size === 1 && only !== undefined) return [changedLine(line, pattern, only)];
  return failed.map(result => changedLine(line, result.id, result.status ?? status));
}

/** `line` with another pattern and status, and everything else as it was. */
function changedLine(line: string, pattern: string, status: string): string {
  return line.replace(/^(\s*)(\S+)(\s+)(\S+)/, (_, indent, _pattern, space) => {
    return `${indent}${pattern}${space}${status}`;
  });
}

function reasonOf(message: string): string {
  const line = message.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return line.length > 100 ? `${line.slice(0, 99)}…` : line || 'fails';
}
