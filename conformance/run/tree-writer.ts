/**
 * An implementation that is asked for the images of trees, one after another, outside of any case.
 * @module
 */

import { readAnswerFile } from '../judge/answer-file.ts';
import { type Hello, specVersion } from '../protocol/messages.ts';
import { limits } from './limits.ts';
import { CouldNotStart, startText } from './run-suite.ts';
import type { WorkDirectories } from './work-directory.ts';
import { isFailure, Worker } from './worker.ts';

/** Who is asked, and how. */
export interface TreeWriterOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Parameters of `erofs.write`. */
  readonly params: Readonly<Record<'format' | 'algorithm', string>>;
  /** Processes, at most; the adapter may want fewer. */
  readonly jobs: number;
  readonly timeoutMs: number;
  readonly suiteVersion: string;
  readonly work: WorkDirectories;
}

/** What came of one tree. `problem` and `why` are for people. */
export type Written =
  | { readonly kind: 'written'; readonly digest: string; readonly image: Uint8Array }
  | { readonly kind: 'rejected'; readonly why: string }
  | { readonly kind: 'failed'; readonly problem: string };

/** One process that writes trees. */
export class TreeWriter {
  readonly #worker: Worker;
  readonly #options: TreeWriterOptions;

  constructor(worker: Worker, options: TreeWriterOptions) {
    this.#worker = worker;
    this.#options = options;
  }

  /** Asks for the image of a dumpfile. */
  async write(dumpfile: Uint8Array): Promise<Written> {
    const { params, work } = this.#options;
    const attempt = await this.#worker.ask({ op: 'erofs.write', params }, () =>
      work.prepareBytes('dumpfile', dumpfile),
    );
    try {
      return await this.#written(attempt);
    } finally {
      await attempt.work?.remove();
    }
  }

  async end(): Promise<void> {
    await this.#worker.end();
  }

  async #written({ reply, work, stderr }: Awaited<ReturnType<Worker['ask']>>): Promise<Written> {
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
        const digest = reply.values?.['digest'];
        const path = reply.files?.['image'];
        if (digest === undefined || path === undefined) {
          return { kind: 'failed', problem: 'protocol: the answer lacks the digest or the image' };
        }
        const file = await readAnswerFile(work.outDir, path, limits.fileBytes);
        if ('problem' in file) return { kind: 'failed', problem: `protocol: ${file.problem}` };
        return { kind: 'written', digest, image: file.beginning };
      }
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
export async function startTreeWriters(
  options: TreeWriterOptions,
): Promise<{ readonly hello: Hello; readonly writers: readonly TreeWriter[] }> {
  const { command, timeoutMs, suiteVersion, params } = options;
  const workerOptions = { command, timeoutMs, suiteVersion };
  const first = new Worker(workerOptions);
  const hello = await first.start();
  if ('failure' in hello) throw new CouldNotStart(startText(hello));
  const lacks = missing(hello, params.format);
  if (lacks !== undefined) {
    await first.end();
    throw new CouldNotStart(lacks);
  }
  const jobs = Math.max(1, Math.min(options.jobs, hello.concurrency ?? options.jobs));
  const workers = [first, ...Array.from({ length: jobs - 1 }, () => new Worker({ ...workerOptions, hello }))];
  return { hello, writers: workers.map(worker => new TreeWriter(worker, options)) };
}

function missing({ specVersions, operations, features }: Hello, format: string): string | undefined {
  if (!specVersions.includes(specVersion)) {
    return `it speaks ${specVersions.join(', ')} of the specification, not ${specVersion}`;
  }
  if (!operations.includes('erofs.write')) return 'it does not declare erofs.write';
  const feature = `format.${format}`;
  return features.includes(feature) ? undefined : `it does not declare ${feature}`;
}
