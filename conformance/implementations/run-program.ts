/**
 * Runs a program of an implementation to its end.
 *
 * If the program crashes, the adapter exits too, so that the runner reports a crash.
 * @module
 */

import { spawn } from 'node:child_process';
import type { OperationOutcome } from './serve.ts';

/** A program, and how it is run. */
export interface Program {
  /** Its name in the message about a crash. */
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** Environment variables to add to those of the adapter. */
  readonly env?: NodeJS.ProcessEnv;
  /** Exit codes that mean a crash. */
  readonly crashCodes?: readonly number[];
}

/** How a program ended. */
export interface ProgramResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program and decodes its output as Latin-1: it should be ASCII. Does not return after a crash. */
export async function runProgram(program: Program, args: readonly string[]): Promise<ProgramResult> {
  const [file, ...first] = program.command;
  // Messages are matched in English.
  const env = { ...process.env, LC_ALL: 'C', ...program.env };
  const { signal, ...result } = await new Promise<ProgramResult & { signal: NodeJS.Signals | null }>(
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
  if (signal === null && !program.crashCodes?.includes(result.code ?? 0)) return result;
  console.error(result.stderr.trim());
  console.error(`${program.name} crashed: ${signal ?? `exit code ${result.code}`}`);
  process.exit(1);
}

/** The hexadecimal digest that a program printed, or undefined if it failed or printed anything else. */
export function printedDigest({ code, stdout }: ProgramResult): string | undefined {
  return code === 0 ? /^((?:[0-9a-f]{64}){1,2})\n$/.exec(stdout)?.[1] : undefined;
}

/** A rejection in `stage`, if the program exited with code 1 and a message that matches `messages`. */
export function rejection(
  { code, stderr }: ProgramResult,
  stage: string,
  messages: RegExp,
): OperationOutcome | undefined {
  if (code !== 1 || !messages.test(stderr)) return undefined;
  return { status: 'rejected', stage, message: stderr.trim() };
}

/** The outcome if a program neither succeeded nor rejected its input. */
export function unexpectedExit({ code, stderr }: ProgramResult): OperationOutcome {
  return { status: 'error', message: `exit code ${code}: ${stderr.trim()}` };
}
