/**
 * The lists of mutants that may survive, in `equivalents/`: changes by their source text, and whole modules and
 * functions, with reasons. Each folder of the reference has a list of its own.
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NamedChange, nameOf } from './mutants.ts';

/** An entry of a list. */
interface Entry {
  readonly reason: string;
  /** The file and the line where it begins, such as `oci.txt:12`. */
  readonly place: string;
}

/** A change that makes no difference to any case. */
export interface Equivalent extends NamedChange, Entry {}

/** A module, or a function with everything in it, that decides no case, whatever is changed there. */
export interface UndecidedCode extends Entry {
  readonly module: string;
  /** Absent for a whole module. */
  readonly within?: string;
}

/** The entries of the lists. */
export interface EquivalentList {
  readonly changes: readonly Equivalent[];
  readonly code: readonly UndecidedCode[];
}

/** A list does not have its format. */
export class MalformedList extends Error {}

/** The name of the top of a module in a list. */
const TOP = '(top)';

/** The list with the modules that are in no folder. */
const ROOT_LIST = 'root.txt';

/** Reads all lists in `folder`. Throws {@link MalformedList}. */
export function readEquivalents(folder: string): EquivalentList {
  const lists = readdirSync(folder)
    .sort()
    .map(file => {
      const list = parseEquivalents(readFileSync(join(folder, file), 'utf8'), file);
      for (const { module, place } of [...list.changes, ...list.code]) {
        const expected = module.includes('/') ? `${module.split('/')[0]}.txt` : ROOT_LIST;
        if (file !== expected) throw new MalformedList(`${place}: the list of ${module} is ${expected}`);
      }
      return list;
    });
  return { changes: lists.flatMap(({ changes }) => changes), code: lists.flatMap(({ code }) => code) };
}

/** Reads the list with the name `file`. Throws {@link MalformedList}. */
export function parseEquivalents(text: string, file: string): EquivalentList {
  const changes: Equivalent[] = [];
  const code: UndecidedCode[] = [];
  const names = new Set<string>();
  for (const [line, lines] of paragraphs(text)) {
    const place = `${file}:${line}`;
    const [, module, within] = /^(\S+\.js)(?: (\S+))? \*$/.exec(lines[0] ?? '') ?? [];
    if (module !== undefined) {
      const reason = parseReason(lines.slice(1), place);
      code.push({ module, ...(within !== undefined && { within }), reason, place });
      continue;
    }
    const entry = parseEntry(lines, place);
    if (names.has(nameOf(entry))) {
      throw new MalformedList(`${place}: the change is in the list already`);
    }
    names.add(nameOf(entry));
    changes.push(entry);
  }
  return { changes, code };
}

/** Finds the entry for a change. */
export function entryFinder({
  changes,
  code,
}: EquivalentList): (change: NamedChange) => Equivalent | UndecidedCode | undefined {
  const byName = new Map(changes.map(entry => [nameOf(entry), entry]));
  return change => byName.get(nameOf(change)) ?? code.find(entry => isIn(change, entry));
}

/** Whether a change is in the module or function of an entry. */
export function isIn(
  change: Pick<NamedChange, 'module' | 'within'>,
  { module, within }: UndecidedCode,
): boolean {
  if (change.module !== module) return false;
  return within === undefined || change.within === within || change.within.startsWith(`${within}.`);
}

/** A change as an entry of a list, without a reason. */
export function entryText({ module, within, before, after, occurrence }: NamedChange): string {
  const code = [module, within || TOP, ...(occurrence === 1 ? [] : [`#${occurrence}`])].join(' ');
  return `${code}\n- ${before}\n+ ${after}\n`;
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

function parseEntry(lines: readonly string[], place: string): Equivalent {
  const [code = '', before = '', after = '', ...reason] = lines;
  const [, module, within, occurrence = '1'] = /^(\S+\.js) (\S+)(?: #([1-9]\d*))?$/.exec(code) ?? [];
  const problem =
    module === undefined || within === undefined
      ? 'the first line must be a module and a function, as in "tar/path.js parsePath"'
      : !before.startsWith('- ') || !after.startsWith('+ ')
        ? 'the second line must begin with "- " and the third with "+ "'
        : undefined;
  if (problem !== undefined || module === undefined || within === undefined) {
    throw new MalformedList(`${place}: ${problem}`);
  }
  return {
    module,
    within: within === TOP ? '' : within,
    before: before.slice(2),
    after: after.slice(2),
    occurrence: Number(occurrence),
    reason: parseReason(reason, place),
    place,
  };
}

function parseReason(lines: readonly string[], place: string): string {
  if (lines.length === 0 || !lines.every(line => /^ {2}\S/.test(line))) {
    throw new MalformedList(`${place}: a reason must follow, in lines that begin with two spaces`);
  }
  return lines.map(line => line.trim()).join(' ');
}
