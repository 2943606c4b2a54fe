/**
 * One process of an adapter, in a process group of its own: reads stdout as lines and keeps the end of stderr.
 * @module
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { CouldNotContinue } from '../../suite/system-error.ts';
import { limitedCommand, limits } from '../limits.ts';
import { killMarked, markedEnvironment } from './descendants.ts';

/** An event of a process. */
export type ProcessEvent =
  | { readonly kind: 'line'; readonly text: string }
  /** stdout is no longer read as lines. */
  | { readonly kind: 'garbled'; readonly problem: string }
  | { readonly kind: 'ended'; readonly ending: ProcessEnding }
  /** No event within the time limit. */
  | { readonly kind: 'silent' };

/** How a process ended. */
export type ProcessEnding =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  /** It exited, but a process that it started outside its group keeps its stdout open. */
  | { readonly kind: 'left-behind' };

/** The number of queued events from which on stdout is paused. */
const QUEUE = 64;

const running = new Set<AdapterProcess>();

/** Kills all running adapters and what they started immediately, for the exit of the runner. */
export function killAll(): void {
  for (const process of running) process.kill('SIGKILL');
  killMarked();
}

/** A process of an adapter. */
export class AdapterProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #mark: string;
  readonly #queue: ProcessEvent[] = [];
  #waiting: ((event: ProcessEvent) => void) | undefined;
  #partial: Buffer[] = [];
  #partialBytes = 0;
  #stderr: Buffer = Buffer.alloc(0);
  #ended = false;
  #endedCallbacks: (() => void)[] = [];

  private constructor(child: ChildProcessWithoutNullStreams, mark: string) {
    this.#child = child;
    this.#mark = mark;
    running.add(this);
    this.#child.once('exit', (code, signal) => this.#exited(code, signal));
    // A process may exit without reading its stdin, which would otherwise throw EPIPE.
    this.#child.stdin.on('error', () => {});
    this.#child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#child.stdout.once('end', () => this.#stdoutEnded());
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = Buffer.concat([this.#stderr, chunk]).subarray(-limits.stderrBytes);
    });
  }

  /** Starts `command`, a program and its arguments. Throws {@link CouldNotContinue}. */
  static async start(command: readonly string[]): Promise<AdapterProcess> {
    const [program = '', ...args] = limitedCommand(command);
    try {
      const { env, mark } = markedEnvironment();
      const child = spawn(program, args, { detached: true, stdio: 'pipe', env });
      await once(child, 'spawn');
      return new AdapterProcess(child, mark);
    } catch (error) {
      // The program is a shell or Node, so its absence is not the reason.
      const problem = error instanceof Error ? error.message : String(error);
      throw new CouldNotContinue(
        `cannot start the adapter: ${problem}; fewer --jobs need fewer processes and open files`,
      );
    }
  }

  /** Writes one line to stdin. */
  send(line: string): void {
    this.#child.stdin.write(line);
  }

  /** Closes stdin. */
  close(): void {
    this.#child.stdin.end();
  }

  /** Waits for the next event; `silent` if there is none within `ms` milliseconds. */
  next(ms: number): Promise<ProcessEvent> {
    const event = this.poll();
    if (event !== undefined) return Promise.resolve(event);
    return new Promise(resolve => {
      const timer = setTimeout(() => {
        this.#waiting = undefined;
        resolve({ kind: 'silent' });
      }, ms);
      this.#waiting = arrived => {
        clearTimeout(timer);
        resolve(arrived);
      };
    });
  }

  /** The next event in the queue, without waiting. */
  poll(): ProcessEvent | undefined {
    const event = this.#queue.shift();
    if (this.#queue.length < QUEUE) this.#child.stdout.resume();
    return event;
  }

  /** Stops the process and its group with SIGTERM, and with SIGKILL after a short time. */
  async stop(): Promise<void> {
    if (this.#ended) return;
    const ended = new Promise<void>(resolve => this.#endedCallbacks.push(resolve));
    this.kill('SIGTERM');
    const timer = setTimeout(() => this.kill('SIGKILL'), limits.killMs);
    await ended;
    clearTimeout(timer);
  }

  /** Sends `signal` to the process group. */
  kill(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // The group has no more processes.
    }
  }

  /** Discards the stderr kept so far. */
  discardStderr(): void {
    this.#stderr = Buffer.alloc(0);
  }

  /** The end of stderr. */
  get stderr(): string {
    return this.#stderr.toString('utf8');
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    // Processes that it left behind in its group must not write to stdout any more.
    this.kill('SIGKILL');
    const ending: ProcessEnding =
      signal === null ? { kind: 'exit', code: code ?? 0 } : { kind: 'signal', signal };
    const timer = setTimeout(() => {
      this.#child.stdout.destroy();
      this.#child.stderr.destroy();
      this.#end({ kind: 'left-behind' });
    }, limits.killMs);
    this.#child.once('close', () => {
      clearTimeout(timer);
      this.#end(ending);
    });
  }

  #end(ending: ProcessEnding): void {
    if (this.#ended) return;
    this.#ended = true;
    running.delete(this);
    // After an orderly exit, this waits for the end of the run, because an adapter may exit after each answer.
    if (ending.kind !== 'exit' || ending.code !== 0) killMarked(this.#mark);
    this.#push({ kind: 'ended', ending });
    for (const callback of this.#endedCallbacks) callback();
  }

  #stdoutEnded(): void {
    if (this.#partialBytes > 0) this.#garbled('the last line on stdout does not end with a newline');
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const timer = setTimeout(
      () => this.#garbled('the adapter closed its stdout but keeps running'),
      limits.killMs,
    );
    this.#child.once('exit', () => clearTimeout(timer));
  }

  #read(chunk: Buffer): void {
    let rest = chunk;
    for (let newline = rest.indexOf(0x0a); newline >= 0; newline = rest.indexOf(0x0a)) {
      const text = this.#lineText(Buffer.concat([...this.#partial, rest.subarray(0, newline)]));
      this.#partial = [];
      this.#partialBytes = 0;
      rest = rest.subarray(newline + 1);
      if (text === undefined) return;
      this.#push({ kind: 'line', text });
    }
    if (rest.length === 0) return;
    this.#partial.push(rest);
    this.#partialBytes += rest.length;
    if (this.#partialBytes > limits.lineBytes)
      this.#garbled(`a line on stdout is longer than ${limits.lineBytes} bytes`);
  }

  #lineText(bytes: Buffer): string | undefined {
    if (bytes.length > limits.lineBytes) {
      this.#garbled(`a line on stdout is longer than ${limits.lineBytes} bytes`);
      return undefined;
    }
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      this.#garbled('a line on stdout is not UTF-8');
      return undefined;
    }
  }

  /** Reports a problem with stdout, and ignores the rest of it. */
  #garbled(problem: string): void {
    this.#child.stdout.removeAllListeners('data');
    this.#child.stdout.resume();
    this.#partial = [];
    this.#partialBytes = 0;
    this.#push({ kind: 'garbled', problem });
  }

  #push(event: ProcessEvent): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) {
      waiting(event);
      return;
    }
    this.#queue.push(event);
    if (this.#queue.length >= QUEUE && !this.#ended) this.#child.stdout.pause();
  }
}
