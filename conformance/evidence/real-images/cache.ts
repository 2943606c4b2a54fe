/**
 * Creates the real images, and keeps them in the cache of this user.
 * @module
 */

import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../implementations/install/paths.ts';
import type { Processes } from '../processes.ts';
import { ImageMaker } from './images/image-maker.ts';
import type { RealImage } from './images.ts';

/** An image in the cache. */
export interface CachedImage {
  /** The folder of the layout; the tag is `latest`. */
  readonly layout: string;
  readonly bytes: number;
  readonly layers: number;
  readonly madeInSeconds: number;
  /** Whether this run created it. */
  readonly fresh: boolean;
}

/** The JSON file beside a cached layout. */
interface CacheNote {
  readonly madeInSeconds: number;
}

const NOTE = 'made.json';

/** The folder of the images, and of temporary files. */
export function realImagesFolder(): string {
  return join(cacheFolder(), 'real');
}

/**
 * Returns an image. Creates it from packages of its own Debian release, or else of `machineSuite`, if it is not cached,
 * or if `anew` is set.
 */
export async function cachedImage(
  image: RealImage,
  machineSuite: string,
  processes: Processes,
  anew: boolean,
): Promise<CachedImage> {
  const suite = image.labelledRelease ?? machineSuite;
  const folder = join(realImagesFolder(), `${suite}-${image.name}`);
  const fresh = anew || !existsSync(folder);
  if (fresh) await make(image, suite, folder, processes);
  const { madeInSeconds } = JSON.parse(readFileSync(join(folder, NOTE), 'utf8')) as CacheNote;
  const layout = join(folder, 'layout');
  return { layout, bytes: await sizeOf(layout), layers: layersOf(layout), madeInSeconds, fresh };
}

async function make(image: RealImage, suite: string, folder: string, processes: Processes): Promise<void> {
  await mkdir(realImagesFolder(), { recursive: true });
  const scratch = await mkdtemp(join(realImagesFolder(), 'making-'));
  try {
    const started = performance.now();
    const maker = new ImageMaker(suite, scratch, processes);
    await image.make(maker);
    const madeInSeconds = Math.round((performance.now() - started) / 100) / 10;
    const done = join(scratch, 'done');
    await mkdir(done);
    await processes.run('umoci', 'gc', '--layout', maker.layout);
    await rename(maker.layout, join(done, 'layout'));
    await writeFile(join(done, NOTE), `${JSON.stringify({ madeInSeconds } satisfies CacheNote)}\n`);
    await rm(folder, { recursive: true, force: true });
    await rename(done, folder);
  } finally {
    await rm(scratch, { recursive: true });
  }
}

async function sizeOf(folder: string): Promise<number> {
  const paths = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(paths.map(async path => (await stat(join(folder, path))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function layersOf(layout: string): number {
  return readManifest(layout).layers.length;
}

/** The blob of a layer. */
export interface LayerFile {
  readonly mediaType: string;
  readonly path: string;
}

/** The manifest of the only image of a layout. */
export function readManifest(layout: string): {
  /** OCI digest. */
  readonly digest: string;
  readonly mediaType: string;
  /** The diff_ids in the config. */
  readonly diffIds: readonly string[];
  readonly layers: readonly LayerFile[];
} {
  const index = readJson<{ manifests: readonly Descriptor[] }>(join(layout, 'index.json'));
  const [descriptor, ...others] = index.manifests;
  if (descriptor === undefined || others.length > 0) throw new Error(`${layout} must have exactly one image`);
  const { config, layers } = readJson<Manifest>(blobPath(layout, descriptor));
  const { rootfs } = readJson<{ rootfs: { diff_ids: readonly string[] } }>(blobPath(layout, config));
  return {
    digest: descriptor.digest,
    mediaType: descriptor.mediaType,
    diffIds: rootfs.diff_ids,
    layers: layers.map(layer => ({ mediaType: layer.mediaType, path: blobPath(layout, layer) })),
  };
}

interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
}

function blobPath(layout: string, { digest }: Descriptor): string {
  return join(layout, 'blobs', digest.replace(':', '/'));
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
