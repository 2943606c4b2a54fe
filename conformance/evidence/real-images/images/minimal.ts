/**
 * A minimal Debian: a bootstrapped base, a layer that umoci writes for changes to it, and a layer written by hand.
 * @module
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageMaker } from './image-maker.ts';
import { changedTree, lastLayer } from './minimal-layers.ts';

/** Creates the image. */
export async function makeMinimal(maker: ImageMaker): Promise<void> {
  const { folder, processes, image } = maker;
  const base = join(folder, 'base.tar');
  await maker.bootstrapped(base);
  await maker.begin();
  await maker.add(base);
  const bundle = join(folder, 'bundle');
  await processes.run('umoci', 'unpack', '--image', image, bundle);
  await changedTree(join(bundle, 'rootfs'));
  await processes.run('umoci', 'repack', '--image', image, bundle);
  const last = join(folder, 'last.tar');
  await writeFile(last, lastLayer());
  await maker.add(last);
}
