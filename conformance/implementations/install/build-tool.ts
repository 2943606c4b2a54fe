/**
 * Runs the tools that build other implementations: cargo and go.
 * @module
 */

import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { Unavailable } from './unavailable.ts';

const execute = promisify(execFile);

/** Whether the program starts with these arguments and exits with code 0. */
export async function succeeds(program: string, ...args: string[]): Promise<boolean> {
  try {
    await execute(program, args);
    return true;
  } catch {
    return false;
  }
}

/** Throws {@link Unavailable} without go. */
export async function requireGo(): Promise<void> {
  if (!(await succeeds('go', 'version'))) throw new Unavailable('missing go (https://go.dev/dl)');
}

/** The working directory of a build, and environment variables to add. */
export interface BuildOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a build, which prints its own progress. Throws {@link Unavailable} if it fails. */
export function runBuild(
  tool: string,
  args: readonly string[],
  { cwd, env }: BuildOptions = {},
): Promise<void> {
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
        const ending = signal ?? `exit code ${code}`;
        reject(new Unavailable(`${tool} ${args[0]} failed (${ending}); see its output above`));
      }
    });
  });
}
