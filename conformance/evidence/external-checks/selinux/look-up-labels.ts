/**
 * Looks up the labels of paths with libselinux.
 * @module
 */

import { spawn } from 'node:child_process';
import { type LabelLookup, labelLookups } from '../../../implementations/install/paths.ts';

/** The type of a file, as `ls -l` shows it; a layer has no sockets. */
export type TypeLetter = '-' | 'd' | 'l' | 'c' | 'b' | 'p';

/** The path of a file, absolute, with one byte in each character, and its type. */
export interface LabelRequest {
  readonly path: string;
  readonly type: TypeLetter;
}

/** What libselinux says of one path. */
export type LabelAnswer =
  | { readonly kind: 'label'; readonly label: string }
  | { readonly kind: 'none' }
  /** It does not say that there is no label, but that the lookup failed. */
  | { readonly kind: 'failed'; readonly why: string };

/** The answers in the order of the requests, or why libselinux rejects the policy. */
export type LookupResult =
  | { readonly kind: 'answered'; readonly answers: readonly LabelAnswer[] }
  | { readonly kind: 'rejected'; readonly why: string };

/** The exit code of the lookup if libselinux rejects the policy. */
const REJECTED = 1;

/** Why no label can be looked up if no lookup is installed. */
export const lookupMissing = 'libselinux is not installed: npm run peers -- libselinux';

/** The lookup with the newest libselinux, or undefined if it is not installed. */
export function newestLookup(): LabelLookup | undefined {
  return labelLookups().at(-1);
}

/** For example `libselinux 3.11`. */
export function lookupName({ version }: LabelLookup): string {
  return `libselinux ${version}`;
}

/** Looks up labels in the file `contexts` and in those that libselinux reads beside it. Throws if the lookup fails. */
export function lookUpLabels(
  { program }: LabelLookup,
  contexts: string,
  requests: readonly LabelRequest[],
): Promise<LookupResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [contexts], { env: { ...process.env, LC_ALL: 'C' } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('latin1').on('data', text => {
      stdout += text;
    });
    child.stderr.setEncoding('latin1').on('data', text => {
      stderr += text;
    });
    child.once('error', reject);
    // The program does not read its input if libselinux rejects the policy.
    child.stdin.on('error', () => undefined);
    child.stdin.end(requests.map(({ type, path }) => `${type}${path}\0`).join(''), 'latin1');
    child.once('close', (code, signal) => {
      const lines = stdout.split('\n').slice(0, -1);
      if (code === REJECTED) resolve({ kind: 'rejected', why: stderr.trim() });
      else if (code === 0 && lines.length === requests.length)
        resolve({ kind: 'answered', answers: lines.map(answerOf) });
      else reject(new Error(`${program}: ${signal ?? `exit code ${code}`}: ${stderr.trim()}`));
    });
  });
}

function answerOf(line: string): LabelAnswer {
  const rest = line.slice(1);
  switch (line[0]) {
    case '=':
      return { kind: 'label', label: rest };
    case '-':
      return { kind: 'none' };
    default:
      return { kind: 'failed', why: rest };
  }
}
