/**
 * `check-adapter`: talks to an adapter, prints what was said, and names every violation of the protocol.
 * @module
 */

import { join } from 'node:path';
import { Command } from 'commander';
import { type Case, operations } from '../../suite/case.ts';
import { needsOf } from '../../suite/classes.ts';
import { optionalFeatures } from '../../suite/features.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { caseFolder, readSuite, type Suite } from '../../suite/read-suite.ts';
import { resolveImplementation } from '../known-implementations.ts';
import { type HelloMessage, specVersion } from '../protocol/messages.ts';
import { Conversation } from '../run/conversation.ts';
import { createRunContext } from '../run/run-context.ts';
import type { WorkDirectories } from '../run/work-directory.ts';
import { undeclaredNeed } from '../select.ts';
import { print } from '../stdout.ts';
import { counted, exit, type Finish } from './command.ts';

const help = `
The adapter gets a hello, one request for each operation that it declares, and a bye; all of them have a member that it
does not know and has to ignore. Whether an answer is correct is not checked: the run does that.
In the transcript, > marks a line to the adapter, and < a line from it.

Exit code: 0 if the adapter follows the protocol, 1 if it does not or declares no operation, 3 if it does not say hello.`;

/** What the check found. */
export interface AdapterCheck {
  readonly transcript: readonly string[];
  readonly problems: readonly string[];
  /** What is allowed, but probably not meant. */
  readonly notes: readonly string[];
  readonly started: boolean;
}

/** The command. */
export function checkAdapterCommand(finish: Finish): Command {
  return new Command('check-adapter')
    .description('Check that an adapter follows the protocol, and print the transcript.')
    .requiredOption('--impl <command>', 'the adapter: a shell command, or a known name')
    .option('--json', 'print one JSON object')
    .addHelpText('after', help)
    .action(async ({ impl, json }: { impl: string; json?: true }) => {
      const { work, progress } = createRunContext(impl, false);
      progress.stop();
      const suite = readSuite(join(packageRoot, 'vectors'));
      const check = await checkAdapter(resolveImplementation(impl).command, suite, work);
      await print(json ? `${JSON.stringify(check)}\n` : checkText(check));
      const failed = check.problems.length > 0;
      finish(check.started ? (failed ? exit.failures : exit.ok) : exit.environment);
    });
}

/** Checks the adapter that `command` starts. */
export async function checkAdapter(
  command: readonly string[],
  suite: Suite,
  work: WorkDirectories,
): Promise<AdapterCheck> {
  const talk = new Conversation(command, suite.version);
  const hello = await talk.start();
  if (hello === undefined) return { ...talk.result, notes: [], started: false };
  const { problems, notes } = helloFindings(hello);
  talk.problems.push(...problems);
  for (const op of operations.filter(name => hello.operations.includes(name))) {
    const test = simplestCase(suite, op, hello);
    if (test === undefined) notes.push(`no case of ${op} can be run with the declared features`);
    else await talk.request(test, work.prepare(test, caseFolder(suite, test)));
  }
  await talk.end();
  return { ...talk.result, notes, started: true };
}

function helloFindings(hello: HelloMessage): { readonly problems: string[]; readonly notes: string[] } {
  const problems: string[] = [];
  if (hello.operations.length === 0) problems.push('hello declares no operation, so nothing can be tested');
  if (!hello.specVersions.includes(specVersion))
    problems.push(`hello declares specVersions ${hello.specVersions.join(', ')}, but not ${specVersion}`);
  const features = new Set([...optionalFeatures, ...Object.values(needsOf).flatMap(needs => needs.features)]);
  const notes = [
    ...hello.operations
      .filter(name => !operations.some(known => known === name))
      .map(name => `this suite has no operation ${name}`),
    ...hello.features.filter(name => !features.has(name)).map(name => `this suite has no feature ${name}`),
  ];
  return { problems, notes };
}

/** An ordinary accepted case of `op`, with as few needs as possible. */
function simplestCase(suite: Suite, op: string, hello: HelloMessage): Case | undefined {
  return suite.cases
    .filter(test => test.op === op && test.expect.outcome === 'accept')
    .filter(test => undeclaredNeed(test, hello) === undefined)
    .sort((a, b) => rank(a) - rank(b) || a.needs.length - b.needs.length || (a.id < b.id ? -1 : 1))[0];
}

function rank(test: Case): number {
  return test.class === 'BASIC' ? 0 : 1;
}

function checkText({ transcript, problems, notes }: AdapterCheck): string {
  return [
    ...transcript,
    '',
    ...notes.map(note => `note: ${note}`),
    ...problems.map(problem => `problem: ${problem}`),
    problems.length === 0 ? 'the adapter follows the protocol' : counted(problems.length, 'problem'),
    '',
  ].join('\n');
}
