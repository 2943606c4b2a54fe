/**
 * Runs probes in a process, which is replaced if it hangs or ends.
 * @module
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Probe, ProbeResult } from './probe.ts';

/**
 * After this much processor time, a probe hangs: it does not depend on what else the machine does. The longest that ends
 * takes 0.7 s, and more than ten do not end.
 */
const MAX_CPU_MS = 1_500;
/** After this time, it hangs wherever the processor time is not known, or if it waits for nothing. */
const TIMEOUT_MS = 60_000;
const POLL_MS = 250;
/** Length of the clock ticks in which Linux counts processor time. */
const TICK_MS = 10;
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
    const before = { cpu: cpuTime(child.pid), time: performance.now() };
    const timer = setInterval(() => {
      hangs = cpuTime(child.pid) - before.cpu > MAX_CPU_MS || performance.now() - before.time > TIMEOUT_MS;
      if (hangs) child.kill('SIGKILL');
    }, POLL_MS);
    child.stdin.write(`${JSON.stringify(probe)}\n`);
    const { done, value } = await lines.next();
    clearInterval(timer);
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

/** The processor time that a process has used, in milliseconds; 0 where it is not known. */
function cpuTime(pid: number | undefined): number {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return 0;
  }
  // The 14th and 15th field (proc(5)); the name of the program, which is the 2nd, can contain spaces.
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) * TICK_MS;
}
