/**
 * Directory blocks: as many entries as fit in 4096 bytes, with their names after them (EROFS-029, EROFS-030).
 * @module
 */

import { type ByteString, writeBytes } from '../../bytes.ts';
import { BLOCK_SIZE, DIRENT_SIZE, dirent, direntTypes, SLOT_SIZE } from '../structures.ts';
import type { DirectoryEntries, ImageInode } from './inodes.ts';

/** A longer tail becomes a data block (EROFS-029, EROFS-033). */
export const TAIL_MAX = 2048;

/** The data of an inode: a number of data blocks, and the size of the tail. */
export interface Extent {
  readonly blocks: number;
  readonly tail: number;
}

/** How many bytes of a block the entries from `from` fill, and the first entry that does not fit (`to`). */
export function nextBlock(
  names: readonly ByteString[],
  from: number,
): { readonly to: number; readonly used: number } {
  let used = 0;
  let to = from;
  for (; to < names.length; to++) {
    const size = DIRENT_SIZE + (names[to] as ByteString).length;
    if (used + size > BLOCK_SIZE) break;
    used += size;
  }
  return { to, used };
}

/** EROFS-029 */
export function directoryExtent(names: readonly ByteString[]): Extent {
  let blocks = 0;
  for (let from = 0; ; ) {
    const { to, used } = nextBlock(names, from);
    if (to === names.length)
      return used > TAIL_MAX ? { blocks: blocks + 1, tail: 0 } : { blocks, tail: used };
    blocks++;
    from = to;
  }
}

/** The first entry of the last block, or of the tail if there is one. */
export function lastBlock(names: readonly ByteString[]): number {
  for (let from = 0; ; ) {
    const { to } = nextBlock(names, from);
    if (to === names.length) return from;
    from = to;
  }
}

/**
 * Writes the entries from `from` to `to`, without padding (EROFS-030). `positions` has the byte at which each inode
 * begins.
 */
export function writeEntries(
  { names, inodes }: DirectoryEntries,
  range: { readonly from: number; readonly to: number },
  positions: Float64Array,
  target: DataView,
  at: number,
): void {
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  let nameAt = (range.to - range.from) * DIRENT_SIZE;
  for (let i = range.from; i < range.to; i++) {
    const name = names[i] as ByteString;
    const { number, source } = inodes[i] as ImageInode;
    const nid = (positions[number] as number) / SLOT_SIZE;
    const entryAt = at + (i - range.from) * DIRENT_SIZE;
    target.setUint32(entryAt + dirent.nid, nid, true);
    target.setUint32(entryAt + dirent.nid + 4, nid / 2 ** 32, true);
    target.setUint16(entryAt + dirent.nameoff, nameAt, true);
    // EROFS-031
    target.setUint8(entryAt + dirent.file_type, direntTypes[source.kind]);
    writeBytes(name, bytes, at + nameAt);
    nameAt += name.length;
  }
}
