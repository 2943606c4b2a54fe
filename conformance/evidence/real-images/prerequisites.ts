/**
 * What creating and comparing real images needs, and what this machine lacks.
 * @module
 */

import { readFileSync } from 'node:fs';
import { programPath } from '../../implementations/install/paths.ts';
import { isInstalled } from '../processes.ts';
import { python } from './python.ts';

/** The required tools, and how to install them on Debian. */
const tools = {
  mmdebstrap: 'apt install mmdebstrap',
  umoci: 'apt install umoci',
  'dpkg-deb': 'it is part of Debian',
  tar: 'apt install tar',
  [python]: 'apt install python3',
} as const;

/** One line for each missing prerequisite. */
export function missingPrerequisites(): string[] {
  const missing: string[] = [];
  for (const [tool, hint] of Object.entries(tools)) {
    if (!isInstalled(tool)) missing.push(`${tool}: ${hint}`);
  }
  if (process.getuid?.() !== 0) missing.push('root: files in the images belong to several users');
  if (debianRelease() === undefined) {
    missing.push('Debian: the images are made from packages of the release in /etc/os-release');
  }
  for (const program of ['mkcomposefs', 'fsverity', 'fsck.erofs'] as const) {
    if (programPath(program) === undefined) missing.push(`${program}: npm run peers`);
  }
  return missing;
}

/** The code name of the Debian release of this machine; undefined if it does not run Debian. */
export function debianRelease(): string | undefined {
  let release: string;
  try {
    release = readFileSync('/etc/os-release', 'utf8');
  } catch {
    return undefined;
  }
  if (!/^ID=debian$/m.test(release)) return undefined;
  return /^VERSION_CODENAME=([a-z]+)$/m.exec(release)?.[1];
}
