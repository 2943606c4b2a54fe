/**
 * Programs, run a few at a time.
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/** How a program ended. */
export interface Ended {
  /** Without the line feed at the end. */
  readonly stdout: string;
  /** Seconds that it ran, not those it waited for its turn. */
  readonly seconds: number;
}

/** A program that failed; the message is what it said. */
export class Failed extends Error {
  readonly seconds: number;

  constructor(program: string, said: string, seconds: number) {
    super(`${program}: ${said}`);
    this.seconds = seconds;
  }
}

/** {@link Processes.stop} was called. */
export class Stopped extends Error {}

/** How a program is run. */
export interface RunOptions {
  /** File that takes stdout; what is returned is empty then. */
  readonly stdoutTo?: string;
  readonly cwd?: string;
}

/** Runs programs, `jobs` at most at a time; the others wait in line. */
export class Processes {
  readonly #waiting: (() => void)[] = [];
  readonly #running = new Set<ChildProcess>();
  #free: number;
  #stopped = false;

  constructor(jobs: number) {
    this.#free = jobs;
  }

  /** Ends the programs that run, and starts no other. */
  stop(): void {
    this.#stopped = true;
    for (const child of this.#running) child.kill();
  }

  /**
   * Throws {@link Failed} where the program says anything but 0, {@link Stopped} after {@link stop}, and an error of
   * the system where there is no such program.
   */
  run(program: string, ...args: string[]): Promise<Ended> {
    return this.runWith({}, program, ...args);
  }

  /** As {@link run}. */
  async runWith(options: RunOptions, program: string, ...args: string[]): Promise<Ended> {
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

  async #execute({ stdoutTo, cwd }: RunOptions, program: string, args: readonly string[]): Promise<Ended> {
    const started = performance.now();
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', PYTHONDONTWRITEBYTECODE: '1' },
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
    const [wrong] = await Promise.all([ended, written && finished(written)]).finally(() =>
      this.#running.delete(child),
    );
    if (this.#stopped) throw new Stopped('stopped');
    const seconds = (performance.now() - started) / 1000;
    if (wrong === undefined) return { stdout: Buffer.concat(stdout).toString('latin1').trimEnd(), seconds };
    const said = Buffer.concat(stderr).toString('latin1').trim();
    throw new Failed(program, said === '' ? wrong : said, seconds);
  }
}

/** Whether the program can be started at all. */
export function present(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}
