/**
 * What the commands beside the run share.
 * @module
 */

import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';
import { type Requirement, readRequirements } from '../../suite/requirements.ts';

/** Is called with the exit code when a command has done its work. */
export type Finish = (code: number) => void;

/** The exit codes of the runner. */
export const exit = {
  ok: 0,
  failures: 1,
  usage: 2,
  environment: 3,
  nothing: 4,
  bug: 5,
  brokenPipe: 141,
} as const;

/** What a user asks for does not exist or cannot be used. */
export class UsageProblem extends Error {}

/** The requirements of the package. */
export function packageRequirements(): ReadonlyMap<string, Requirement> | undefined {
  return readRequirements(join(packageRoot, 'spec/requirements.json'));
}

/** `1 case`, `2 cases`. */
export function counted(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`;
}
