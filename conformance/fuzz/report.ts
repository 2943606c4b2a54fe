/**
 * What a run of the fuzzer says.
 * @module
 */

import { printDumpfile } from '../../reference/dumpfile/print.ts';
import type { Directory } from '../../reference/tree/inode.ts';
import type { Contested } from '../random/contested.ts';
import { names } from '../random/walk.ts';
import type { Found, Fuzzed } from './fuzz.ts';

/** Characters of a line of a tree that are shown. */
const MOST = 400;

/** The text of a run. `reproduce` is the command that compares one seed again. */
export function fuzzReport(
  { compared, same, known, found }: Fuzzed,
  points: readonly Contested[],
  reproduce: (seed: number) => string,
): string {
  const lines: string[] = [];
  for (const difference of found) lines.push(...foundLines(difference, reproduce), '');
  lines.push(
    `${compared} trees compared: ${same} the same, ${compared - same - found.length} differ as known`,
  );
  for (const { name, about, link, cases } of points) {
    const { trees, alone } = known.get(name) ?? { trees: 0, alone: 0 };
    if (trees === 0) continue;
    lines.push(`  ${name}: ${trees} trees, ${alone} of them with nothing else: ${about}`);
    lines.push(`    ${cases.join(', ')}  ${link}`);
  }
  lines.push(`${found.length} unknown differences${found.length === 0 ? '' : ', each shown above'}`);
  return `${lines.join('\n')}\n`;
}

function foundLines(
  { seed, names: before, tree, difference }: Found,
  reproduce: (seed: number) => string,
): string[] {
  const after = [...names(tree)].length;
  return [
    `DIFFERENCE in the tree of seed ${seed}, made small from ${before} names to ${after}:`,
    ...dumpfileLines(tree).map(line => `  | ${line}`),
    ...difference.split('\n').map(line => `  ${line}`),
    `  again: ${reproduce(seed)}`,
  ];
}

function dumpfileLines(tree: Directory): string[] {
  const text = Buffer.concat([...printDumpfile(tree)]).toString('latin1');
  return text
    .trimEnd()
    .split('\n')
    .map(line => (line.length <= MOST ? line : `${line.slice(0, MOST)}… (${line.length} characters)`));
}
