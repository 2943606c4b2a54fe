/**
 * One static program and next to nothing else, as images that start from nothing are: no `/usr`, no libraries.
 * @module
 */

import { chmod, copyFile, link, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Workshop } from './workshop.ts';

/** Makes the image. */
export async function makeStatic(workshop: Workshop): Promise<void> {
  const { folder, processes } = workshop;
  const packages = await workshop.download(['busybox-static'], folder);
  const unpacked = join(folder, 'unpacked');
  const own = packages.filter(path => basename(path).startsWith('busybox-static_'));
  for (const path of own) await processes.run('dpkg-deb', '-x', path, unpacked);
  const program = (await readdir(unpacked, { recursive: true })).find(path =>
    /^(usr\/)?bin\/busybox$/.test(path),
  );
  if (program === undefined) throw new Error('the package busybox-static has no busybox');

  const first = join(folder, 'first');
  await mkdir(first);
  await copyFile(join(unpacked, program), join(first, 'busybox'));
  await link(join(first, 'busybox'), join(first, 'sh'));

  const second = join(folder, 'second');
  await mkdir(join(second, 'etc'), { recursive: true });
  await mkdir(join(second, 'tmp'));
  await chmod(join(second, 'tmp'), 0o1777);
  await writeFile(join(second, 'etc/passwd'), 'root:x:0:0::/:/sh\n');
  await writeFile(join(second, '.wh.sh'), '');
  await symlink('busybox', join(second, 'init'));

  await workshop.begin();
  await workshop.add(await workshop.archive(first, 'gnu'));
  await workshop.add(await workshop.archive(second, 'pax'));
}
