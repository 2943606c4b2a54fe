/**
 * The first file system of the guest: Python, the modules of the kernel, and the program that does the jobs.
 * @module
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';
import {
  type ArchiveEntry,
  cpioArchive,
  directoryEntry,
  fileEntry,
  folderEntries,
  symlinkEntry,
} from './cpio.ts';

const evidence = join(packageRoot, 'conformance/evidence');
/** The folders with the modules that the guest loads, and those that these need. */
const MODULE_FOLDERS = [
  'fs/erofs',
  'fs/netfs',
  'fs/overlayfs',
  'fs/ext4',
  'lib',
  'crypto',
  'drivers/md',
  'drivers/block',
  'drivers/virtio',
];
/** The parts of the Debian packages that Python needs. */
const SYSTEM_FOLDERS = ['bin', 'lib', 'lib64'];
const NOT_NEEDED = /\/(?:test|lib2to3|pydoc_data|idlelib|gconv)\//;

/** The archive for a kernel with `modules`; `system` is the folder of the unpacked packages. */
export function initramfs(system: string, modules: string): Buffer {
  const entries: ArchiveEntry[] = [directoryEntry('usr')];
  // Packages of older releases have files in /bin and /lib, which are links in a system where they are installed.
  for (const name of SYSTEM_FOLDERS) {
    entries.push(symlinkEntry(name, `usr/${name}`));
    for (const top of [`usr/${name}`, name]) {
      const folder = join(system, top);
      if (existsSync(folder)) entries.push(...folderEntries(folder, `usr/${name}`));
    }
  }
  entries.push(directoryEntry('modules'));
  for (const folder of MODULE_FOLDERS.filter(each => existsSync(join(modules, each)))) {
    entries.push(...folderEntries(join(modules, folder), join('modules', folder.replaceAll('/', '-'))));
  }
  entries.push(directoryEntry('guest'), ...guestPrograms());
  return cpioArchive(entries.filter(({ path }) => !NOT_NEEDED.test(path)));
}

function guestPrograms(): ArchiveEntry[] {
  const folder = join(evidence, 'kernel/guest');
  const scripts = readdirSync(folder).filter(name => name.endsWith('.py'));
  const paths = [
    ...scripts.map(name => join(folder, name)),
    join(evidence, 'external-checks/mount_and_list.py'),
  ];
  return [
    ...paths.map(path => fileEntry(join('guest', path.slice(path.lastIndexOf('/') + 1)), readFileSync(path))),
    fileEntry('init', readFileSync(join(folder, 'init.py')), 0o755),
  ];
}
