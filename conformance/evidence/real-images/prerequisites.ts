/**
 * What this machine has of what making and judging images needs.
 * @module
 */

import { readFileSync } from 'node:fs';
import { peerPath } from '../../implementations/install/paths.ts';
import { present } from '../processes.ts';
import { python } from './python.ts';

/** Tools without which nothing can be said, and how Debian has them. */
const tools = {
  mmdebstrap: 'apt install mmdebstrap',
  umoci: 'apt install umoci',
  'dpkg-deb': 'it is part of Debian',
  tar: 'apt install tar',
  [python]: 'apt install python3',
} as const;

/** One line for each thing that is missing. */
export function whatIsMissing(): string[] {
  const missing: string[] = [];
  for (const [tool, how] of Object.entries(tools)) {
    if (!present(tool)) missing.push(`${tool}: ${how}`);
  }
  if (process.getuid?.() !== 0) missing.push('root: files of the images belong to several users');
  if (debianRelease() === undefined) {
    missing.push('a Debian release in /etc/os-release, whose packages to take');
  }
  for (const peer of ['mkcomposefs', 'fsverity', 'fsck.erofs'] as const) {
    if (peerPath(peer) === undefined) missing.push(`${peer}: npm run peers`);
  }
  return missing;
}

/** The code name of the Debian release this machine runs. */
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
