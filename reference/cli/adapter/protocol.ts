/**
 * The messages of the adapter protocol, version 1, as the reference adapter reads and writes them.
 * @module
 */

import { Ajv } from 'ajv';
import type { Stage } from '../../errors.ts';

/** One layer of a request. */
export interface RequestLayer {
  readonly path: string;
  readonly mediaType: string;
}

/** A request to do one operation. */
export interface RunRequest {
  readonly type: 'run';
  readonly id: string;
  readonly op: string;
  readonly specVersion: string;
  /** Absolute paths of the inputs of the operation, by name. */
  readonly input: Readonly<Record<string, string | readonly RequestLayer[]>>;
  readonly params: Readonly<Record<string, string>>;
  /** The folder for the files of the answer. */
  readonly outDir: string;
}

/** A line from the runner. */
export type RunnerMessage =
  | { readonly type: 'hello'; readonly protocol: 1 }
  | RunRequest
  | { readonly type: 'bye' };

/** The answer to a request. `files` are relative to `outDir`. */
export type OperationAnswer =
  | {
      readonly status: 'ok';
      readonly values?: Readonly<Record<string, string>>;
      readonly files?: Readonly<Record<string, string>>;
    }
  | { readonly status: 'rejected'; readonly stage: Stage; readonly reason: string; readonly message: string }
  | { readonly status: 'unsupported'; readonly feature: string }
  | { readonly status: 'error'; readonly message: string };

const string = { type: 'string' };

const layer = {
  type: 'object',
  required: ['path', 'mediaType'],
  properties: { path: string, mediaType: string },
};

/** The schema of the messages of the runner. */
export const runnerMessage = {
  type: 'object',
  discriminator: { propertyName: 'type' },
  required: ['type'],
  oneOf: [
    { required: ['protocol'], properties: { type: { const: 'hello' }, protocol: { const: 1 } } },
    {
      required: ['id', 'op', 'specVersion', 'input', 'params', 'outDir'],
      properties: {
        type: { const: 'run' },
        id: string,
        op: string,
        specVersion: string,
        input: {
          type: 'object',
          additionalProperties: { anyOf: [string, { type: 'array', items: layer }] },
        },
        params: { type: 'object', additionalProperties: string },
        outDir: string,
      },
    },
    { properties: { type: { const: 'bye' } } },
  ],
};

// A test validates the schema; doing that at each start would take more time than compiling it.
const isRunnerMessage = new Ajv({ discriminator: true, validateSchema: false }).compile<RunnerMessage>(
  runnerMessage,
);

/** A line as a message, or undefined if it is not one. */
export function parseMessage(line: string): RunnerMessage | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRunnerMessage(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
