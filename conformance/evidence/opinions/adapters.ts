/**
 * The implementations of composefs that have an adapter.
 * @module
 */

import { resolveImplementation } from '../../runner/known-implementations.ts';
import type { HelloMessage } from '../../runner/protocol/messages.ts';
import { AdapterSession, isFailure } from '../../runner/run/adapter-session.ts';
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
  const { command } = resolveImplementation(name);
  const session = new AdapterSession({ command, suiteVersion, timeoutMs: TIMEOUT_MS });
  const hello = await session.start();
  await session.end();
  if ('failure' in hello) return [{ name, missing: install }];
  const named = Object.entries(programs(hello));
  return [...new Set(named.map(([, program]) => program))].map(program => ({
    name: program,
    reads: ({ op, needs }) =>
      named.some(([operation, its]) => operation === op && its === program) &&
      needs.every(feature => hello.features.includes(feature)),
    ask: subjects => ask(new AdapterSession({ command, suiteVersion, timeoutMs: TIMEOUT_MS }), subjects),
  }));
}

async function ask(session: AdapterSession, subjects: readonly Subject[]): Promise<(Answer | undefined)[]> {
  const answers: (Answer | undefined)[] = [];
  for (const { test, copy } of subjects) {
    const { reply, work } = await session.request(test, copy);
    await work?.remove();
    // A crash, an error of the machine or a feature that is missing is not an opinion.
    if (isFailure(reply)) answers.push(undefined);
    else if (reply.status === 'ok') answers.push({ opinion: 'accepts' });
    else if (reply.status === 'rejected') answers.push({ opinion: 'rejects', stage: reply.stage });
    else answers.push(undefined);
  }
  await session.end();
  return answers;
}
