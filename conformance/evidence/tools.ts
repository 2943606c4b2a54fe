/**
 * Programs that a comparison uses if this machine has them.
 * @module
 */

import { spawnSync } from 'node:child_process';
import { cfsctlPath } from '../implementations/install/paths.ts';

/** A tool that may be installed. */
export interface OptionalTool {
  /** The program. Absent if it is not installed. */
  readonly path?: string;
  /** Its name, with the version if it is installed. */
  readonly name: string;
}

/** composefs-rs, as built by `npm run peers -- composefs-rs`, or from the PATH. */
export function composefsRs(): OptionalTool {
  const path = cfsctlPath() ?? 'cfsctl';
  const version = versionOf(path, /^cfsctl (\S+)/);
  return version === undefined ? { name: 'composefs-rs' } : { path, name: `composefs-rs ${version}` };
}

/** skopeo, from the PATH. */
export function skopeo(): OptionalTool {
  const version = versionOf('skopeo', /^skopeo version (\S+)/);
  return version === undefined ? { name: 'skopeo' } : { path: 'skopeo', name: `skopeo ${version}` };
}

/** tar-split, from the PATH. */
export function tarSplit(): OptionalTool {
  const version = versionOf('tar-split', /^tar-split version (\S+)/);
  return version === undefined ? { name: 'tar-split' } : { path: 'tar-split', name: `tar-split ${version}` };
}

/** The version that `--version` prints: the group of `pattern`. Undefined if the program is not installed. */
export function versionOf(program: string, pattern: RegExp): string | undefined {
  const { error, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return error === undefined ? pattern.exec(stdout)?.[1] : undefined;
}
