/**
 * Runs probes in a process, which is replaced if it hangs or ends.
 * @module
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Probe, ProbeResult } from './probe.ts';

const TIMEOUT_MS = 10_000;
/** MiB. Without a check, input can make the reference allocate without limit. */
const MAX_HEAP = 1024;

/** The answers of a process, which are `undefined` from its end on. */
interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly lines: AsyncIterator<string>;
}

/** A process for probes on the copy of the reference in `folder`. */
export class Prober {
  readonly #folder: string;
  #running: Running | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async run(probe: Probe): Promise<ProbeResult> {
    this.#running ??= this.#start();
    const { child, lines } = this.#running;
    let hangs = false;
    const timer = setTimeout(() => {
      hangs = true;
      child.kill('SIGKILL');
    }, TIMEOUT_MS);
    child.stdin.write(`${JSON.stringify(probe)}\n`);
    const { done, value } = await lines.next();
    clearTimeout(timer);
    if (!done) return JSON.parse(value);
    this.#running = undefined;
    return { kind: 'failed', message: hangs ? 'it does not end' : 'the process ended' };
  }

  async end(): Promise<void> {
    const child = this.#running?.child;
    this.#running = undefined;
    if (child === undefined) return;
    child.stdin.end();
    await once(child, 'close');
  }

  #start(): Running {
    const probe = fileURLToPath(new URL('./probe.js', import.meta.url));
    const child = spawn(process.execPath, [`--max-old-space-size=${MAX_HEAP}`, probe, this.#folder]);
    // What a process that is out of memory prints says nothing about the case.
    child.stderr.resume();
    // The process may end before it has read a probe.
    child.stdin.on('error', () => {});
    return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  }
}
