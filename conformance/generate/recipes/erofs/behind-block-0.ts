/**
 * Images without image inodes in block 0, which only the superblock and what is before it take.
 * @module
 */

import { erofsFields } from '../../image-map/decode.ts';
import type { Recipe } from '../../recipe.ts';
import { root } from '../dumpfile/lines.ts';
import { startOf } from './changes.ts';
import { COMPOSEFS_INFO, COMPOSEFS_RS, file, reads, rejectsImage } from './parts.ts';

const INODES_AT = 1152;
const BLOCK = 4096;

/** A file with one data block. */
const tree = root + file('/a', 'a'.repeat(BLOCK));

/** `image`, the image of {@link tree}, with everything behind the superblock one block later. */
function behindBlock0(image: Uint8Array): Uint8Array {
  const longer = new Uint8Array(image.length + BLOCK);
  longer.set(image.subarray(0, INODES_AT));
  longer.set(image.subarray(INODES_AT), INODES_AT + BLOCK);
  const view = new DataView(longer.buffer);
  for (const { where, name, start } of erofsFields(image)) {
    const at = start < INODES_AT ? start : start + BLOCK;
    if (name === 'root_nid') view.setUint16(at, view.getUint16(at, true) + BLOCK / 32, true);
    if (name === 'nid') view.setUint32(at, view.getUint32(at, true) + BLOCK / 32, true);
    // The root and the file have data blocks.
    const isBlock =
      ['blocks', 'xattr_blkaddr'].includes(name) || (name === 'i_u' && /^inode \d+ \/a?$/.test(where));
    if (isBlock) view.setUint32(at, view.getUint32(at, true) + 1, true);
  }
  return longer;
}

/** {@link behindBlock0}, with the data of the file in block 0. */
function dataInBlock0(image: Uint8Array): Uint8Array {
  const longer = behindBlock0(image);
  new DataView(longer.buffer).setUint32(startOf(image, 'inode /a', 'i_u') + BLOCK, 0, true);
  return longer;
}

export const recipes: readonly Recipe[] = [
  reads('read-inodes-behind-block-0', {
    title: 'An image whose inodes begin after block 0 is read',
    requirements: ['EROFS-055', 'EROFS-078'],
    class: 'EDGE_CASE',
    confirmedBy: [COMPOSEFS_RS, COMPOSEFS_INFO],
    image: tree,
    cut: behindBlock0,
  }),
  rejectsImage('data-before-inodes', {
    title: 'A file whose content is the block of the superblock is rejected',
    requirements: ['EROFS-055'],
    class: 'HOSTILE',
    image: tree,
    cut: dataInBlock0,
    control: 'read-inodes-behind-block-0',
    reasons: ['EROFS_OVERLAP'],
  }),
];
