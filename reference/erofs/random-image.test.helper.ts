/**
 * Random images for tests, and random damage to them.
 * @module
 */

import { mapImage } from '../../conformance/generate/image-map/decode.ts';
import { inodes } from '../../conformance/generate/random-trees/traverse.ts';
import { fieldsOf, type MapField } from '../../conformance/suite/image-map.ts';
import type { ByteString } from '../bytes.ts';
import { type ErofsFormat, formatRules } from './format-rules.ts';
import { type Random, randomTree } from './random-tree.test.helper.ts';
import { BLOCK_SIZE, SUPERBLOCK_AT, superblock } from './structures.ts';
import { writeErofs } from './write.ts';

/** The image of a random tree of at least `size` names, reduced to the limits of the format. */
export function randomImage(seed: number, format: ErofsFormat, size = 100): Uint8Array {
  const tree = randomTree(seed, size);
  const { content, target } = formatRules[format];
  for (const inode of inodes(tree)) {
    if (inode.kind === 'inline') inode.content = inode.content.subarray(0, content);
    if (inode.kind === 'symlink') inode.target = inode.target.slice(0, target) as ByteString;
  }
  return Buffer.concat([...writeErofs(tree, { format, algorithm: 'fsverity-sha256-12' })]);
}

/** The fields of `image`, without the gaps between structures. */
export function damageable(image: Uint8Array): readonly MapField[] {
  return fieldsOf(mapImage(image)).filter(({ where }) => !where.startsWith('gap'));
}

/** `image` after one to three random changes: of bits, bytes, whole fields, blocks, or its length. */
export function damaged(image: Uint8Array, fields: readonly MapField[], random: Random): Uint8Array {
  let bytes = Buffer.from(image);
  for (let i = 1 + random.below(3); i > 0; i--) {
    const { start, size } = random.pick(fields);
    switch (random.below(7)) {
      case 0:
        bytes[random.below(bytes.length + 1)] = random.below(256);
        break;
      case 1:
        flip(bytes, start + random.below(size), 1 << random.below(8));
        break;
      case 2:
        bytes.subarray(start, start + size).fill(random.pick([0, 0xff]));
        break;
      case 3: {
        const from = random.pick(fields);
        bytes.copyWithin(start, from.start, from.start + Math.min(size, from.size));
        break;
      }
      case 4:
        bytes[start] = (bytes[start] ?? 0) + random.pick([1, 255]);
        break;
      case 5:
        bytes.copyWithin(blockOf(bytes, random), blockOf(bytes, random));
        break;
      default:
        bytes = resized(bytes, random);
    }
  }
  return bytes;
}

/** The offset of a random block. */
function blockOf(bytes: Uint8Array, random: Random): number {
  return BLOCK_SIZE * random.below(Math.floor(bytes.length / BLOCK_SIZE) + 1);
}

function flip(bytes: Uint8Array, at: number, bits: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ bits;
}

/** `bytes` truncated or extended, in most cases to whole blocks, with their number in the superblock. */
function resized(bytes: Buffer, random: Random): Buffer<ArrayBuffer> {
  if (random.once(3)) return Buffer.from(bytes.subarray(0, random.below(bytes.length + 1)));
  const blocks = random.below(Math.floor(bytes.length / BLOCK_SIZE) + 2);
  const resized = Buffer.alloc(blocks * BLOCK_SIZE);
  bytes.copy(resized);
  if (blocks > 0) resized.writeUInt32LE(blocks, SUPERBLOCK_AT + superblock.blocks);
  return resized;
}
