/**
 * Runs the program of a peer to its end.
 *
 * A program that crashes takes the adapter with it, so that the runner sees a crash.
 * @module
 */

import { spawn } from 'node:child_process';
import type { Outcome } from './serve.ts';

/** A program, and how it is run. */
export interface Program {
  /** What it is called where it crashes. */
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** Variables that it runs with, beside the adapter's own. */
  readonly env?: NodeJS.ProcessEnv;
  /** Exit codes of a crash. */
  readonly crashCodes?: readonly number[];
}

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Its output is ASCII, but a broken program may say anything. Does not return after a crash. */
export async function run(program: Program, args: readonly string[]): Promise<Ended> {
  const [file, ...first] = program.command;
  // Messages in one language.
  const env = { ...process.env, LC_ALL: 'C', ...program.env };
  const { signal, ...ended } = await new Promise<Ended & { signal: NodeJS.Signals | null }>(
    (resolve, reject) => {
      const child = spawn(file, [...first, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('latin1').on('data', text => {
        stdout += text;
      });
      child.stderr.setEncoding('latin1').on('data', text => {
        stderr += text;
      });
      child.on('error', reject);
      child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    },
  );
  if (signal === null && !program.crashCodes?.includes(ended.code ?? 0)) return ended;
  console.error(ended.stderr.trim());
  console.error(`${program.name} crashed: ${signal ?? `exit code ${ended.code}`}`);
  process.exit(1);
}

/** A digest in hexadecimal, where a program printed one and nothing else. */
export function digestIn({ code, stdout }: Ended): string | undefined {
  return code === 0 ? /^((?:[0-9a-f]{64}){1,2})\n$/.exec(stdout)?.[1] : undefined;
}

/** A rejection in `stage`, where the program failed with a message that `messages` matches. */
export function refusal({ code, stderr }: Ended, stage: string, messages: RegExp): Outcome | undefined {
  if (code !== 1 || !messages.test(stderr)) return undefined;
  return { status: 'rejected', stage, message: stderr.trim() };
}

/** What is neither success nor a rejection. */
export function broken({ code, stderr }: Ended): Outcome {
  return { status: 'error', message: `exit code ${code}: ${stderr.trim()}` };
}
