/**
 * The first difference between two lists of lines, such as the findings in a store.
 * @module
 */

import type { Difference } from './difference.ts';

/** The first line of two lists that differs; undefined if none does. */
export function listDifference(name: string, expected: Uint8Array, got: Uint8Array): Difference | undefined {
  const [wanted, found] = [linesOf(expected), linesOf(got)];
  const at = [...(wanted.length > found.length ? wanted : found)].findIndex((_, i) => wanted[i] !== found[i]);
  if (at < 0) return undefined;
  return { name, where: `line ${at + 1}`, field: '', expected: shown(wanted[at]), got: shown(found[at]) };
}

function linesOf(bytes: Uint8Array): string[] {
  return (
    Buffer.from(bytes)
      .toString('latin1')
      .match(/[^\n]*\n|[^\n]+$/g) ?? []
  );
}

function shown(line: string | undefined): string {
  return line === undefined ? 'no line' : JSON.stringify(line.slice(0, 300));
}
