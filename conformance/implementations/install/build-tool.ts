/**
 * Tools that build others' programs: cargo, go.
 * @module
 */

import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { Unavailable } from './unavailable.ts';

const execute = promisify(execFile);

/** Whether the program can be run like this, and ends well. */
export async function runs(program: string, ...args: string[]): Promise<boolean> {
  try {
    await execute(program, args);
    return true;
  } catch {
    return false;
  }
}

/** Where a build runs, and what it gets besides the environment. */
export interface BuildOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a build, which says itself what it does. Throws {@link Unavailable} where it fails. */
export function build(tool: string, args: readonly string[], { cwd, env }: BuildOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, ...env },
    });
    child.once('error', error => reject(new Unavailable(`${tool} does not start: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else {
        const how = signal ?? `exit code ${code}`;
        reject(new Unavailable(`${tool} ${args[0]} failed (${how}); it said above why`));
      }
    });
  });
}
