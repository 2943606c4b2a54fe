/**
 * The protocol of `conformance/README.md` as an adapter speaks it: a hello, and one answer to each request.
 * @module
 */

import { createInterface } from 'node:readline';
import type { DoneMessage, HelloMessage, RunMessage, RunnerMessage } from '../runner/protocol/messages.ts';

/** The answer to a request, without what every answer has. */
export type Outcome = DoneMessage extends infer D
  ? D extends DoneMessage
    ? Omit<D, 'type' | 'id'>
    : never
  : never;

/** What an adapter does. An Error that an operation throws is answered as one. */
export interface Adapter {
  readonly hello: () => HelloMessage;
  readonly operations: Readonly<Record<string, (request: RunMessage) => Promise<Outcome>>>;
}

/** Answers what comes on stdin until bye, or until it ends. */
export async function serve({ hello, operations }: Adapter): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const message: RunnerMessage = JSON.parse(line);
    if (message.type === 'bye') break;
    if (message.type === 'hello') send(hello());
    else send({ type: 'done', id: message.id, ...(await answer(message, operations[message.op])) });
  }
}

/** Where an input of a request is. */
export function inputPath({ input }: RunMessage, name: string): string {
  const path = input[name];
  if (typeof path !== 'string') throw new Error(`the request has no input "${name}"`);
  return path;
}

async function answer(
  request: RunMessage,
  operation: ((request: RunMessage) => Promise<Outcome>) | undefined,
): Promise<Outcome> {
  if (operation === undefined) return { status: 'error', message: `${request.op} was not declared` };
  try {
    return await operation(request);
  } catch (error) {
    return { status: 'error', message: error instanceof Error ? error.message : String(error) };
  }
}

function send(message: HelloMessage | DoneMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
