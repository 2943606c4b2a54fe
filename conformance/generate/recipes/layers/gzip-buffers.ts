/**
 * gzip members that begin where readers fill a buffer of 16 KiB, or before.
 * @module
 */

import { storedGzip } from '../../builder/compression.ts';
import { archive, concat, file, header } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { reads, rejects } from './parts.ts';

const BUFFER = 16_384;

/** An archive of more than {@link BUFFER} bytes: a comment and a file. */
const record = `${BUFFER} comment=`.padEnd(BUFFER - 1, 'c');
const layer = concat(
  header({ name: 'x', type: 'g', size: BUFFER }),
  record,
  '\n',
  archive(file('f', 'hello')),
);

/** The archive in two members, of which the first one has `length` bytes. */
function members(length: number): Uint8Array {
  const overhead = storedGzip(layer).length - layer.length;
  const cut = length - overhead;
  return concat(storedGzip(layer.subarray(0, cut)), storedGzip(layer.subarray(cut)));
}

/** An archive in one member, zeros, and at {@link BUFFER} a second member. */
const zerosBetween = (() => {
  const first = storedGzip(archive(file('f', 'hello')));
  return concat(first, new Uint8Array(BUFFER - first.length), storedGzip(new Uint8Array(512)));
})();

export const recipes: readonly Recipe[] = [
  reads('gzip-magic-at-buffer-end', {
    title: 'A second gzip member can begin one byte before 16 KiB',
    requirements: ['LAYER-032'],
    class: 'EDGE_CASE',
    layer: members(BUFFER - 1),
    compression: 'gzip',
    tree: ['/f 5 100644 1 0 0 0 0.0 - hello -'],
    // Not asked.
    except: ['rust'],
  }),
  rejects('gzip-zeros-to-buffer-end', {
    title: 'Zeros between two gzip members are rejected, even up to 16 KiB',
    requirements: ['LAYER-035'],
    class: 'HOSTILE',
    layer: zerosBetween,
    compression: 'gzip',
    code: 'COMPRESSION_TRAILING',
    control: 'gzip-magic-at-buffer-end',
  }),
];
