/**
 * A minimal Debian as tools make it: a base, what umoci finds changed in it, and a layer written by hand.
 * @module
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changedTree, lastLayer } from './minimal-layers.ts';
import type { Workshop } from './workshop.ts';

/** Makes the image. */
export async function makeMinimal(workshop: Workshop): Promise<void> {
  const { folder, processes, image } = workshop;
  const base = join(folder, 'base.tar');
  await workshop.bootstrapped(base);
  await workshop.begin();
  await workshop.add(base);
  const bundle = join(folder, 'bundle');
  await processes.run('umoci', 'unpack', '--image', image, bundle);
  await changedTree(join(bundle, 'rootfs'));
  await processes.run('umoci', 'repack', '--image', image, bundle);
  const last = join(folder, 'last.tar');
  await writeFile(last, lastLayer());
  await workshop.add(last);
}
