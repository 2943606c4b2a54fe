/**
 * Layers that are much longer than their blobs, and limits that a request sets.
 * @module
 */

import {
  fixedGzip,
  rawBlock,
  repeatedBlocks,
  SMALL_WINDOW,
  skippable,
  zstdFrame,
} from '../../builder/compression.ts';
import { archive, concat, file } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { mayReject, reads, rejects } from './parts.ts';

const MIB = 2 ** 20;
const layer = archive(file('f', 'hello'));
const tree = ['/f 5 100644 1 0 0 0 0.0 - hello -'];

/** The layer, padded with zeros to `length` bytes, in zstd. */
function zstdOf(length: number): Uint8Array {
  const zeros = repeatedBlocks(0, length - layer.length);
  return zstdFrame(SMALL_WINDOW, rawBlock(layer), ...zeros, rawBlock(new Uint8Array(0), true));
}

/** The blob of a layer that is exactly as long as `expansion` allows (LAYER-101), or `more` bytes longer. */
function zstdAtLimit(expansion: number, more = 0): Uint8Array {
  let length = expansion * MIB;
  for (;;) {
    const blob = zstdOf(length);
    const wanted = expansion * (blob.length + MIB) + more;
    if (wanted === length) return blob;
    length = wanted;
  }
}

/** The layer, padded with zeros to `length` bytes, in gzip. */
function gzipOf(length: number): Uint8Array {
  return fixedGzip(concat(layer, new Uint8Array(length - layer.length)));
}

/** The layer in a blob that is longer than it: most of its frames are skippable. */
const longBlob = concat(
  ...Array.from({ length: 300 }, () => skippable(new Uint8Array(8))),
  zstdFrame(SMALL_WINDOW, rawBlock(layer, true)),
);

const limits = ['limits.expansion'];

export const recipes: readonly Recipe[] = [
  reads('expansion', {
    title: 'A zstd blob of 2 KiB that expands to 64 MiB is accepted',
    requirements: ['LAYER-099'],
    class: 'LIMIT',
    layer: zstdOf(64 * MIB),
    compression: 'zstd',
    tree,
  }),
  reads('expansion-gzip', {
    title: 'A gzip blob that expands 600 times is accepted',
    requirements: ['LAYER-099'],
    class: 'LIMIT',
    layer: gzipOf(2 * MIB),
    compression: 'gzip',
    tree,
  }),
  mayReject('expansion-too-large', {
    title: 'A layer above its expansion limit is read correctly or rejected',
    requirements: ['LAYER-100'],
    class: 'HOSTILE',
    layer: zstdAtLimit(1024, 1),
    compression: 'zstd',
    because: 'A tree builder may reject a layer that is longer than its expansion limit.',
    code: 'COMPRESSION_LIMIT',
    control: 'expansion',
    tree,
  }),
  reads('max-expansion', {
    title: 'A layer at the expansion of the request is accepted',
    requirements: ['LAYER-101'],
    class: 'LIMIT',
    needs: limits,
    params: { maxExpansion: '2' },
    layer: zstdAtLimit(2),
    compression: 'zstd',
    tree,
  }),
  rejects('max-expansion-passed', {
    title: 'A layer one byte above the expansion of the request is rejected',
    requirements: ['LAYER-101'],
    class: 'LIMIT',
    needs: limits,
    params: { maxExpansion: '2' },
    layer: zstdAtLimit(2, 1),
    compression: 'zstd',
    code: 'COMPRESSION_LIMIT',
    control: 'max-expansion',
  }),
  rejects('max-expansion-passed-gzip', {
    title: 'A gzip layer above the expansion of the request is rejected',
    requirements: ['LAYER-101'],
    class: 'HOSTILE',
    needs: limits,
    params: { maxExpansion: '1' },
    layer: gzipOf(2 * MIB),
    compression: 'gzip',
    code: 'COMPRESSION_LIMIT',
    control: 'expansion-gzip',
  }),
  reads('max-size', {
    title: 'A layer with the size of the request is accepted',
    requirements: ['LAYER-102'],
    class: 'LIMIT',
    needs: limits,
    params: { maxSize: '2048' },
    layer,
    tree,
  }),
  rejects('max-size-passed', {
    title: 'A layer one byte above the size of the request is rejected',
    requirements: ['LAYER-102'],
    class: 'LIMIT',
    needs: limits,
    params: { maxSize: '2047' },
    layer,
    code: 'COMPRESSION_LIMIT',
    control: 'max-size',
  }),
  rejects('max-size-passed-behind-the-end', {
    title: 'A layer that exceeds its size only after the end is rejected',
    requirements: ['LAYER-102'],
    class: 'LIMIT',
    needs: limits,
    params: { maxSize: '2048' },
    layer: concat(layer, '!'),
    code: 'COMPRESSION_LIMIT',
    control: 'max-size',
  }),
  reads('max-size-of-blob', {
    title: 'A layer whose blob has the size of the request is accepted',
    requirements: ['LAYER-102', 'LAYER-033'],
    class: 'LIMIT',
    needs: limits,
    params: { maxSize: String(longBlob.length) },
    layer: longBlob,
    compression: 'zstd',
    tree,
    // Not asked: it has no limit.
    except: ['rust'],
  }),
  rejects('max-size-passed-by-blob', {
    title: 'A layer whose blob alone exceeds the size of the request is rejected',
    requirements: ['LAYER-102'],
    class: 'HOSTILE',
    needs: limits,
    params: { maxSize: String(longBlob.length - 1) },
    layer: longBlob,
    compression: 'zstd',
    code: 'COMPRESSION_LIMIT',
    control: 'max-size-of-blob',
  }),
];
