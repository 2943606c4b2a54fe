/**
 * Where everything stands in an image: the size and the place of each inode, and the blocks of its data
 * (spec/erofs.md, "Placement").
 * @module
 */

import type { Timestamp } from '../../tree/inode.ts';
import {
  BLOCK_SIZE,
  CHUNK_ENTRY_SIZE,
  COMPACT_SIZE,
  chunkCount,
  EXTENDED_SIZE,
  INODES_AT,
  logChunkSize,
  roundUp,
  SLOT_SIZE,
} from '../structures.ts';
import { directoryExtent, type Extent, TAIL_MAX } from './directory.ts';
import type { Node, Nodes } from './inodes.ts';

/** The plan of an image. The arrays go by the inodes' numbers. */
export interface Layout {
  /** Whether it is of format v2. */
  readonly isV2: boolean;
  /** The earliest mtime of all inodes: the one that compact inodes have. */
  readonly buildTime: Timestamp;
  /** 1 for an extended inode, 0 for a compact one. */
  readonly extended: Uint8Array;
  /** Byte where the inode begins. */
  readonly positions: Float64Array;
  /** Bytes of data that stand after the inode and its xattrs. */
  readonly tails: Uint16Array;
  /** Blocks of data. */
  readonly blocks: Uint32Array;
  /** Block where they begin, for an inode that has some. */
  readonly blockAddresses: Uint32Array;
  /** Byte after the last inode, where the shared attributes begin. */
  readonly inodesEnd: number;
  /** The block that the superblock says for the shared attributes, which references count from. */
  readonly sharedBlock: number;
  /** Byte where the data blocks begin. */
  readonly dataAt: number;
  /** Bytes of the image. */
  readonly size: number;
}

/** Plans the image of `nodes`, of format v0 or v1. */
export function layOut({ nodes, xattrs }: Nodes): Layout {
  const buildTime = earliest(nodes);
  const sharedSize = xattrs.share();
  const extended = new Uint8Array(nodes.length);
  const positions = new Float64Array(nodes.length);
  const tails = new Uint16Array(nodes.length);
  const blocks = new Uint32Array(nodes.length);
  const blockAddresses = new Uint32Array(nodes.length);

  let position = INODES_AT;
  let dataBlocks = 0;
  for (const node of nodes) {
    const { number } = node;
    const extent = extentOf(node);
    const isExtended = needsExtended(node, extent, buildTime);
    const headSize = (isExtended ? EXTENDED_SIZE : COMPACT_SIZE) + xattrs.bodySize(node.xattrs);
    const place = node.inode.kind === 'symlink' ? placeSymlink : placeOther;
    const placed = place(roundUp(position, SLOT_SIZE), headSize, extent);
    extended[number] = isExtended ? 1 : 0;
    positions[number] = placed.position;
    tails[number] = placed.tail;
    blocks[number] = placed.blocks;
    // Relative to the first data block until that is known.
    blockAddresses[number] = dataBlocks;
    dataBlocks += placed.blocks;
    position = placed.position + headSize + placed.tail;
  }

  const inodesEnd = roundUp(position, SLOT_SIZE);
  const dataAt = roundUp(inodesEnd + sharedSize, BLOCK_SIZE);
  const firstBlock = dataAt / BLOCK_SIZE;
  for (let i = 0; i < blockAddresses.length; i++)
    blockAddresses[i] = firstBlock + (blockAddresses[i] as number);
  const size = dataAt + dataBlocks * BLOCK_SIZE;
  return {
    isV2: false,
    buildTime,
    extended,
    positions,
    tails,
    blocks,
    blockAddresses,
    inodesEnd,
    sharedBlock: Math.floor(inodesEnd / BLOCK_SIZE),
    dataAt,
    size,
  };
}

/** EROFS-018 */
function earliest(nodes: readonly Node[]): Timestamp {
  let found = (nodes[0] as Node).inode.mtime;
  for (const { inode } of nodes) {
    const { mtime } = inode;
    if (mtime.sec < found.sec || (mtime.sec === found.sec && mtime.nsec < found.nsec)) found = mtime;
  }
  return found;
}

/** EROFS-029, EROFS-032, EROFS-033, EROFS-034: blocks and tail before the inode has its place. */
function extentOf({ inode, entries }: Node): Extent {
  if (entries !== undefined) return directoryExtent(entries.names);
  switch (inode.kind) {
    case 'symlink':
      return { blocks: 0, tail: inode.target.length };
    case 'inline': {
      const tail = inode.content.length % BLOCK_SIZE;
      const blocks = (inode.content.length - tail) / BLOCK_SIZE;
      return tail > TAIL_MAX ? { blocks: blocks + 1, tail: 0 } : { blocks, tail };
    }
    case 'external':
      return { blocks: 0, tail: CHUNK_ENTRY_SIZE * chunkCount(inode.size, logChunkSize(inode.size)) };
    default:
      return { blocks: 0, tail: 0 };
  }
}

/** EROFS-036 */
function needsExtended({ inode, nlink }: Node, extent: Extent, buildTime: Timestamp): boolean {
  const { mtime, uid, gid } = inode;
  return (
    mtime.nsec !== buildTime.nsec ||
    mtime.sec !== buildTime.sec ||
    nlink > 0xffff ||
    uid > 0xffff ||
    gid > 0xffff ||
    (inode.kind === 'external' && inode.size > 0xffffffffn) ||
    (inode.kind === 'directory' && extent.blocks * BLOCK_SIZE + extent.tail > 0xffffffff)
  );
}

/** An inode with its place. */
interface Placed extends Extent {
  readonly position: number;
}

/** EROFS-043: a symlink lies in one block, its target with it. */
function placeSymlink(position: number, headSize: number, { tail }: Extent): Placed {
  const total = headSize + tail;
  const crosses = Math.floor(position / BLOCK_SIZE) !== Math.floor((position + total - 1) / BLOCK_SIZE);
  const placed = crosses ? roundUp(position, BLOCK_SIZE) : position;
  return total >= BLOCK_SIZE
    ? { position: placed, blocks: 1, tail: 0 }
    : { position: placed, blocks: 0, tail };
}

/** EROFS-044: a tail lies in one block; room is left before the inode until it does. */
function placeOther(position: number, headSize: number, { blocks, tail }: Extent): Placed {
  const room = roomAt(position + headSize);
  if (tail <= room) return { position, blocks, tail };
  const gap = roundUp(room, SLOT_SIZE);
  if (tail <= roomAt(position + gap + headSize)) return { position: position + gap, blocks, tail };
  return { position: roundUp(position, BLOCK_SIZE), blocks: blocks + 1, tail: 0 };
}

/** Bytes from `at` to the end of its block. */
function roomAt(at: number): number {
  return BLOCK_SIZE - (at % BLOCK_SIZE);
}
