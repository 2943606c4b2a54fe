/**
 * Where everything stands in an image of format v2 (spec/erofs.md, "Format v2").
 * @module
 */

import { ComposefsError } from '../../errors.ts';
import { epoch } from '../../tree/inode.ts';
import { BLOCK_SIZE, CHUNK_ENTRY_SIZE, EXTENDED_SIZE, INODES_AT, roundUp, SLOT_SIZE } from '../structures.ts';
import { directoryExtent, type Extent } from './directory.ts';
import type { Node, Nodes } from './inodes.ts';
import type { Layout } from './layout.ts';

/** What the number of references of an inode has room for. */
const REFERENCES_MAX = 255;

/** Plans the image of `nodes`. Refused: EROFS_LIMIT. */
export function layOutV2({ nodes, xattrs }: Nodes): Layout {
  const sharedSize = xattrs.share();
  const positions = new Float64Array(nodes.length);
  const tails = new Uint16Array(nodes.length);
  const blocks = new Uint32Array(nodes.length);
  const blockAddresses = new Uint32Array(nodes.length);
  let position = INODES_AT;
  let dataBlocks = 0;
  for (const node of nodes) {
    const { number, inode } = node;
    // EROFS-083
    if (xattrs.referenceCount(node.xattrs) > REFERENCES_MAX) {
      throw new ComposefsError('EROFS_LIMIT', `an inode has more than ${REFERENCES_MAX} shared xattrs`);
    }
    const extent = extentOf(node);
    const headSize = EXTENDED_SIZE + xattrs.bodySize(node.xattrs);
    const begin = roundUp(position, SLOT_SIZE);
    const placed = inode.kind !== 'external' && extent.tail > 0 ? place(begin, headSize, extent.tail) : begin;
    positions[number] = placed;
    tails[number] = extent.tail;
    blocks[number] = extent.blocks;
    blockAddresses[number] = dataBlocks;
    dataBlocks += extent.blocks;
    position = placed + headSize + extent.tail;
  }
  const inodesEnd = roundUp(position, SLOT_SIZE);
  const dataAt = roundUp(inodesEnd + sharedSize, BLOCK_SIZE);
  for (let i = 0; i < nodes.length; i++) {
    blockAddresses[i] = dataAt / BLOCK_SIZE + (blockAddresses[i] as number);
  }
  return {
    isV2: true,
    // EROFS-092: 0 in the superblock, and no inode takes its time from there.
    buildTime: epoch,
    extended: new Uint8Array(nodes.length).fill(1),
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

/** EROFS-029, EROFS-032, EROFS-033, EROFS-089. Content and targets are less than half a block here. */
function extentOf({ inode, entries }: Node): Extent {
  if (entries !== undefined) return directoryExtent(entries.names);
  switch (inode.kind) {
    case 'symlink':
      return { blocks: 0, tail: inode.target.length };
    case 'inline':
      return { blocks: 0, tail: inode.content.length };
    case 'external':
      return { blocks: 0, tail: inode.digest === undefined ? 0 : CHUNK_ENTRY_SIZE };
    default:
      return { blocks: 0, tail: 0 };
  }
}

/** EROFS-091: where an inode with a tail begins. The tail stays away from the end of the block, too. */
function place(position: number, headSize: number, tail: number): number {
  const lastOfHead = position + headSize - 1;
  const afterTail = position + headSize + tail;
  if (Math.floor(lastOfHead / BLOCK_SIZE) === Math.floor(afterTail / BLOCK_SIZE)) return position;
  return roundUp(position + BLOCK_SIZE - (lastOfHead % BLOCK_SIZE), SLOT_SIZE);
}
