/**
 * How an image in a store is mounted.
 * @module
 */

import { join, resolve } from 'node:path';
import { ComposefsError } from '../errors.ts';
import { quoted } from '../oci/json.ts';
import { verifyObject } from './documents.ts';
import { hasImage, imagesOf, readImage } from './images.ts';
import type { StoredImage } from './import.ts';
import { type LockOptions, whileLocked } from './lock.ts';
import { resolveImage } from './roots.ts';
import { requiresVerity, type Store } from './store.ts';

/** Options of {@link mountPlan}. */
export interface MountOptions extends LockOptions {
  /** Default: `merged`. */
  readonly role?: StoredImage['role'] | undefined;
}

/** A command that mounts an image. */
export interface MountPlan {
  readonly image: StoredImage;
  /** Whether the kernel compares every file with the image. Without fs-verity it cannot. */
  readonly verity: boolean;
  /** The program and its arguments. */
  readonly command: readonly string[];
}

/** The command that mounts an image at `target`. The composefs image is verified, the objects are not. */
export async function mountPlan(
  store: Store,
  name: string,
  target: string,
  options: MountOptions = {},
): Promise<MountPlan> {
  return whileLocked(
    store.directory,
    'shared',
    async () => {
      const { config } = await readImage(store, resolveImage(store, name));
      const { role = 'merged' } = options;
      const image = imagesOf(config.names).find(each => each.role === role && hasImage(store, each.digest));
      if (image === undefined) {
        const detail = `the store has no composefs image of role ${role} for ${quoted(name)}: import it again`;
        throw new ComposefsError('STORE_UNKNOWN', detail);
      }
      verifyObject(store, image.digest);
      const verity = await requiresVerity(store);
      const directory = resolve(store.directory);
      const mountOptions = [
        'ro',
        `basedir=${join(directory, 'objects')}`,
        ...(verity ? [`digest=${image.digest}`, 'verity'] : []),
      ].join(',');
      const source = join(directory, 'images', image.digest);
      return { image, verity, command: ['mount', '-t', 'composefs', '-o', mountOptions, source, target] };
    },
    options,
  );
}
