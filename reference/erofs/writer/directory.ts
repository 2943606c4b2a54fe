/**
 * Directory blocks: as many entries as fit in 4096 bytes, heads first and names after (spec/erofs.md,
 * "Directories").
 * @module
 */

import { type ByteString, writeBytes } from '../../bytes.ts';
import { BLOCK_SIZE, DIRENT_SIZE, dirent, direntTypes, SLOT_SIZE } from '../structures.ts';
import type { Entries, Node } from './inodes.ts';

/** A tail of more than this becomes a block of its own. */
export const TAIL_MAX = 2048;

/** Whole blocks of a file's or directory's bytes, and the bytes after them that stand beside the inode. */
export interface Extent {
  readonly blocks: number;
  readonly tail: number;
}

/** The first entry after those that fit in one block with the entry `from`, and the bytes of the block. */
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

/** Where a directory's last block begins, which is the inline one where there is a tail. */
export function lastBlock(names: readonly ByteString[]): number {
  for (let from = 0; ; ) {
    const { to } = nextBlock(names, from);
    if (to === names.length) return from;
    from = to;
  }
}

/** Writes the entries `from` to `to`, without padding (EROFS-030). `positions` has the byte each inode begins at. */
export function writeEntries(
  { names, nodes }: Entries,
  range: { readonly from: number; readonly to: number },
  positions: Float64Array,
  target: DataView,
  at: number,
): void {
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  let nameAt = (range.to - range.from) * DIRENT_SIZE;
  for (let i = range.from; i < range.to; i++) {
    const name = names[i] as ByteString;
    const node = nodes[i] as Node;
    const nid = (positions[node.number] as number) / SLOT_SIZE;
    const head = at + (i - range.from) * DIRENT_SIZE;
    target.setUint32(head + dirent.nid, nid, true);
    target.setUint32(head + dirent.nid + 4, nid / 2 ** 32, true);
    target.setUint16(head + dirent.nameoff, nameAt, true);
    target.setUint8(head + dirent.file_type, direntTypes[node.inode.kind]);
    writeBytes(name, bytes, at + nameAt);
    nameAt += name.length;
  }
}
