/**
 * `--xfail` and `--update-xfail`: the file with the list of known failures.
 * @module
 */

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KnownFailuresError, parseKnownFailures } from '../suite/known-failures.ts';
import { packageRoot } from '../suite/package-root.ts';
import { readRenames, withPresentIds } from '../suite/renames.ts';
import { type ListedResult, PLACEHOLDER, updateKnownFailures } from '../suite/update-known-failures.ts';
import type { CommandLine } from './command-line.ts';
import { UsageProblem } from './commands/command.ts';
import type { ReportEvent } from './report/events.ts';
import type { RunOptions } from './run/run-suite.ts';

/** The list of known failures, with present ids in place of former ones. */
export function xfailList(
  { xfail, vectors, updateXfail: update }: CommandLine,
  ofImplementation: string | undefined,
): RunOptions['xfail'] {
  const path = xfail ?? ofImplementation;
  if (path === undefined && update)
    throw new UsageProblem('--update-xfail needs --xfail, the list to bring up to date');
  if (path === undefined) return undefined;
  // A list that is to be made is empty before.
  if (update && !existsSync(path)) return { path, known: [] };
  const renames = readRenames(vectors ?? join(packageRoot, 'vectors'));
  const { known, notes } = withPresentIds(parseKnownFailures(readList(path), path), renames);
  for (const note of notes) console.error(note);
  return { path, known };
}

function readList(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new KnownFailuresError(
      `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Brings the list of known failures up to date with the run, and prints what changed. */
export function updateXfail(
  path: string,
  events: readonly ReportEvent[],
  vectors = join(packageRoot, 'vectors'),
): void {
  const results = events
    .filter(event => event.event === 'case')
    .map(
      ({ id, status, failure }): ListedResult => ({
        id,
        status: status === 'filtered' ? undefined : (failure?.status ?? 'pass'),
        message: failure?.message ?? '',
      }),
    );
  const before = existsSync(path) ? readList(path) : '';
  const { text, added, changed, removed } = updateKnownFailures(before, path, results, readRenames(vectors));
  if (text !== before) {
    writeFileSync(`${path}.part`, text, { flag: 'wx' });
    renameSync(`${path}.part`, path);
  }
  console.error(`${path}: ${added} lines added, ${changed} changed, ${removed} removed`);
  if (added > 0) console.error(`replace ${PLACEHOLDER} in the added lines by links to your issues`);
}
