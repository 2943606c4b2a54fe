/**
 * The report of a run of the fuzzer.
 * @module
 */

import type { KnownDifference } from '../../generate/random-trees/known-differences.ts';
import type { Area, OtherImplementation } from './area.ts';
import type { FuzzResult, UnknownDifference } from './fuzz.ts';

/** The most characters that are shown of a line. */
const MAX_WIDTH = 400;

/** The text of the report. `reproduce` is the command that compares one seed again. */
export function fuzzReport<Subject, Other extends OtherImplementation>(
  area: Pick<Area<Subject, Other>, 'words' | 'size' | 'show' | 'summary'>,
  { compared, same, rejected, known, unknown }: FuzzResult<Subject>,
  knownTreeDifferences: readonly KnownDifference<Subject>[],
  reproduce: (seed: number) => string,
): string {
  const { many } = area.words;
  const lines: string[] = [];
  for (const difference of unknown) lines.push(...unknownLines(area, difference, reproduce), '');
  const knownCount = compared - same - unknown.length;
  lines.push(`${compared} ${many} compared: ${same} the same, ${knownCount} with known differences only`);
  if (rejected > 0) lines.push(`  ${rejected} of these are rejected by both`);
  for (const { name, about, link, cases } of knownTreeDifferences) {
    const { subjects, alone } = known.get(name) ?? { subjects: 0, alone: 0 };
    if (subjects === 0) continue;
    lines.push(`  ${name}: ${subjects} ${many}, ${alone} with no other known difference: ${about}`);
    lines.push(`    ${cases.join(', ')}  ${link}`);
  }
  lines.push(...(area.summary?.() ?? []).map(line => `  ${line}`));
  lines.push(`${unknown.length} unknown differences${unknown.length === 0 ? '' : ', each shown above'}`);
  return `${lines.join('\n')}\n`;
}

function unknownLines<Subject, Other extends OtherImplementation>(
  { words, size, show }: Pick<Area<Subject, Other>, 'words' | 'size' | 'show'>,
  { seed, parts, subject, difference }: UnknownDifference<Subject>,
  reproduce: (seed: number) => string,
): string[] {
  return [
    `DIFFERENCE in the ${words.one} of seed ${seed}, shrunk from ${parts} ${words.parts} to ${size(subject)}:`,
    ...show(subject).map(line => `  | ${shortened(line)}`),
    ...difference.split('\n').map(line => `  ${line}`),
    `  again: ${reproduce(seed)}`,
  ];
}

function shortened(line: string): string {
  return line.length <= MAX_WIDTH ? line : `${line.slice(0, MAX_WIDTH)}… (${line.length} characters)`;
}
