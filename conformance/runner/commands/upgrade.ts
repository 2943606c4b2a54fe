/**
 * `upgrade`: what an implementation has to look at again after a new version of the standard.
 * @module
 */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Case } from '../../suite/case.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { type Requirement, readRequirements } from '../../suite/requirements.ts';
import { runnerCommand } from '../../suite/runner-command.ts';
import { print } from '../stdout.ts';
import { counted, exit, type Finish, packageRequirements, UsageProblem } from './command.ts';

const help = `
--from names the earlier version: the folder of that package, or its spec/requirements.json. With npm:
  npm pack composefs-oci-conformance@0.1.0 && tar -xf composefs-oci-conformance-0.1.0.tgz
  ${runnerCommand} upgrade --from package

A requirement is changed if the hash of its text is different. The last line is the command that runs the cases again.`;

/** The requirements that differ between two versions, each list in order of id. */
export interface Upgrade {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly withdrawn: readonly string[];
  /** The cases that cite one of the added and changed requirements. */
  readonly cases: readonly string[];
}

/** The command. */
export function upgradeCommand(finish: Finish): Command {
  return new Command('upgrade')
    .description('List the requirements that changed since an earlier version, and the cases to run again.')
    .requiredOption('--from <package>', 'the folder of the earlier package, or its spec/requirements.json')
    .option('--json', 'print one JSON object')
    .addHelpText('after', help)
    .action(async ({ from, json }: { from: string; json?: true }) => {
      const now = packageRequirements();
      if (now === undefined) throw new UsageProblem('spec/requirements.json of this package is missing');
      const suite = readSuite(join(packageRoot, 'vectors'));
      const upgrade = upgradeOf(earlierRequirements(from), now, suite.cases);
      await print(json ? `${JSON.stringify(upgrade)}\n` : upgradeText(upgrade, now));
      finish(exit.ok);
    });
}

/** What changed from the requirements `before` to those of `now`. */
export function upgradeOf(
  before: ReadonlyMap<string, Requirement>,
  now: ReadonlyMap<string, Requirement>,
  cases: readonly Pick<Case, 'id' | 'requirements'>[],
): Upgrade {
  const added = [...now.keys()].filter(id => !before.has(id)).sort();
  const withdrawn = [...before.keys()].filter(id => !now.has(id)).sort();
  const changed = [...now.values()]
    .filter(({ id, hash }) => before.has(id) && before.get(id)?.hash !== hash)
    .map(({ id }) => id)
    .sort();
  const different = new Set([...added, ...changed]);
  const again = cases.filter(({ requirements }) => requirements.some(id => different.has(id)));
  return { added, changed, withdrawn, cases: again.map(({ id }) => id).sort() };
}

function earlierRequirements(from: string): ReadonlyMap<string, Requirement> {
  const path = statSync(from, { throwIfNoEntry: false })?.isDirectory()
    ? join(from, 'spec/requirements.json')
    : from;
  const found = existsSync(path) ? readRequirements(path) : undefined;
  if (found === undefined)
    throw new UsageProblem(`--from ${from}: ${path} does not exist; --help shows how to get it`);
  return found;
}

function upgradeText(
  { added, changed, withdrawn, cases }: Upgrade,
  now: ReadonlyMap<string, Requirement>,
): string {
  const list = (title: string, ids: readonly string[]) =>
    ids.length === 0 ? [] : [`${title}:`, ...ids.map(id => `  ${id} ${now.get(id)?.hash ?? ''}`.trimEnd())];
  const ids = [...added, ...changed];
  return `${[
    ...list('added', added),
    ...list('changed', changed),
    ...list('withdrawn', withdrawn),
    `${counted(ids.length, 'requirement')} added or changed, ${withdrawn.length} withdrawn, ${counted(cases.length, 'case')} to run again`,
    ...(cases.length === 0 ? [] : [`${runnerCommand} ${ids.map(id => `--req ${id}`).join(' ')}`]),
  ].join('\n')}\n`;
}
