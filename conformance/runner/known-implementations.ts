/**
 * The implementations that have a name on the command line.
 * @module
 */

import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { packageRoot } from '../suite/package-root.ts';

/** How an implementation is started, and where the list of its known failures is. */
export interface Implementation {
  /** What was given as `--impl`. */
  readonly name: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Absent where there is no list. */
  readonly xfail?: string;
}

/** Known names, and their programs below the package. */
const known: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  reference: ['dist/reference/cli/main.js', 'adapter'],
  mkcomposefs: ['dist/conformance/implementations/mkcomposefs.js'],
  'composefs-rs': ['dist/conformance/implementations/composefs-rs.js'],
};

/** The known names. */
export const knownNames: readonly string[] = Object.keys(known);

/** The implementation called `name`, or else the one that the shell starts with it. */
export function implementation(name: string): Implementation {
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (found === undefined) return { name, command: ['/bin/sh', '-c', name] };
  const [program, ...args] = found;
  const xfail = relative('', join(packageRoot, 'conformance/implementations', `${name}.xfail`));
  return {
    name,
    command: [process.execPath, join(packageRoot, program), ...args],
    ...(existsSync(xfail) && { xfail }),
  };
}
