/**
 * Plans the layout of an image: the form and position of each inode, and the blocks of its data
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
import type { ImageInode, ImageInodes } from './inodes.ts';

/** Where everything is in an image. The arrays are indexed by the numbers of the inodes. */
export interface ImageLayout {
  /** Whether the image is of format v2. */
  readonly isV2: boolean;
  /** The earliest mtime of all inodes, which compact inodes have (EROFS-018). */
  readonly buildTime: Timestamp;
  /** 1 for the extended form, 0 for the compact form. */
  readonly extended: Uint8Array;
  /** Byte at which the inode begins. */
  readonly positions: Float64Array;
  /** Size of its tail. */
  readonly tails: Uint16Array;
  /** Number of its data blocks. */
  readonly blocks: Uint32Array;
  /** Address of its first data block, if it has any. */
  readonly blockAddresses: Uint32Array;
  /** Byte after the last inode, where the shared area begins. */
  readonly inodesEnd: number;
  /** The block in the superblock from which references to shared attributes count. */
  readonly sharedBlock: number;
  /** Byte at which the data blocks begin. */
  readonly dataAt: number;
  /** Size of the image. */
  readonly size: number;
}

/** The layout of an image of format v0 or v1. */
export function layOut({ inodes, xattrs }: ImageInodes): ImageLayout {
  const buildTime = earliestMtime(inodes);
  const sharedSize = xattrs.share();
  const extended = new Uint8Array(inodes.length);
  const positions = new Float64Array(inodes.length);
  const tails = new Uint16Array(inodes.length);
  const blocks = new Uint32Array(inodes.length);
  const blockAddresses = new Uint32Array(inodes.length);

  let position = INODES_AT;
  let dataBlocks = 0;
  for (const inode of inodes) {
    const { number } = inode;
    const extent = extentOf(inode);
    const isExtended = needsExtended(inode, extent, buildTime);
    const headSize = (isExtended ? EXTENDED_SIZE : COMPACT_SIZE) + xattrs.bodySize(inode.xattrs);
    const place = inode.source.kind === 'symlink' ? placeSymlink : placeOther;
    const placed = place(roundUp(position, SLOT_SIZE), headSize, extent);
    extended[number] = isExtended ? 1 : 0;
    positions[number] = placed.position;
    tails[number] = placed.tail;
    blocks[number] = placed.blocks;
    // Relative to the first data block, whose address is not known yet.
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
function earliestMtime(inodes: readonly ImageInode[]): Timestamp {
  let earliest = (inodes[0] as ImageInode).source.mtime;
  for (const { source } of inodes) {
    const { mtime } = source;
    if (mtime.sec < earliest.sec || (mtime.sec === earliest.sec && mtime.nsec < earliest.nsec)) {
      earliest = mtime;
    }
  }
  return earliest;
}

/** Blocks and tail before the inode is placed (EROFS-029, EROFS-032, EROFS-033, EROFS-034, EROFS-035). */
function extentOf({ source, entries }: ImageInode): Extent {
  if (entries !== undefined) return directoryExtent(entries.names);
  switch (source.kind) {
    case 'symlink':
      return { blocks: 0, tail: source.target.length };
    case 'inline': {
      const tail = source.content.length % BLOCK_SIZE;
      const blocks = (source.content.length - tail) / BLOCK_SIZE;
      return tail > TAIL_MAX ? { blocks: blocks + 1, tail: 0 } : { blocks, tail };
    }
    case 'external':
      return { blocks: 0, tail: CHUNK_ENTRY_SIZE * chunkCount(source.size, logChunkSize(source.size)) };
    default:
      return { blocks: 0, tail: 0 };
  }
}

/** EROFS-036 */
function needsExtended({ source, nlink }: ImageInode, extent: Extent, buildTime: Timestamp): boolean {
  const { mtime, uid, gid } = source;
  return (
    mtime.nsec !== buildTime.nsec ||
    mtime.sec !== buildTime.sec ||
    nlink > 0xffff ||
    uid > 0xffff ||
    gid > 0xffff ||
    (source.kind === 'external' && source.size > 0xffffffffn) ||
    (source.kind === 'directory' && extent.blocks * BLOCK_SIZE + extent.tail > 0xffffffff)
  );
}

/** The position of an inode, and its blocks and tail after it is placed. */
interface PlacedExtent extends Extent {
  readonly position: number;
}

/** EROFS-043: a symbolic link is in one block, together with its target. */
function placeSymlink(position: number, headSize: number, { tail }: Extent): PlacedExtent {
  const total = headSize + tail;
  const crosses = Math.floor(position / BLOCK_SIZE) !== Math.floor((position + total - 1) / BLOCK_SIZE);
  const placed = crosses ? roundUp(position, BLOCK_SIZE) : position;
  return total >= BLOCK_SIZE
    ? { position: placed, blocks: 1, tail: 0 }
    : { position: placed, blocks: 0, tail };
}

/** EROFS-044: a tail does not cross a block; the inode is moved until it does not. */
function placeOther(position: number, headSize: number, { blocks, tail }: Extent): PlacedExtent {
  const room = roomAt(position + headSize);
  if (tail <= room) return { position, blocks, tail };
  const gap = roundUp(room, SLOT_SIZE);
  if (tail <= roomAt(position + gap + headSize)) return { position: position + gap, blocks, tail };
  return { position: roundUp(position, BLOCK_SIZE), blocks: blocks + 1, tail: 0 };
}

/** Number of bytes from byte `at` to the end of its block. */
function roomAt(at: number): number {
  return BLOCK_SIZE - (at % BLOCK_SIZE);
}
