/**
 * The kill matrix, `mutants/*.txt`: for each requirement a change of the reference that breaks it, by its source text.
 * @module
 */

/** One replacement in a source file. */
export interface SourceEdit {
  /** The source file, relative to `reference/`. */
  readonly file: string;
  /** A text that the file contains exactly once. */
  readonly before: string;
  readonly after: string;
}

/** A change of the reference that breaks one requirement. */
export interface NamedMutant {
  readonly requirement: string;
  /** What the mutant does, as in "shares an attribute that only one inode has". */
  readonly name: string;
  /** More than one if the rule is enforced in several places. */
  readonly edits: readonly SourceEdit[];
}

/** A requirement that no change of the reference breaks. */
export interface WithoutMutant {
  readonly requirement: string;
  readonly reason: string;
}

/** The entries of the matrix. */
export interface KillMatrix {
  readonly mutants: readonly NamedMutant[];
  readonly without: readonly WithoutMutant[];
}

/** A file of the matrix does not have its format. */
export class MalformedMatrix extends Error {}

const WITHOUT = 'no mutant: ';

/** Reads one file of the matrix. `file` is its name in messages. Throws {@link MalformedMatrix}. */
export function parseMatrix(text: string, file: string): KillMatrix {
  const mutants: NamedMutant[] = [];
  const without: WithoutMutant[] = [];
  for (const { line, lines } of entriesOf(text)) {
    const fail = (problem: string): never => {
      throw new MalformedMatrix(`${file}:${line}: ${problem}`);
    };
    const [heading = '', ...rest] = lines;
    const [, requirement, name] = /^([A-Z]+-\d{3}) (\S.*)$/.exec(heading) ?? [];
    if (requirement === undefined || name === undefined) {
      return fail('an entry must begin with a requirement and what the mutant does');
    }
    if (name.startsWith(WITHOUT)) {
      if (rest.length > 0) fail('an entry without a mutant is one line');
      without.push({ requirement, reason: name.slice(WITHOUT.length) });
    } else {
      mutants.push({ requirement, name, edits: parseEdits(rest, fail) });
    }
  }
  return { mutants, without };
}

/** Paragraphs; lines that start with `#` are comments. A line of code is never empty: it starts with `-` or `+`. */
function entriesOf(text: string): { readonly line: number; readonly lines: string[] }[] {
  const found: { line: number; lines: string[] }[] = [];
  let isOpen = false;
  for (const [i, line] of text.split('\n').entries()) {
    if (line.startsWith('#')) continue;
    if (line === '') isOpen = false;
    else if (isOpen) found.at(-1)?.lines.push(line);
    else {
      found.push({ line: i + 1, lines: [line] });
      isOpen = true;
    }
  }
  return found;
}

function parseEdits(lines: readonly string[], fail: (problem: string) => never): SourceEdit[] {
  const edits: SourceEdit[] = [];
  let file: string | undefined;
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    if (/^\S+\.ts$/.test(line)) {
      file = line;
      at++;
      continue;
    }
    const removed = marked(lines, at, '-');
    const added = marked(lines, at + removed.length, '+');
    if (file === undefined || removed.length === 0 || added.length === 0) {
      fail('a file must follow, such as "tar/path.ts", and lines of code after "- " and "+ "');
    } else {
      edits.push({ file, before: removed.join('\n'), after: added.join('\n') });
    }
    at += removed.length + added.length;
  }
  return edits.length > 0 ? edits : fail('the change is missing');
}

/** The code of the lines from `at` that start with `mark`. */
function marked(lines: readonly string[], at: number, mark: string): string[] {
  const code: string[] = [];
  for (let i = at; lines[i] === mark || lines[i]?.startsWith(`${mark} `); i++) {
    code.push((lines[i] ?? '').slice(2));
  }
  return code;
}
