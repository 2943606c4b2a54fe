/**
 * Implementations that the command line knows by name.
 * @module
 */

import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { packageRoot } from '../suite/package-root.ts';

/** How to start an implementation, and its list of known failures. */
export interface Implementation {
  /** The value of `--impl`. */
  readonly name: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** The file with its known failures; absent if there is none. */
  readonly xfail?: string;
}

/** From each known name to its program, relative to the package, and its arguments. */
const known: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  reference: ['dist/reference/cli/main.js', 'adapter'],
  mkcomposefs: ['dist/conformance/implementations/mkcomposefs.js'],
  'composefs-rs': ['dist/conformance/implementations/composefs-rs.js'],
};

/** The known names. */
export const knownNames: readonly string[] = Object.keys(known);

/** The implementation with the known name `name`, or else the one that the shell command `name` starts. */
export function resolveImplementation(name: string): Implementation {
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
