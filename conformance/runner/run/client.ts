/**
 * A client of an implementation, for requests outside of the cases.
 * @module
 */

import { readAnswerFile } from '../compare/answer-file.ts';
import { limits } from '../limits.ts';
import { type HelloMessage, specVersion } from '../protocol/messages.ts';
import { AdapterSession, isFailure, type RequestedOperation } from './adapter-session.ts';
import type { InputBytes } from './input-files.ts';
import { CouldNotStart, specVersionText, startText } from './run-suite.ts';
import type { WorkDirectories } from './work-directory.ts';

/** How to start the adapter. */
export interface ClientOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** The maximum number of processes; hello can lower it. */
  readonly jobs: number;
  readonly timeoutMs: number;
  readonly suiteVersion: string;
  readonly work: WorkDirectories;
}

/** What hello must declare. */
export interface Needs {
  readonly operation: string;
  readonly features: readonly string[];
}

/** Why a request has no result. `problem` and `why` are for people. */
export type NoResult =
  | { readonly kind: 'rejected'; readonly why: string }
  | { readonly kind: 'failed'; readonly problem: string; readonly timedOut?: boolean };

/** The result of one request: the values, and the one file that was requested. */
export type ClientResult =
  | {
      readonly kind: 'answered';
      readonly values: Readonly<Record<string, string>>;
      readonly file: Uint8Array;
    }
  | NoResult;

/** A client with one session. */
export class Client {
  readonly #session: AdapterSession;
  readonly #work: WorkDirectories;

  constructor(session: AdapterSession, work: WorkDirectories) {
    this.#session = session;
    this.#work = work;
  }

  /** Sends one request, and reads the file called `file` in the answer. */
  async request(operation: RequestedOperation, input: InputBytes, file: string): Promise<ClientResult> {
    const attempt = await this.#session.request(operation, () => this.#work.prepareBytes(input));
    try {
      return await readResult(attempt, file);
    } finally {
      attempt.work?.remove();
    }
  }

  async end(): Promise<void> {
    await this.#session.end();
  }
}

async function readResult(
  { reply, work, stderr }: Awaited<ReturnType<AdapterSession['request']>>,
  name: string,
): Promise<ClientResult> {
  if (isFailure(reply) || work === undefined) {
    const problem = isFailure(reply) ? `${reply.status}: ${reply.problem}` : 'the request has no folder';
    const timedOut = isFailure(reply) && reply.status === 'timeout';
    return { kind: 'failed', problem: [problem, ...lastLines(stderr)].join('\n'), timedOut };
  }
  switch (reply.status) {
    case 'unsupported':
      return { kind: 'failed', problem: `unsupported: ${reply.feature}` };
    case 'error':
      return { kind: 'failed', problem: `error: ${reply.message}` };
    case 'rejected': {
      const { stage, reason = '', message = '' } = reply;
      return { kind: 'rejected', why: [stage, reason, message].filter(text => text !== '').join(' ') };
    }
    case 'ok': {
      const path = reply.files?.[name];
      if (path === undefined) {
        return { kind: 'failed', problem: `protocol: the answer has no file ${name}` };
      }
      const file = await readAnswerFile(work.outDir, path, limits.fileBytes);
      if ('problem' in file) return { kind: 'failed', problem: `protocol: ${file.problem}` };
      return { kind: 'answered', values: reply.values ?? {}, file: file.beginning };
    }
  }
}

/** The end of `stderr`, without empty lines. */
function lastLines(stderr: string): string[] {
  return stderr
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(-5);
}

/** Starts as many sessions as allowed. Throws {@link CouldNotStart}. */
export async function startClients(
  options: ClientOptions,
  needs: Needs,
): Promise<{ readonly hello: HelloMessage; readonly clients: readonly Client[] }> {
  const { command, timeoutMs, suiteVersion, work } = options;
  const sessionOptions = { command, timeoutMs, suiteVersion };
  const first = new AdapterSession(sessionOptions);
  const hello = await first.start();
  if ('failure' in hello) throw new CouldNotStart(startText(hello));
  const missing = missingDeclaration(hello, needs);
  if (missing !== undefined) {
    await first.end();
    throw new CouldNotStart(missing);
  }
  const jobs = Math.max(1, Math.min(options.jobs, hello.concurrency ?? options.jobs));
  const sessions = [
    first,
    ...Array.from({ length: jobs - 1 }, () => new AdapterSession({ ...sessionOptions, hello })),
  ];
  return { hello, clients: sessions.map(session => new Client(session, work)) };
}

function missingDeclaration(hello: HelloMessage, { operation, features }: Needs): string | undefined {
  if (!hello.specVersions.includes(specVersion)) return specVersionText(hello);
  if (!hello.operations.includes(operation)) return `hello does not declare the operation ${operation}`;
  const feature = features.find(needed => !hello.features.includes(needed));
  return feature === undefined ? undefined : `hello does not declare the feature ${feature}`;
}
