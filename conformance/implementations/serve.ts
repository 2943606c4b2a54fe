/**
 * The adapter's side of the protocol of `conformance/README.md`: a hello, and one answer to each request.
 * @module
 */

import { createInterface } from 'node:readline';
import type { DoneMessage, HelloMessage, RunMessage, RunnerMessage } from '../runner/protocol/messages.ts';

/** The answer to a request, without the members `type` and `id` that every answer has. */
export type OperationOutcome = DoneMessage extends infer D
  ? D extends DoneMessage
    ? Omit<D, 'type' | 'id'>
    : never
  : never;

/** What an adapter implements. If an operation throws an Error, the answer is an error. */
export interface Adapter {
  readonly hello: () => HelloMessage;
  readonly operations: Readonly<Record<string, (request: RunMessage) => Promise<OperationOutcome>>>;
}

/** Answers the messages on stdin until the bye, or until stdin ends. */
export async function serve({ hello, operations }: Adapter): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const message: RunnerMessage = JSON.parse(line);
    if (message.type === 'bye') break;
    if (message.type === 'hello') send(hello());
    else send({ type: 'done', id: message.id, ...(await runOperation(message, operations[message.op])) });
  }
}

/** The path of an input of a request. */
export function inputPath({ input }: RunMessage, name: string): string {
  const path = input[name];
  if (typeof path !== 'string') throw new Error(`the request has no input "${name}"`);
  return path;
}

async function runOperation(
  request: RunMessage,
  operation: ((request: RunMessage) => Promise<OperationOutcome>) | undefined,
): Promise<OperationOutcome> {
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
