/**
 * The messages of the adapter protocol, version 1, defined by `conformance/schema/message.schema.json`.
 * @module
 */

import { schemaCheck } from '../../suite/json-schema.ts';

/** The version of the specification that the runner tests. */
export const specVersion = '1.0';

/** The inputs of one request by name, as absolute paths. */
export type RunInput = Readonly<
  Record<string, string | readonly { readonly path: string; readonly mediaType: string }[]>
>;

/** One request. */
export interface RunMessage {
  readonly type: 'run';
  /** Random, so that it does not identify the case. */
  readonly id: string;
  readonly op: string;
  readonly specVersion: string;
  readonly input: RunInput;
  readonly params: Readonly<Record<string, string>>;
  readonly outDir: string;
  readonly timeoutMs: number;
}

/** A message from the runner to the adapter. */
export type RunnerMessage =
  | { readonly type: 'hello'; readonly protocol: 1; readonly suite: string }
  | RunMessage
  | { readonly type: 'bye' };

/** The name of the implementation under test. */
export interface ImplementationName {
  readonly name: string;
  readonly version: string;
  readonly language?: string;
  readonly url?: string;
}

/** The first message from an adapter: what it declares to support. */
export interface HelloMessage {
  readonly type: 'hello';
  readonly protocol: 1;
  readonly implementation: ImplementationName;
  readonly specVersions: readonly string[];
  readonly operations: readonly string[];
  readonly features: readonly string[];
  /** The maximum number of processes at a time; absent if there is no limit. */
  readonly concurrency?: number;
}

/** The answer to one request. */
export type DoneMessage = { readonly type: 'done'; readonly id: string } & (
  | {
      readonly status: 'ok';
      readonly values?: Readonly<Record<string, string>>;
      /** Paths relative to `outDir`. */
      readonly files?: Readonly<Record<string, string>>;
    }
  | {
      readonly status: 'rejected';
      readonly stage: string;
      readonly reason?: string;
      readonly message?: string;
    }
  | { readonly status: 'unsupported'; readonly feature: string }
  | { readonly status: 'error'; readonly message: string }
);

/** A message from the adapter to the runner. */
export type AdapterMessage = HelloMessage | DoneMessage;

const checkRunnerMessage = schemaCheck('conformance/schema/message.schema.json', 'fromRunner');
const checkAdapterMessage = schemaCheck('conformance/schema/message.schema.json', 'fromAdapter');

/** `message` as a line with its newline. Throws an Error if it violates the schema, which is a bug in the runner. */
export function messageLine(message: RunnerMessage): string {
  const problem = checkRunnerMessage(message);
  if (problem !== undefined) throw new Error(`bug: the runner would violate the protocol: ${problem}`);
  return `${JSON.stringify(message)}\n`;
}

/** Parses one line of an adapter. */
export function parseAdapterLine(
  text: string,
): { readonly message: AdapterMessage } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: `a line on stdout is not JSON: ${shortened(text)}` };
  }
  const problem = checkAdapterMessage(value);
  if (problem !== undefined) return { problem: `${problem}: ${shortened(text)}` };
  return { message: value as AdapterMessage };
}

function shortened(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.length <= 160 ? quoted : `${quoted.slice(0, 160)}…`;
}
