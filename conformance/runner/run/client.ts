/**
 * An implementation that is asked one thing after another, outside of any case.
 * @module
 */

import { readAnswerFile } from '../compare/answer-file.ts';
import { limits } from '../limits.ts';
import { type Hello, specVersion } from '../protocol/messages.ts';
import { CouldNotStart, startText } from './run-suite.ts';
import type { InputBytes, WorkDirectories } from './work-directory.ts';
import { isFailure, type Question, Worker } from './worker.ts';

/** Who is asked, and how. */
export interface AskerOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Processes, at most; the adapter may want fewer. */
  readonly jobs: number;
  readonly timeoutMs: number;
  readonly suiteVersion: string;
  readonly work: WorkDirectories;
}

/** What the implementation has to declare. */
export interface Needs {
  readonly operation: string;
  readonly features: readonly string[];
}

/** An answer that is none. `problem` and `why` are for people. */
export type Refused =
  | { readonly kind: 'rejected'; readonly why: string }
  | { readonly kind: 'failed'; readonly problem: string };

/** What came of one request: the values, and the one file that was asked for. */
export type Asked =
  | {
      readonly kind: 'answered';
      readonly values: Readonly<Record<string, string>>;
      readonly file: Uint8Array;
    }
  | Refused;

/** One process that is asked. */
export class Asker {
  readonly #worker: Worker;
  readonly #work: WorkDirectories;

  constructor(worker: Worker, work: WorkDirectories) {
    this.#worker = worker;
    this.#work = work;
  }

  /** Asks, and reads the file called `file` of the answer. */
  async ask(question: Question, input: InputBytes, file: string): Promise<Asked> {
    const attempt = await this.#worker.ask(question, () => this.#work.prepareBytes(input));
    try {
      return await answer(attempt, file);
    } finally {
      await attempt.work?.remove();
    }
  }

  async end(): Promise<void> {
    await this.#worker.end();
  }
}

async function answer(
  { reply, work, stderr }: Awaited<ReturnType<Worker['ask']>>,
  name: string,
): Promise<Asked> {
  if (isFailure(reply) || work === undefined) {
    const problem = isFailure(reply) ? `${reply.status}: ${reply.problem}` : 'no folder';
    return { kind: 'failed', problem: [problem, ...lastLines(stderr)].join('\n') };
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
      if (path === undefined) return { kind: 'failed', problem: `protocol: the answer lacks the ${name}` };
      const file = await readAnswerFile(work.outDir, path, limits.fileBytes);
      if ('problem' in file) return { kind: 'failed', problem: `protocol: ${file.problem}` };
      return { kind: 'answered', values: reply.values ?? {}, file: file.beginning };
    }
  }
}

/** The end of what was written to stderr. */
function lastLines(stderr: string): string[] {
  return stderr
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(-5);
}

/** Starts as many as are allowed. Throws {@link CouldNotStart}. */
export async function startAskers(
  options: AskerOptions,
  needs: Needs,
): Promise<{ readonly hello: Hello; readonly askers: readonly Asker[] }> {
  const { command, timeoutMs, suiteVersion, work } = options;
  const workerOptions = { command, timeoutMs, suiteVersion };
  const first = new Worker(workerOptions);
  const hello = await first.start();
  if ('failure' in hello) throw new CouldNotStart(startText(hello));
  const lacks = missing(hello, needs);
  if (lacks !== undefined) {
    await first.end();
    throw new CouldNotStart(lacks);
  }
  const jobs = Math.max(1, Math.min(options.jobs, hello.concurrency ?? options.jobs));
  const workers = [first, ...Array.from({ length: jobs - 1 }, () => new Worker({ ...workerOptions, hello }))];
  return { hello, askers: workers.map(worker => new Asker(worker, work)) };
}

function missing(hello: Hello, { operation, features }: Needs): string | undefined {
  if (!hello.specVersions.includes(specVersion)) {
    return `it speaks ${hello.specVersions.join(', ')} of the specification, not ${specVersion}`;
  }
  if (!hello.operations.includes(operation)) return `it does not declare ${operation}`;
  const feature = features.find(needed => !hello.features.includes(needed));
  return feature === undefined ? undefined : `it does not declare ${feature}`;
}
