/**
 * A static program with very few other files, as in an image built FROM scratch: no `/usr`, no libraries.
 * @module
 */

import { chmod, copyFile, link, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ImageMaker } from './image-maker.ts';

/** Creates the image. */
export async function makeStatic(maker: ImageMaker): Promise<void> {
  const { folder, processes } = maker;
  const packages = await maker.download(['busybox-static'], folder);
  const unpacked = join(folder, 'unpacked');
  const busybox = packages.filter(path => basename(path).startsWith('busybox-static_'));
  for (const path of busybox) await processes.run('dpkg-deb', '-x', path, unpacked);
  const program = (await readdir(unpacked, { recursive: true })).find(path =>
    /^(usr\/)?bin\/busybox$/.test(path),
  );
  if (program === undefined) throw new Error('the package busybox-static does not contain busybox');

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

  await maker.begin();
  await maker.add(await maker.archive(first, 'gnu'));
  await maker.add(await maker.archive(second, 'pax'));
}
