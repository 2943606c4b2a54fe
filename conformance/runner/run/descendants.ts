/**
 * Finds and ends processes that an adapter started in a session of their own, outside its process group. They are
 * known by an environment variable that they inherit. Only Linux shows the environment of a process.
 * @module
 */

import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

const VARIABLE = 'COMPOSEFS_OCI_CONFORMANCE_PROCESS';
/** Identifies this runner. */
const runner = randomBytes(8).toString('hex');
let processes = 0;

/** The scans in which processes can start others faster than they are ended. */
const MAX_SCANS = 20;

/** A new environment for a process of an adapter, and the mark in it. */
export function markedEnvironment(): { readonly env: NodeJS.ProcessEnv; readonly mark: string } {
  const mark = `${runner}.${++processes};`;
  return { env: { ...process.env, [VARIABLE]: mark }, mark };
}

/** Kills all processes with `mark` in their environment; without `mark`, those of every adapter of this runner. */
export function killMarked(mark = `${runner}.`): void {
  if (process.platform !== 'linux') return;
  const killed = new Set<number>();
  for (let scans = 0; scans < MAX_SCANS; scans++) {
    const found = pids().filter(pid => !killed.has(pid) && isMarked(pid, mark));
    if (found.length === 0) return;
    for (const pid of found) {
      killed.add(pid);
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
  }
}

function pids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function isMarked(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${VARIABLE}=${mark}`);
  } catch {
    // It has ended, or belongs to another user.
    return false;
  }
}
