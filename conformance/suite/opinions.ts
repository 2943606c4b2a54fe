/**
 * What other programs say of inputs that have to be rejected: the data that `npm run opinions` collects.
 * @module
 */

import { createHash } from 'node:crypto';
import type { Case } from './case.ts';

/**
 * The answer of a program.
 *
 * - `rejects in STAGE`: it rejects the input, but not in the stage that the case expects.
 * - `stops`: it reads an archive without an error, but does not see all entries. This is neither of the others.
 */
export type Opinion = 'accepts' | 'rejects' | `rejects in ${string}` | 'stops';

/** The opinions about one case. */
export interface CaseOpinions {
  /** The {@link inputsDigest} of what the programs were asked about. */
  readonly inputs: string;
  /** The name of each program, with its version, and its opinion. */
  readonly opinions: Readonly<Record<string, Opinion>>;
}

/** The opinions by the id of the case. */
export type AllOpinions = Readonly<Record<string, CaseOpinions>>;

/** The file with the opinions, from the top of the repository. */
export const opinionsPath = 'conformance/generate/opinions.json';

/** The SHA-256 of the files below `in/` of each case, by its id. */
export type InputSums = ReadonlyMap<string, string>;

/** The sums of `files`: pairs of a path below the folder of the vectors and the SHA-256 of the file, sorted. */
export function inputSums(files: Iterable<readonly [path: string, sha256: string]>): InputSums {
  const lines = new Map<string, string[]>();
  for (const [path, sha256] of files) {
    const [, id = '', below] = /^cases\/([^/]+\/[^/]+)\/(in\/.*)$/.exec(path) ?? [];
    if (below !== undefined) lines.set(id, [...(lines.get(id) ?? []), `${sha256}  ${below}\n`]);
  }
  return new Map([...lines].map(([id, text]) => [id, digest(text.join(''))]));
}

/** Identifies what a program was asked: the inputs of the case and of its control. */
export function inputsDigest(test: Case, control: Case, sums: InputSums): string {
  const parts = [test, control].map(({ op, input, params, id }) => [op, input, params, sums.get(id) ?? '']);
  return digest(JSON.stringify(parts));
}

/** The name of a program without its version and what is in parentheses: `Go archive/tar` of `Go archive/tar 1.26`. */
export function programName(name: string): string {
  return name.replace(/ \(.*\)$/, '').replace(/ v?\d[^ ]*$/, '');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
