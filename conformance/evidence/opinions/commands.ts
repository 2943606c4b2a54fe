/**
 * Programs that read one file and exit with 0 if they accept it.
 * @module
 */

import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { distribute } from '../../runner/run/schedule.ts';
import { type Answer, combined, type Subject } from './witness.ts';

/** How to ask a program. */
export interface FileCommand {
  readonly command: (path: string) => readonly [program: string, ...args: string[]];
  /** Exit codes other than 0 with which it accepts a file, after a warning. Default: none. */
  readonly warnings?: readonly number[];
  /** What it prints if it gives up for another reason than a defect. */
  readonly givesUp?: RegExp;
  /** Whether it prints a line for each entry of an archive. */
  readonly lists?: boolean;
}

const TIMEOUT_MS = 30_000;
const MAX_OUTPUT = 64 * 1024 * 1024;
/** Exit codes of a shell or loader that could not start the program. */
const NOT_STARTED = [126, 127];

/** Asks the program about the files of each subject. */
export async function askCommand(
  command: FileCommand,
  subjects: readonly Subject[],
  filesOf: (subject: Subject) => readonly string[],
): Promise<(Answer | undefined)[]> {
  const answers: (Answer | undefined)[] = [];
  const workers = Array<null>(availableParallelism()).fill(null);
  await distribute(subjects.entries(), workers, async (_, [i, subject]) => {
    answers[i] = combined(await Promise.all(filesOf(subject).map(path => askAbout(command, path))));
  });
  return subjects.map((_, i) => answers[i]);
}

function askAbout(
  { command, warnings = [], givesUp, lists }: FileCommand,
  path: string,
): Promise<Answer | undefined> {
  const [program, ...args] = command(path);
  const options = {
    encoding: 'latin1',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    timeout: TIMEOUT_MS,
    maxBuffer: MAX_OUTPUT,
  } as const;
  return new Promise(resolve => {
    execFile(program, args, options, (error, stdout, stderr) => {
      // A program that is killed, for example after a crash, has no exit code and no opinion.
      const code = error === null ? 0 : error.code;
      if (typeof code !== 'number' || NOT_STARTED.includes(code)) return resolve(undefined);
      if (givesUp?.test(stdout + stderr)) return resolve(undefined);
      const opinion = code === 0 || warnings.includes(code) ? 'accepts' : 'rejects';
      resolve({ opinion, ...(lists && { entries: stdout.split('\n').length - 1 }) });
    });
  });
}
