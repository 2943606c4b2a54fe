/**
 * The implementations of composefs that have an adapter.
 * @module
 */

import { readFileSync } from 'node:fs';
import { resolveImplementation } from '../../runner/known-implementations.ts';
import type { HelloMessage } from '../../runner/protocol/messages.ts';
import { AdapterSession, isFailure } from '../../runner/run/adapter-session.ts';
import { parseKnownFailures } from '../../suite/known-failures.ts';
import type { Answer, MissingWitness, Subject, Witness } from './witness.ts';

const TIMEOUT_MS = 30_000;

/** How to call the program behind each operation of an adapter; operations that are left out are not asked. */
type ProgramNames = (hello: HelloMessage) => Readonly<Record<string, string>>;

/** The programs behind the adapter with the known name `name`, or that it does not start. */
export async function adapterWitnesses(
  name: string,
  suiteVersion: string,
  programs: ProgramNames,
  install: string,
): Promise<readonly (Witness | MissingWitness)[]> {
  const { command, xfail } = resolveImplementation(name);
  const session = new AdapterSession({ command, suiteVersion, timeoutMs: TIMEOUT_MS });
  const hello = await session.start();
  await session.end();
  if ('failure' in hello) return [{ name, missing: install }];
  const named = Object.entries(programs(hello));
  const known = xfail === undefined ? [] : parseKnownFailures(readFileSync(xfail, 'utf8'), xfail);
  // A program that answers now one thing and now another has no opinion.
  const unstable = known.filter(({ status }) => status === 'unstable');
  return [...new Set(named.map(([, program]) => program))].map(program => ({
    name: program,
    reads: ({ id, op, needs }) =>
      !unstable.some(({ matches }) => matches(id)) &&
      named.some(([operation, its]) => operation === op && its === program) &&
      needs.every(feature => hello.features.includes(feature)),
    ask: subjects => ask(new AdapterSession({ command, suiteVersion, timeoutMs: TIMEOUT_MS }), subjects),
  }));
}

async function ask(session: AdapterSession, subjects: readonly Subject[]): Promise<(Answer | undefined)[]> {
  const answers: (Answer | undefined)[] = [];
  for (const { test, copy } of subjects) {
    const { reply, work } = await session.request(test, copy);
    work?.remove();
    // A crash, an error of the machine or a feature that is missing is not an opinion.
    if (isFailure(reply)) answers.push(undefined);
    else if (reply.status === 'ok') answers.push({ opinion: 'accepts' });
    else if (reply.status === 'rejected') answers.push({ opinion: 'rejects', stage: reply.stage });
    else answers.push(undefined);
  }
  await session.end();
  return answers;
}
