/**
 * Plans the layout of an image of format v2 (spec/erofs.md, "Format v2").
 * @module
 */

import { ComposefsError } from '../../errors.ts';
import { epoch } from '../../tree/inode.ts';
import { BLOCK_SIZE, CHUNK_ENTRY_SIZE, EXTENDED_SIZE, INODES_AT, roundUp, SLOT_SIZE } from '../structures.ts';
import { directoryExtent, type Extent } from './directory.ts';
import type { ImageInode, ImageInodes } from './inodes.ts';
import type { ImageLayout } from './layout.ts';

/** The largest value of h_shared_count. */
const REFERENCES_MAX = 255;

/** The layout of an image of format v2. Rejects with EROFS_LIMIT. */
export function layOutV2({ inodes, xattrs }: ImageInodes): ImageLayout {
  const sharedSize = xattrs.share();
  const positions = new Float64Array(inodes.length);
  const tails = new Uint16Array(inodes.length);
  const blocks = new Uint32Array(inodes.length);
  const blockAddresses = new Uint32Array(inodes.length);
  let position = INODES_AT;
  let dataBlocks = 0;
  for (const inode of inodes) {
    const { number, source } = inode;
    // EROFS-083
    const references = xattrs.referenceCount(inode.xattrs);
    if (references > REFERENCES_MAX) {
      const detail = `an inode has ${references} shared attributes; the limit is ${REFERENCES_MAX}`;
      throw new ComposefsError('EROFS_LIMIT', detail);
    }
    const extent = extentOf(inode);
    const headSize = EXTENDED_SIZE + xattrs.bodySize(inode.xattrs);
    const begin = roundUp(position, SLOT_SIZE);
    const placed =
      source.kind !== 'external' && extent.tail > 0 ? place(begin, headSize, extent.tail) : begin;
    positions[number] = placed;
    tails[number] = extent.tail;
    blocks[number] = extent.blocks;
    blockAddresses[number] = dataBlocks;
    dataBlocks += extent.blocks;
    position = placed + headSize + extent.tail;
  }
  const inodesEnd = roundUp(position, SLOT_SIZE);
  const dataAt = roundUp(inodesEnd + sharedSize, BLOCK_SIZE);
  for (let i = 0; i < inodes.length; i++) {
    blockAddresses[i] = dataAt / BLOCK_SIZE + (blockAddresses[i] as number);
  }
  return {
    isV2: true,
    // EROFS-092: 0 in the superblock; all inodes are extended, so none takes its mtime from there.
    buildTime: epoch,
    extended: new Uint8Array(inodes.length).fill(1),
    positions,
    tails,
    blocks,
    blockAddresses,
    inodesEnd,
    sharedBlock: 0,
    dataAt,
    size: dataAt + dataBlocks * BLOCK_SIZE,
  };
}

/** EROFS-029, EROFS-032, EROFS-033, EROFS-089. Content and targets are shorter than half a block here. */
function extentOf({ source, entries }: ImageInode): Extent {
  if (entries !== undefined) return directoryExtent(entries.names);
  switch (source.kind) {
    case 'symlink':
      return { blocks: 0, tail: source.target.length };
    case 'inline':
      return { blocks: 0, tail: source.content.length };
    case 'external':
      return { blocks: 0, tail: source.digest === undefined ? 0 : CHUNK_ENTRY_SIZE };
    default:
      return { blocks: 0, tail: 0 };
  }
}

/** EROFS-091: where an inode with a tail begins. A tail must not end exactly at the end of a block either. */
function place(position: number, headSize: number, tail: number): number {
  const lastOfHead = position + headSize - 1;
  const afterTail = position + headSize + tail;
  if (Math.floor(lastOfHead / BLOCK_SIZE) === Math.floor(afterTail / BLOCK_SIZE)) return position;
  return roundUp(position + BLOCK_SIZE - (lastOfHead % BLOCK_SIZE), SLOT_SIZE);
}
