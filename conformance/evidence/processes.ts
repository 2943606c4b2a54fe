/**
 * Runs programs, a limited number at a time.
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/** What a program that succeeded printed, and how long it ran. */
export interface ProcessResult {
  /** Without trailing white space. */
  readonly stdout: string;
  /** Seconds that it ran, without the time in the queue. */
  readonly seconds: number;
}

/** A program failed; the message contains its stderr. */
export class ProcessFailed extends Error {
  readonly seconds: number;

  constructor(program: string, problem: string, seconds: number) {
    super(`${program}: ${problem}`);
    this.seconds = seconds;
  }
}

/** {@link Processes.stop} was called. */
export class Stopped extends Error {}

/** How a program is run. */
export interface RunOptions {
  /** File to write stdout to; the returned stdout is empty then. */
  readonly stdoutTo?: string;
  readonly cwd?: string;
  /** Environment variables to add. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs at most `jobs` programs at a time; the others wait in a queue. */
export class Processes {
  readonly #waiting: (() => void)[] = [];
  readonly #running = new Set<ChildProcess>();
  #free: number;
  #stopped = false;

  constructor(jobs: number) {
    this.#free = jobs;
  }

  /** Ends the running programs and starts no others. */
  stop(): void {
    this.#stopped = true;
    for (const child of this.#running) child.kill();
  }

  /**
   * Runs a program. Throws {@link ProcessFailed} if it does not exit with code 0, {@link Stopped} after {@link stop},
   * and a system error if the program does not exist.
   */
  run(program: string, ...args: string[]): Promise<ProcessResult> {
    return this.runWith({}, program, ...args);
  }

  /** Runs a program with options; otherwise as {@link run}. */
  async runWith(options: RunOptions, program: string, ...args: string[]): Promise<ProcessResult> {
    await this.#turn();
    try {
      if (this.#stopped) throw new Stopped('stopped');
      return await this.#execute(options, program, args);
    } finally {
      this.#free++;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    while (this.#free === 0) await new Promise<void>(resolve => this.#waiting.push(resolve));
    this.#free--;
  }

  async #execute(
    { stdoutTo, cwd, env }: RunOptions,
    program: string,
    args: readonly string[],
  ): Promise<ProcessResult> {
    const started = performance.now();
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', PYTHONDONTWRITEBYTECODE: '1', ...env },
      ...(cwd !== undefined && { cwd }),
    });
    this.#running.add(child);
    const ended = new Promise<string | undefined>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) =>
        resolve(code === 0 ? undefined : (signal ?? `exit code ${String(code)}`)),
      );
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    const written = stdoutTo === undefined ? undefined : child.stdout.pipe(createWriteStream(stdoutTo));
    if (written === undefined) child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    const [problem] = await Promise.all([ended, written && finished(written)]).finally(() =>
      this.#running.delete(child),
    );
    if (this.#stopped) throw new Stopped('stopped');
    const seconds = (performance.now() - started) / 1000;
    if (problem === undefined) return { stdout: Buffer.concat(stdout).toString('latin1').trimEnd(), seconds };
    const message = Buffer.concat(stderr).toString('latin1').trim();
    throw new ProcessFailed(program, message === '' ? problem : message, seconds);
  }
}

/** Whether the program can be started. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}
