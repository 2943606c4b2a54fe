/**
 * Programs that a comparison asks where this machine has them.
 * @module
 */

import { spawnSync } from 'node:child_process';
import { cfsctlPath } from '../implementations/install/paths.ts';

/** A tool that can be asked where it is there. */
export interface OptionalTool {
  /** The program. Absent where it is not there. */
  readonly path?: string;
  /** Its name, with the version where it is there. */
  readonly name: string;
}

/** composefs-rs: as `npm run peers -- composefs-rs` built it, or of the PATH. */
export function composefsRs(): OptionalTool {
  const path = cfsctlPath() ?? 'cfsctl';
  const version = versionOf(path, /^cfsctl (\S+)/);
  return version === undefined ? { name: 'composefs-rs' } : { path, name: `composefs-rs ${version}` };
}

/** skopeo, of the PATH. */
export function skopeo(): OptionalTool {
  const version = versionOf('skopeo', /^skopeo version (\S+)/);
  return version === undefined ? { name: 'skopeo' } : { path: 'skopeo', name: `skopeo ${version}` };
}

/** What `--version` says, as the group of `pattern`. Undefined where there is no such program. */
export function versionOf(program: string, pattern: RegExp): string | undefined {
  const { error, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return error === undefined ? pattern.exec(stdout)?.[1] : undefined;
}
