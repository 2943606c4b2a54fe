/**
 * The first difference between two lists of lines, such as the findings in a store.
 * @module
 */

import type { ComparedFiles, Difference } from './difference.ts';

/** The first line that differs in the list `got`, the beginning of a list of `size` bytes. */
export function listDifference({ name, expected, got, size }: ComparedFiles): Difference {
  const [wanted, found] = [linesOf(expected), linesOf(got)];
  const at = wanted.findIndex((line, i) => line !== found[i]);
  if (at < 0) {
    const more = size - expected.length;
    return {
      name,
      where: `line ${wanted.length + 1}`,
      field: '',
      expected: 'the end',
      got: `${more} more bytes`,
    };
  }
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
