/**
 * The adapter protocol, version 1, as `conformance/schema/message.schema.json` states it.
 * @module
 */

import { schemaCheck } from '../../suite/json-schema.ts';

/** The version of the specification that the runner asks about. */
export const specVersion = '1.0';

/** Absolute paths of one request, by the names of the operation's inputs. */
export type RunInput = Readonly<
  Record<string, string | readonly { readonly path: string; readonly mediaType: string }[]>
>;

/** One request. */
export interface RunMessage {
  readonly type: 'run';
  /** Random: it says nothing about the case. */
  readonly id: string;
  readonly op: string;
  readonly specVersion: string;
  readonly input: RunInput;
  readonly params: Readonly<Record<string, string>>;
  readonly outDir: string;
  readonly timeoutMs: number;
}

/** What the runner writes. */
export type FromRunner =
  | { readonly type: 'hello'; readonly protocol: 1; readonly suite: string }
  | RunMessage
  | { readonly type: 'bye' };

/** Who answers. */
export interface ImplementationName {
  readonly name: string;
  readonly version: string;
  readonly language?: string;
  readonly url?: string;
}

/** What an adapter declares of itself. */
export interface Hello {
  readonly type: 'hello';
  readonly protocol: 1;
  readonly implementation: ImplementationName;
  readonly specVersions: readonly string[];
  readonly operations: readonly string[];
  readonly features: readonly string[];
  /** Processes at the same time; no limit when absent. */
  readonly concurrency?: number;
}

/** One answer. */
export type Done = { readonly type: 'done'; readonly id: string } & (
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

/** What an adapter writes. */
export type FromAdapter = Hello | Done;

const checkFromRunner = schemaCheck('conformance/schema/message.schema.json', 'fromRunner');
const checkFromAdapter = schemaCheck('conformance/schema/message.schema.json', 'fromAdapter');

/** `message` as a line, newline included. Throws an Error where it does not satisfy the schema: a bug of ours. */
export function line(message: FromRunner): string {
  const problem = checkFromRunner(message);
  if (problem !== undefined) throw new Error(`the runner would break the protocol: ${problem}`);
  return `${JSON.stringify(message)}\n`;
}

/** One line of an adapter, read, or what is wrong with it. */
export function readLine(text: string): { readonly message: FromAdapter } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: `a line on stdout is not JSON: ${shortened(text)}` };
  }
  const problem = checkFromAdapter(value);
  if (problem !== undefined) return { problem: `${problem}: ${shortened(text)}` };
  return { message: value as FromAdapter };
}

function shortened(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.length <= 160 ? quoted : `${quoted.slice(0, 160)}…`;
}
