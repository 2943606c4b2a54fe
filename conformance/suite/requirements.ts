/**
 * Reads the requirements of the standard from `spec/requirements.json`.
 * @module
 */

import { readFileSync } from 'node:fs';

/** One requirement: the members that the runner needs. */
export interface Requirement {
  readonly id: string;
  /** `MUST`, `SHOULD NOT`, `MAY`, … */
  readonly level: string;
  readonly text: string;
  /** Eight hex digits that identify the text. */
  readonly hash: string;
  /** The file of the chapter, relative to the repository. */
  readonly file: string;
  readonly status: string;
  readonly classes: readonly string[];
  /** `vector`: tested by cases; `runner`: observed by the runner; `inspection: …`: checked by a person. */
  readonly verification: string;
}

/** The active requirements in the file at `path`, by id; undefined if the file does not exist. */
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

/** Whether `level` is an absolute requirement (MUST, SHALL, REQUIRED) and not a recommendation or an option. */
export function isAbsolute(level: string): boolean {
  return /^(MUST|SHALL|REQUIRED)\b/.test(level);
}
