/**
 * The hash partition: the superblock of dm-verity and the hash tree (spec/ddi.md, "The hash partition").
 * @module
 */

import { ascii, writeBytes } from '../bytes.ts';
import type { Sha2 } from '../hash/sha2.ts';
import { BLOCK, HASHES_PER_BLOCK } from './layout.ts';
import { derivedUuid } from './uuid.ts';

/** Bytes of a SHA-256 hash. */
const HASH = 32;

/** A hash partition. */
export interface HashPartition {
  readonly rootHash: Uint8Array;
  /** The superblock, and the levels of the tree, the last one first (DDI-009). */
  readonly parts: readonly Uint8Array[];
}

/** The hash partition of an EROFS image of whole blocks, at least one. */
export function hashPartition(image: Uint8Array, sha2: Sha2): HashPartition {
  const levels: Uint8Array[] = [];
  let below = image;
  while (below.length > BLOCK) {
    below = levelAbove(below, sha2);
    levels.push(below);
  }
  const rootHash = sha2.hash('sha256', below);
  const blocks = image.length / BLOCK;
  return { rootHash, parts: [superblock(rootHash, blocks, sha2), ...levels.reverse()] };
}

/** The hashes of the blocks of a level, filled up with 0 to whole blocks (DDI-008). */
function levelAbove(below: Uint8Array, sha2: Sha2): Uint8Array {
  const blocks = below.length / BLOCK;
  const level = new Uint8Array(Math.ceil(blocks / HASHES_PER_BLOCK) * BLOCK);
  for (let i = 0; i < blocks; i++) {
    level.set(sha2.hash('sha256', below.subarray(i * BLOCK, (i + 1) * BLOCK)), i * HASH);
  }
  return level;
}

/** Offsets in the superblock (DDI-010). */
const field = {
  signature: 0,
  version: 8,
  type: 12,
  uuid: 16,
  hash: 32,
  dataBlock: 64,
  hashBlock: 68,
  dataBlocks: 72,
} as const;

function superblock(rootHash: Uint8Array, blocks: number, sha2: Sha2): Uint8Array {
  const bytes = new Uint8Array(BLOCK);
  const view = new DataView(bytes.buffer);
  writeBytes(ascii('verity'), bytes, field.signature);
  view.setUint32(field.version, 1, true);
  view.setUint32(field.type, 1, true);
  bytes.set(derivedUuid('verity', rootHash, sha2), field.uuid);
  writeBytes(ascii('sha256'), bytes, field.hash);
  view.setUint32(field.dataBlock, BLOCK, true);
  view.setUint32(field.hashBlock, BLOCK, true);
  view.setBigUint64(field.dataBlocks, BigInt(blocks), true);
  return bytes;
}
