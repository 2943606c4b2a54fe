/**
 * Answers the requests of a conformance runner, one at a time.
 * @module
 */

import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { isRejection } from '../failure.ts';
import { write } from '../output.ts';
import { version } from '../version.ts';
import { features, operations } from './operations.ts';
import { type OperationAnswer, parseMessage, type RunRequest } from './protocol.ts';
import { ProtocolError } from './protocol-error.ts';
import { UnsupportedFeature } from './request.ts';

/** The version of the specification that this adapter implements. */
const specVersion = '1.0';

const hello = {
  type: 'hello',
  protocol: 1,
  implementation: { name: 'composefs-oci', version, language: 'TypeScript' },
  specVersions: [specVersion],
  operations: Object.keys(operations),
  features,
};

/**
 * Answers requests until `bye` or the end of `input`.
 *
 * @throws ProtocolError on a line that is not a message of the protocol.
 */
export async function serve(input: Readable, output: NodeJS.WritableStream): Promise<void> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) {
      const message = parseMessage(line);
      if (message === undefined) {
        throw new ProtocolError(`not a message of protocol version 1: ${JSON.stringify(line.slice(0, 200))}`);
      }
      switch (message.type) {
        case 'hello':
          await write(output, `${JSON.stringify(hello)}\n`);
          break;
        case 'run': {
          const answer = await answerTo(message);
          await write(output, `${JSON.stringify({ type: 'done', id: message.id, ...answer })}\n`);
          break;
        }
        case 'bye':
          return;
      }
    }
  } finally {
    lines.close();
    // An open stdin would keep the process alive.
    input.destroy();
  }
}

/** Runs an operation; every error becomes an answer. */
async function answerTo(request: RunRequest): Promise<OperationAnswer> {
  const operation = operations[request.op];
  if (operation === undefined) return { status: 'unsupported', feature: request.op };
  if (request.specVersion !== specVersion) {
    return { status: 'unsupported', feature: `spec.${request.specVersion}` };
  }
  try {
    return await operation(request);
  } catch (error) {
    if (isRejection(error)) {
      return { status: 'rejected', stage: error.stage, reason: error.code, message: error.message };
    }
    if (error instanceof UnsupportedFeature) return { status: 'unsupported', feature: error.feature };
    return { status: 'error', message: inspect(error) };
  }
}
