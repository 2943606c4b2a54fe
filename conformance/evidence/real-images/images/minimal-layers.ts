/**
 * The changes in the upper layers of the minimal image.
 * @module
 */

import { appendFile, chmod, link, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  archive,
  directory,
  file,
  hardlink,
  pax,
  symlink as symlinkEntry,
} from '../../../generate/builder/tar.ts';

/** `cap_net_bind_service=ep` as a `struct vfs_cap_data` of revision 2. */
const netBindService = new Uint8Array([1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

/** Changes an unpacked Debian: deletes, adds and replaces files, adds names, and turns a directory into a file. */
export async function changedTree(root: string): Promise<void> {
  const doc = join(root, 'usr/share/doc');
  for (const name of (await readdir(doc)).slice(0, 20)) await rm(join(doc, name), { recursive: true });
  await rm(join(root, 'usr/share/man'), { recursive: true, force: true });
  await appendFile(join(root, 'etc/profile'), '# changed\n');
  await chmod(join(root, 'usr/bin/find'), 0o4755);
  await mkdir(join(root, 'opt/demo/deep/er'), { recursive: true });
  await writeFile(join(root, 'opt/demo/small'), 'x'.repeat(64));
  await writeFile(join(root, 'opt/demo/large'), 'x'.repeat(65));
  await writeFile(join(root, 'opt/demo/empty'), '');
  await link(join(root, 'opt/demo/large'), join(root, 'opt/demo/deep/large too'));
  await symlink('../../small', join(root, 'opt/demo/deep/er/link'));
  // A directory becomes a file, and a file a directory.
  await rm(join(root, 'srv'), { recursive: true });
  await writeFile(join(root, 'srv'), 'not a directory any more\n');
  await rm(join(root, 'etc/issue'));
  await mkdir(join(root, 'etc/issue'));
}

/** A layer with a whiteout, an opaque directory, a hard link to a lower file, unusual names and times. */
export function lastLayer(): Uint8Array {
  const mtime = 1700000000;
  return archive(
    directory('etc/', { mtime }),
    file('etc/.wh.issue.net'),
    directory('opt/', { mtime }),
    directory('opt/demo/', { mtime }),
    directory('opt/demo/deep/', { mtime }),
    file('opt/demo/deep/.wh..wh..opq'),
    file('opt/demo/deep/new', 'new\n', { mtime }),
    hardlink('opt/demo/bash', 'usr/bin/bash', { mtime }),
    pax({
      path: 'opt/demo/\u00fc \\ =\t',
      mtime: '1700000001.123456789',
      'SCHILY.xattr.user.demo': 'kept by one policy',
      'SCHILY.xattr.security.capability': netBindService,
    }),
    file('opt/demo/odd', 'odd\n'),
    symlinkEntry('opt/demo/small', 'large', { mtime }),
  );
}
