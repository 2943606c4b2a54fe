/**
 * The requirements of the standard, as `spec/requirements.json` lists them.
 * @module
 */

import { readFileSync } from 'node:fs';

/** One requirement; what the file has beyond this is not read. */
export interface Requirement {
  readonly id: string;
  /** `MUST`, `SHOULD NOT`, `MAY`, … */
  readonly level: string;
  /** The chapter, from the top of the repository. */
  readonly file: string;
  readonly status: string;
  readonly classes: readonly string[];
  /** `vector`; other requirements are not decided by cases. */
  readonly verification: string;
}

/** The requirements in force in the file at `path`; undefined where there is no such file. */
export function readRequirements(path: string): ReadonlyMap<string, Requirement> | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const all = JSON.parse(text) as readonly Requirement[];
  return new Map(all.filter(({ status }) => status !== 'withdrawn').map(found => [found.id, found]));
}

/** Whether everybody of the class has to satisfy it: MUST and its kin, not SHOULD and MAY. */
export function isAbsolute(level: string): boolean {
  return /^(MUST|SHALL|REQUIRED)\b/.test(level);
}
