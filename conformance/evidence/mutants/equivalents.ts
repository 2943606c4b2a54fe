/**
 * The list of mutants that may survive, `equivalents.txt`: each is a change by its source text, with a reason.
 * @module
 */

import { type NamedChange, nameOf } from './mutants.ts';

/** An entry of the list. */
export interface Equivalent extends NamedChange {
  readonly reason: string;
  /** Its first line in the list. */
  readonly lineInList: number;
}

/** The list does not have its format. */
export class MalformedList extends Error {}

/** The name of the top of a module in the list. */
const TOP = '(top)';

/** Reads the list. Throws {@link MalformedList}. */
export function parseEquivalents(text: string): Equivalent[] {
  const entries: Equivalent[] = [];
  const names = new Set<string>();
  for (const [lineInList, lines] of paragraphs(text)) {
    const entry = parseEntry(lines, lineInList);
    if (names.has(nameOf(entry))) {
      throw new MalformedList(`line ${lineInList}: the change is in the list already`);
    }
    names.add(nameOf(entry));
    entries.push(entry);
  }
  return entries;
}

/** A change as an entry of the list, without a reason. */
export function entryText({ module, within, before, after, occurrence }: NamedChange): string {
  const place = [module, within || TOP, ...(occurrence === 1 ? [] : [`#${occurrence}`])].join(' ');
  return `${place}\n- ${before}\n+ ${after}\n`;
}

/** Paragraphs without comments, by the number of their first line. */
function paragraphs(text: string): Map<number, string[]> {
  const found = new Map<number, string[]>();
  let current: string[] | undefined;
  for (const [i, line] of text.split('\n').entries()) {
    if (line.startsWith('#')) continue;
    if (line.trim() === '') {
      current = undefined;
    } else if (current === undefined) {
      current = [line];
      found.set(i + 1, current);
    } else {
      current.push(line);
    }
  }
  return found;
}

function parseEntry(lines: readonly string[], lineInList: number): Equivalent {
  const [place = '', before = '', after = '', ...reason] = lines;
  const [, module, within, occurrence = '1'] = /^(\S+\.js) (\S+)(?: #([1-9]\d*))?$/.exec(place) ?? [];
  const problem =
    module === undefined || within === undefined
      ? 'the first line must be a module and a function, as in "tar/path.js parsePath"'
      : !before.startsWith('- ') || !after.startsWith('+ ')
        ? 'the second line must begin with "- " and the third with "+ "'
        : reason.length === 0 || !reason.every(line => /^ {2}\S/.test(line))
          ? 'a reason must follow, in lines that begin with two spaces'
          : undefined;
  if (problem !== undefined || module === undefined || within === undefined) {
    throw new MalformedList(`line ${lineInList}: ${problem}`);
  }
  return {
    module,
    within: within === TOP ? '' : within,
    before: before.slice(2),
    after: after.slice(2),
    occurrence: Number(occurrence),
    reason: reason.map(line => line.trim()).join(' '),
    lineInList,
  };
}
