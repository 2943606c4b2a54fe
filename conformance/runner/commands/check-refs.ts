/**
 * `check-refs`: finds the comments in sources that cite requirements, and those that cite an earlier text.
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Requirement } from '../../suite/requirements.ts';
import { systemErrorCode } from '../../suite/system-error.ts';
import { print } from '../stdout.ts';
import { counted, exit, type Finish, packageRequirements, UsageProblem } from './command.ts';

const help = `
Write a comment like this next to the code that satisfies a requirement, in any language:
  // composefs-oci EROFS-031 6187c90a
The last word is the hash of the text of the requirement; explain EROFS-031 prints it. When the text changes in a later
version, check-refs names the place, so that you can read the new text and update the code or the hash.

Folders called node_modules or with a name that starts with a dot are skipped, links are not followed, and files with
a byte of 0 are not searched.

Exit code: 0 if every citation is up to date, 1 if one is not, 4 if there is none.`;

/** A comment that cites a requirement. */
export interface Citation {
  readonly file: string;
  readonly line: number;
  readonly id: string;
  readonly hash: string;
}

/** The command. */
export function checkRefsCommand(finish: Finish): Command {
  return new Command('check-refs')
    .description(
      'Check comments of the form "composefs-oci EROFS-031 6187c90a" in the sources below a folder.',
    )
    .argument('<dir>', 'the folder with the sources, or one file')
    .addHelpText('after', help)
    .action(async (folder: string) => {
      const requirements = packageRequirements();
      if (requirements === undefined)
        throw new UsageProblem('spec/requirements.json of this package is missing');
      const citations = [...citationsBelow(folder)];
      const problems = citations.flatMap(citation => {
        const problem = problemOf(citation, requirements);
        return problem === undefined ? [] : [`${citation.file}:${citation.line}: ${problem}\n`];
      });
      const ids = new Set(citations.map(({ id }) => id)).size;
      const total = `${counted(citations.length, 'citation')} of ${counted(ids, 'requirement')}, ${problems.length} out of date\n`;
      await print([...problems, total].join(''));
      finish(citations.length === 0 ? exit.nothing : problems.length > 0 ? exit.failures : exit.ok);
    });
}

/** What is wrong with a citation; undefined if it is up to date. */
export function problemOf(
  { id, hash }: Citation,
  requirements: ReadonlyMap<string, Requirement>,
): string | undefined {
  const found = requirements.get(id);
  if (found === undefined) return `${id} does not exist or was withdrawn`;
  if (found.hash === hash) return undefined;
  return `${id} has a different text: read ${found.file}#${id}, then cite it as ${id} ${found.hash}`;
}

/** All citations in the files below `path`. */
export function* citationsBelow(path: string): Generator<Citation> {
  for (const file of filesBelow(path)) yield* citationsIn(readFileSync(file), file);
}

function* citationsIn(bytes: Buffer, file: string): Generator<Citation> {
  if (bytes.includes(0)) return;
  for (const [i, line] of bytes.toString('latin1').split('\n').entries()) {
    for (const [, id = '', hash = ''] of line.matchAll(
      /\bcomposefs-oci\s+([A-Z]+-\d{3,})\s+([0-9a-f]{8})\b/g,
    ))
      yield { file, line: i + 1, id, hash };
  }
}

function* filesBelow(path: string): Generator<string> {
  let entries: ReturnType<typeof entriesOf>;
  try {
    entries = entriesOf(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOTDIR') return yield path;
    throw new UsageProblem(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    if (entry.isDirectory()) yield* filesBelow(join(path, entry.name));
    else if (entry.isFile()) yield join(path, entry.name);
  }
}

function entriesOf(path: string) {
  return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
}
