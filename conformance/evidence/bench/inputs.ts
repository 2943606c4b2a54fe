/**
 * The inputs of the tasks, which are created once and kept in the cache of this user.
 * @module
 */

import { createCipheriv } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../implementations/install/paths.ts';
import { entriesLayer, fileLayer, SHARING_IMAGES, sharingLayer, systemLayers } from './archives.ts';
import { debianPackages, samplePaths } from './debian.ts';
import { linesOf, syntheticLines } from './dumpfile.ts';
import { makeLayout, makePlainLayout } from './layouts.ts';
import { makeStore } from './stores.ts';

/** The minimum number of inodes in the tree of real packages. */
const DEBIAN_INODES = 64_000;

/** The number of packages in the image of a system; they have 31 files on average. */
const PACKAGES = 820;
/** The number of entries in the image that consists mostly of inodes. */
const ENTRIES = 256 * 1024;
const LARGE_FILE = 4 * 1024 ** 3;

const sharingImages = Array.from({ length: SHARING_IMAGES }, (_, number) => [sharingLayer(number)]);

/** The inputs, and a function that creates each at a path. */
const makers = {
  'debian.dump': inFile(async function* () {
    const packages = await debianPackages(join(benchFolder(), 'apt'));
    yield* text(linesOf(samplePaths(packages, DEBIAN_INODES)));
  }),
  'synthetic-10k.dump': inFile(() => text(syntheticLines(10_000))),
  'synthetic-100k.dump': inFile(() => text(syntheticLines(100_000))),
  'synthetic-1m.dump': inFile(() => text(syntheticLines(1_000_000))),
  'file-64m': inFile(() => noise(64)),
  'file-1g': inFile(() => noise(1024)),
  'image-gzip': path => makeLayout(path, systemLayers(PACKAGES), 'gzip'),
  'image-zstd': path => makeLayout(path, systemLayers(PACKAGES), 'zstd'),
  'image-4g-gzip': path => makeLayout(path, [fileLayer(LARGE_FILE)], 'gzip'),
  'image-4g-zstd': path => makeLayout(path, [fileLayer(LARGE_FILE)], 'zstd'),
  'image-256k': path => makeLayout(path, [entriesLayer(ENTRIES)], 'gzip'),
  'images-sharing': path => makePlainLayout(path, sharingImages),
} satisfies Record<string, (path: string) => Promise<void>>;

/** Stores with the first images of a layout. */
const stores = {
  'store-system': { layout: 'image-zstd', images: 1 },
  'store-1': { layout: 'images-sharing', images: 1 },
  'store-50': { layout: 'images-sharing', images: SHARING_IMAGES },
} as const satisfies Record<string, { readonly layout: keyof typeof makers; readonly images: number }>;

/** The name of an input. */
export type InputName = keyof typeof makers | keyof typeof stores;

/** The folder of inputs and outputs. */
export function benchFolder(): string {
  return join(cacheFolder(), 'bench');
}

/** The path of an input. Creates the input if it does not exist, and logs that. Throws `Unavailable`. */
export async function inputPath(input: InputName, log: (step: string) => void): Promise<string> {
  const path = join(benchFolder(), input);
  if (existsSync(path)) return path;
  log(`creating ${path}`);
  await mkdir(benchFolder(), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  try {
    await make(input, unfinished, log);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return path;
}

async function make(input: InputName, path: string, log: (step: string) => void): Promise<void> {
  if (!(input in stores)) return makers[input as keyof typeof makers](path);
  const { layout, images } = stores[input as keyof typeof stores];
  return makeStore(path, await inputPath(layout, log), images);
}

/** A function that writes a file with `chunks`. */
function inFile(
  chunks: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): (path: string) => Promise<void> {
  return async path => {
    const handle = await open(path, 'wx');
    try {
      for await (const chunk of chunks()) await handle.writeFile(chunk);
    } finally {
      await handle.close();
    }
  };
}

/** Lines in large chunks. */
function* text(lines: Iterable<string>): Generator<Uint8Array> {
  let pending = '';
  for (const line of lines) {
    pending += line;
    if (pending.length < 1_000_000) continue;
    yield Buffer.from(pending, 'latin1');
    pending = '';
  }
  yield Buffer.from(pending, 'latin1');
}

/** `megabytes` MiB of pseudo-random bytes, which are always the same. */
function* noise(megabytes: number): Generator<Uint8Array> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  const zeros = Buffer.alloc(1024 * 1024);
  for (let i = 0; i < megabytes; i++) yield cipher.update(zeros);
}
