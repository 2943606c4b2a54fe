/**
 * The images that were made, kept in the cache of this user.
 * @module
 */

import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { peersFolder } from '../../implementations/install/paths.ts';
import type { Processes } from '../processes.ts';
import { Workshop } from './images/workshop.ts';
import type { RealImage } from './images.ts';

/** An image in the cache. */
export interface Cached {
  /** The folder of the layout; the tag is `latest`. */
  readonly layout: string;
  readonly bytes: number;
  readonly layers: number;
  readonly madeInSeconds: number;
  /** Whether it was made now. */
  readonly fresh: boolean;
}

/** What is kept beside a layout, as JSON. */
interface Note {
  readonly madeInSeconds: number;
}

const NOTE = 'made.json';

/** The folder of the images, and of what is needed for a while. */
export function realFolder(): string {
  return join(dirname(peersFolder()), 'real');
}

/** The image, made of packages of the Debian release `suite` where it is not there, or where it is to be `anew`. */
export async function cachedImage(
  image: RealImage,
  suite: string,
  processes: Processes,
  anew: boolean,
): Promise<Cached> {
  const folder = join(realFolder(), `${suite}-${image.name}`);
  const fresh = anew || !existsSync(folder);
  if (fresh) await make(image, suite, folder, processes);
  const { madeInSeconds } = JSON.parse(readFileSync(join(folder, NOTE), 'utf8')) as Note;
  const layout = join(folder, 'layout');
  return { layout, bytes: await sizeOf(layout), layers: layersOf(layout), madeInSeconds, fresh };
}

async function make(image: RealImage, suite: string, folder: string, processes: Processes): Promise<void> {
  await mkdir(realFolder(), { recursive: true });
  const scratch = await mkdtemp(join(realFolder(), 'making-'));
  try {
    const started = performance.now();
    const workshop = new Workshop(suite, scratch, processes);
    await image.make(workshop);
    const madeInSeconds = Math.round((performance.now() - started) / 100) / 10;
    const done = join(scratch, 'done');
    await mkdir(done);
    await processes.run('umoci', 'gc', '--layout', workshop.layout);
    await rename(workshop.layout, join(done, 'layout'));
    await writeFile(join(done, NOTE), `${JSON.stringify({ madeInSeconds } satisfies Note)}\n`);
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
  return readImage(layout).layers.length;
}

/** A descriptor, as far as it is of interest here. */
export interface Blob {
  readonly mediaType: string;
  readonly path: string;
}

/** The manifest of the only image of a layout. */
export function readImage(layout: string): { readonly mediaType: string; readonly layers: readonly Blob[] } {
  const index = readJson<{ manifests: readonly Descriptor[] }>(join(layout, 'index.json'));
  const [descriptor, ...others] = index.manifests;
  if (descriptor === undefined || others.length > 0) throw new Error(`${layout} has not one image`);
  const { layers } = readJson<{ layers: readonly Descriptor[] }>(blobPath(layout, descriptor));
  return {
    mediaType: descriptor.mediaType,
    layers: layers.map(layer => ({ mediaType: layer.mediaType, path: blobPath(layout, layer) })),
  };
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
