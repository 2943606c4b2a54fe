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

/** From each known name to what runs it, its program, relative to the package, and its arguments. */
const known: Readonly<Record<string, readonly [runtime: string, program: string, ...args: string[]]>> = {
  reference: [process.execPath, 'dist/reference/cli/main.js', 'adapter'],
  witness: ['python3', 'conformance/implementations/witness'],
  mkcomposefs: [process.execPath, 'dist/conformance/implementations/mkcomposefs.js'],
  'composefs-rs': [process.execPath, 'dist/conformance/implementations/composefs-rs.js'],
};

/** The known names whose programs are here: a package has only the reference. */
export const knownNames: readonly string[] = Object.entries(known).flatMap(([name, [, program]]) =>
  existsSync(join(packageRoot, program)) ? [name] : [],
);

/** The implementation with the known name `name`, or else the one that the shell command `name` starts. */
export function resolveImplementation(name: string): Implementation {
  const found = knownNames.includes(name) ? known[name] : undefined;
  if (found === undefined) return { name, command: ['/bin/sh', '-c', name] };
  const [runtime, program, ...args] = found;
  const xfail = relative('', join(packageRoot, 'conformance/implementations', `${name}.xfail`));
  return {
    name,
    command: [runtime, join(packageRoot, program), ...args],
    ...(existsSync(xfail) && { xfail }),
  };
}
