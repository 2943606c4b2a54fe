/**
 * The process that runs requests on the copy of the reference. Its argument is the folder of the copy; stdin has one
 * {@link Probe} on each line, and stdout one {@link ProbeResult}.
 * @module
 */

import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { RunInput } from '../../runner/protocol/messages.ts';

/** A request, and the number of the `throw` statement to switch off. */
export interface Probe {
  readonly op: string;
  readonly input: RunInput;
  readonly params: Readonly<Record<string, string>>;
  readonly outDir: string;
  readonly off: number | null;
}

/** How the request ended: with a result, with a rejection, or with another error. */
export type ProbeResult =
  | { readonly kind: 'accepted' }
  /** `by` is the number of the statement that threw it. */
  | { readonly kind: 'rejected'; readonly by: number | null; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

type Operations = Readonly<Record<string, (request: unknown) => Promise<unknown>>>;
type ErrorClass = new (...args: never[]) => Error & { readonly code: string; readonly detail: string };

/** What the statements of the copy call. */
class SingleDefect {
  off: number | null = null;
  errors: { readonly number: number; readonly error: unknown }[] = [];

  /** Whether the statement is to throw. */
  thrown(number: number, error: unknown): boolean {
    if (number === this.off) return false;
    this.errors.push({ number, error });
    return true;
  }
}

const singleDefect = new SingleDefect();
Object.assign(globalThis, { singleDefect });
const [, , folder = ''] = process.argv;
const load = (path: string) => import(pathToFileURL(join(folder, path)).href);
const { operations }: { operations: Operations } = await load('cli/adapter/operations.js');
const { ComposefsError }: { ComposefsError: ErrorClass } = await load('errors.js');

async function run({ op, off, ...request }: Probe): Promise<ProbeResult> {
  singleDefect.off = off;
  singleDefect.errors = [];
  try {
    await operations[op]?.({ type: 'run', id: '', specVersion: '1.0', op, ...request });
    return { kind: 'accepted' };
  } catch (error) {
    if (!(error instanceof ComposefsError)) {
      return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
    // Outer steps throw the error again, or a new one with a more complete location.
    const first = singleDefect.errors.find(
      ({ error: inner }) =>
        inner instanceof ComposefsError && inner.code === error.code && inner.detail === error.detail,
    );
    return { kind: 'rejected', by: first?.number ?? null, message: error.message };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(line)))}\n`);
}
