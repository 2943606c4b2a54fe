/**
 * Generates the archives of the layers of test images.
 * @module
 */

import { type Fields, header } from '../../generate/builder/tar.ts';
import { content, fileSize, PseudoRandom } from './content.ts';

const BLOCK = 512;
/** 2023-11-14. */
const MTIME = 1_700_000_000;

/** The bytes of one archive, in chunks. */
export type Archive = Iterable<Uint8Array>;

/** The percentage of the packages of {@link systemLayers} in each layer: a base, and layers with additions. */
const layerShares = [28, 12, 5, 25, 3, 17, 8, 2] as const;

/**
 * A system in eight layers: `packages` folders of 2 to 61 files each. Every layer above the base also replaces some
 * files of the base, and has some whiteouts.
 */
export function systemLayers(packages: number): Archive[] {
  let first = 0;
  return layerShares.map((share, layer) => {
    const from = first;
    first += Math.ceil((packages * share) / 100);
    return systemLayer(layer, from, first);
  });
}

function* systemLayer(layer: number, from: number, to: number): Archive {
  yield* directory('usr/');
  yield* directory('usr/lib/');
  for (let number = from; number < to; number++) yield* packageEntries(number, 'first');
  const base = Math.min(from, 40);
  for (let number = 0; number < base; number++) {
    if (number % 8 === layer) yield* packageEntries(number, `again in layer ${layer}`);
    else if (number % 8 === 0) yield* file(`${packagePath(number)}.wh.file-${layer}.so`, '', 0);
  }
  yield* end();
}

function packagePath(number: number): string {
  return `usr/lib/package-${number}/`;
}

function* packageEntries(number: number, version: string): Archive {
  const path = packagePath(number);
  const numbers = new PseudoRandom(`package ${number}`);
  const files = 2 + numbers.below(60);
  yield* directory(path);
  for (let i = 0; i < files; i++) {
    const name = `${path}file-${i}.so`;
    yield* file(name, `${name} ${version}`, fileSize(numbers));
    if (i % 16 === 0) yield* entry({ name: `${name}.1`, type: '2', link: `file-${i}.so`, mode: 0o777 });
  }
}

/** The number of images that share most files, and of the packages in each. */
export const SHARING_IMAGES = 50;
const SHARED_PACKAGES = 20;

/** The only layer of image `number` of those that share most files: one package is different in each of them. */
export function* sharingLayer(number: number): Archive {
  yield* directory('usr/');
  yield* directory('usr/lib/');
  for (let i = 0; i < SHARED_PACKAGES; i++) {
    yield* packageEntries(i, i === number % SHARED_PACKAGES ? `of image ${number}` : 'shared');
  }
  yield* end();
}

/** A layer with one file of `size` bytes, in `/usr`. */
export function* fileLayer(size: number): Archive {
  yield* directory('usr/');
  yield* file('usr/file', 'a large file', size);
  yield* end();
}

/** The number of files in each directory of {@link entriesLayer}, and of their different contents. */
const FILES = 63;
const CONTENTS = 50;

/** A layer with `/usr` and `entries` entries below it (a multiple of 64): directories, and files of 100 bytes. */
export function* entriesLayer(entries: number): Archive {
  yield* directory('usr/');
  for (let number = 0; number < entries / (FILES + 1); number++) {
    const path = `usr/folder-${number}/`;
    yield* directory(path);
    for (let i = 0; i < FILES; i++) {
      const name = `${path}file-name-${String(i).padStart(7, '0')}`;
      yield* file(name, `content ${(number + i) % CONTENTS}`, 100);
    }
  }
  yield* end();
}

function* directory(name: string): Archive {
  yield* entry({ name, type: '5', mode: 0o755 });
}

function* file(name: string, seed: string, size: number): Archive {
  yield* entry({ name, mode: 0o644, size });
  yield* content(seed, size);
  yield Buffer.alloc(-size & (BLOCK - 1));
}

function* entry(fields: Fields): Archive {
  yield header({ mtime: MTIME, ...fields });
}

/** The end of an archive: two blocks of zeros. */
function* end(): Archive {
  yield Buffer.alloc(2 * BLOCK);
}
