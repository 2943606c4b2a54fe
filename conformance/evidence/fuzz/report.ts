/**
 * What a run of the fuzzer says.
 * @module
 */

import type { KnownDifference } from '../../generate/random-trees/known-differences.ts';
import type { Area, Peer } from './area.ts';
import type { Found, Fuzzed } from './fuzz.ts';

/** Characters of a line that are shown. */
const MOST = 400;

/** The text of a run. `reproduce` is the command that compares one seed again. */
export function fuzzReport<Subject, P extends Peer>(
  area: Pick<Area<Subject, P>, 'words' | 'size' | 'show'>,
  { compared, same, refused, known, found }: Fuzzed<Subject>,
  points: readonly KnownDifference<Subject>[],
  reproduce: (seed: number) => string,
): string {
  const { many } = area.words;
  const lines: string[] = [];
  for (const difference of found) lines.push(...foundLines(area, difference, reproduce), '');
  lines.push(
    `${compared} ${many} compared: ${same} the same, ${compared - same - found.length} differ as known`,
  );
  if (refused > 0) lines.push(`  ${refused} of these are refused by both`);
  for (const { name, about, link, cases } of points) {
    const { subjects, alone } = known.get(name) ?? { subjects: 0, alone: 0 };
    if (subjects === 0) continue;
    lines.push(`  ${name}: ${subjects} ${many}, ${alone} of them with nothing else: ${about}`);
    lines.push(`    ${cases.join(', ')}  ${link}`);
  }
  lines.push(`${found.length} unknown differences${found.length === 0 ? '' : ', each shown above'}`);
  return `${lines.join('\n')}\n`;
}

function foundLines<Subject, P extends Peer>(
  { words, size, show }: Pick<Area<Subject, P>, 'words' | 'size' | 'show'>,
  { seed, parts, subject, difference }: Found<Subject>,
  reproduce: (seed: number) => string,
): string[] {
  return [
    `DIFFERENCE in the ${words.one} of seed ${seed}, made small from ${parts} ${words.parts} to ${size(subject)}:`,
    ...show(subject).map(line => `  | ${shown(line)}`),
    ...difference.split('\n').map(line => `  ${line}`),
    `  again: ${reproduce(seed)}`,
  ];
}

function shown(line: string): string {
  return line.length <= MOST ? line : `${line.slice(0, MOST)}… (${line.length} characters)`;
}
