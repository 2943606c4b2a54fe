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
function members(length: number): readonly [Uint8Array, Uint8Array] {
  const overhead = storedGzip(layer).length - layer.length;
  const cut = length - overhead;
  return [storedGzip(layer.subarray(0, cut)), storedGzip(layer.subarray(cut))];
}

export const recipes: readonly Recipe[] = [
  reads('gzip-magic-at-buffer-end', {
    title: 'A second gzip member can begin one byte before 16 KiB',
    requirements: ['LAYER-032'],
    class: 'EDGE_CASE',
    layer: concat(...members(BUFFER - 1)),
    compression: 'gzip',
    tree: ['/f 5 100644 1 0 0 0 0.0 - hello -'],
    // Not asked.
    except: ['rust'],
  }),
  rejects('gzip-zeros-to-buffer-end', {
    title: 'Zeros between two gzip members are rejected, even up to 16 KiB',
    requirements: ['LAYER-035'],
    class: 'HOSTILE',
    layer: concat(members(BUFFER - 100)[0], new Uint8Array(100), members(BUFFER - 100)[1]),
    compression: 'gzip',
    code: 'COMPRESSION_TRAILING',
    control: 'gzip-magic-at-buffer-end',
  }),
];
