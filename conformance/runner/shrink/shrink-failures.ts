/**
 * `--shrink`: after a run, shrinks the first failure of each cause.
 * @module
 */

import { casesByCause } from '../report/causes.ts';
import type { CaseEvent } from '../report/events.ts';
import { AdapterSession } from '../run/adapter-session.ts';
import type { RunOptions } from '../run/run-suite.ts';
import { shrinkCase } from './shrink-case.ts';
import { type Shrunk, shrunkId, writeVectors } from './write-vectors.ts';

/** Causes that are shrunk. */
const CAUSES_MAX = 10;

/** Shrinks failures into `folder`, and returns a line about each. `reference` is the command of the reference. */
export async function shrinkFailures(
  folder: string,
  events: readonly CaseEvent[],
  reference: readonly string[],
  { suite, command, timeoutMs, work }: Pick<RunOptions, 'suite' | 'command' | 'timeoutMs' | 'work'>,
): Promise<string[]> {
  const session = (of: readonly string[]) =>
    new AdapterSession({ command: of, timeoutMs, suiteVersion: suite.version });
  const sessions = { reference: session(reference), implementation: session(command), work };
  const lines: string[] = [];
  const shrunk: Shrunk[] = [];
  const failures = casesByCause(events).filter(([{ status }]) =>
    ['fail', 'crash', 'timeout'].includes(status),
  );
  for (const [{ id }] of failures.slice(0, CAUSES_MAX)) {
    const test = suite.cases.find(each => each.id === id);
    if (test === undefined) continue;
    const found = await shrinkCase(test, suite, sessions);
    if (typeof found === 'string') {
      lines.push(`${id}: not shrunk: ${found}`);
    } else {
      shrunk.push({ test, shrunk: found });
      lines.push(`${id}: shrunk from ${found.sizes[0]} to ${found.sizes[1]} bytes: ${shrunkId(id)}`);
    }
  }
  await Promise.all([sessions.reference.end(), sessions.implementation.end()]);
  const more = failures.length - CAUSES_MAX;
  if (more > 0) lines.push(`${more} more causes: fix these first`);
  if (shrunk.length > 0) {
    writeVectors(folder, shrunk, suite);
    lines.push(`run them with --vectors ${folder}`);
  }
  return lines;
}
