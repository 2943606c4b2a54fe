/**
 * Servers of others, on the loopback interface, that end with this program.
 * @module
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Failed } from '../processes.ts';

/** Milliseconds until a server has to listen, and until one that is asked to end is killed. */
const PATIENCE = 10_000;

/** A server that runs. */
export class Server {
  /** Where it listens, `127.0.0.1:PORT`. */
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #kill: () => void;

  private constructor(address: string, child: ChildProcess, kill: () => void) {
    this.address = address;
    this.#child = child;
    this.#kill = kill;
  }

  /**
   * Starts a program that says `listening on 127.0.0.1:PORT` on one of its outputs. Throws {@link Failed} where it
   * ends or keeps silent instead.
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

  /** Ends it, and waits until it has. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill();
      const timer = setTimeout(this.#kill, PATIENCE);
      await exited;
      clearTimeout(timer);
    }
    process.off('exit', this.#kill);
  }
}

function listening(program: string, child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (why: string) => reject(new Failed(program, `${why}: ${said.trim()}`, 0));
    const timer = setTimeout(() => fail('does not listen'), PATIENCE);
    const hear = (chunk: Buffer) => {
      said += chunk.toString('latin1');
      const address = /\blistening on (127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      // What it says later is let go.
      for (const stream of [child.stdout, child.stderr]) stream?.off('data', hear).resume();
      resolve(address);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('error', error => fail(error.message));
    child.once('close', () => {
      clearTimeout(timer);
      fail('ended');
    });
  });
}
