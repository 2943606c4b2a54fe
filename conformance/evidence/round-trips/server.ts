/**
 * Runs servers on the loopback interface that end with this program.
 * @module
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ProcessFailed } from '../processes.ts';

/** Milliseconds within which a server has to listen, and after SIGTERM to end before it is killed. */
const TIMEOUT_MS = 10_000;

/** A running server. */
export class Server {
  /** The address that it listens on, `127.0.0.1:PORT`. */
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #kill: () => void;

  private constructor(address: string, child: ChildProcess, kill: () => void) {
    this.address = address;
    this.#child = child;
    this.#kill = kill;
  }

  /**
   * Starts a program that prints `listening on 127.0.0.1:PORT` on stdout or stderr. Throws {@link ProcessFailed} if it
   * ends or does not print that in time.
   */
  static async start(program: string, ...args: string[]): Promise<Server> {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const kill = () => child.kill('SIGKILL');
    process.on('exit', kill);
    try {
      return new Server(await listening(program, child), child, kill);
    } catch (error) {
      kill();
      process.off('exit', kill);
      throw error;
    }
  }

  /** Ends the server, and waits until it has ended. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill();
      const timer = setTimeout(this.#kill, TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    }
    process.off('exit', this.#kill);
  }
}

function listening(program: string, child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (why: string) => reject(new ProcessFailed(program, `${why}: ${output.trim()}`, 0));
    const timer = setTimeout(() => fail('does not listen'), TIMEOUT_MS);
    const onOutput = (chunk: Buffer) => {
      output += chunk.toString('latin1');
      const address = /\blistening on (127\.0\.0\.1:\d+)/.exec(output)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      // Later output is discarded.
      for (const stream of [child.stdout, child.stderr]) stream?.off('data', onOutput).resume();
      resolve(address);
    };
    child.stdout?.on('data', onOutput);
    child.stderr?.on('data', onOutput);
    child.once('error', error => fail(error.message));
    child.once('close', () => {
      clearTimeout(timer);
      fail('ended');
    });
  });
}
