/**
 * Inodes in bytes (spec/erofs.md, "Inodes").
 * @module
 */

import { writeBytes } from '../../bytes.ts';
import { type Inode, typeBits } from '../../tree/inode.ts';
import {
  BLOCK_SIZE,
  CHUNK_BASED,
  COMPACT_SIZE,
  compact,
  EXTENDED_SIZE,
  extended,
  FLAT_INLINE,
  FLAT_PLAIN,
  LOG_CHUNK_MAX,
  LOG_CHUNK_MIN,
  logChunkSize,
  NULL_CHUNK,
  SLOT_SIZE,
  XATTR_BODY_HEAD,
} from '../structures.ts';
import { lastBlock, writeEntries } from './directory.ts';
import type { Node } from './inodes.ts';
import type { Layout } from './layout.ts';
import type { Sink } from './sink.ts';
import type { XattrTable } from './xattr-table.ts';
import { writeXattrs } from './xattrs.ts';

/** Writes a node with its xattrs and its tail where it has its place. */
export function writeInode(node: Node, table: XattrTable, layout: Layout, sink: Sink): void {
  sink.seek(layout.positions[node.number] as number);
  if (layout.extended[node.number] === 1) {
    writeExtended(node, table, layout, sink);
    sink.at += EXTENDED_SIZE;
  } else {
    writeCompact(node, table, layout, sink);
    sink.at += COMPACT_SIZE;
  }
  writeXattrs(table, node.xattrs, layout, sink);
  const tail = layout.tails[node.number] as number;
  if (tail > 0) writeTail(node, tail, layout, sink);
}

/** EROFS-037 */
function writeCompact(
  { inode, nlink, number, xattrs }: Node,
  table: XattrTable,
  layout: Layout,
  sink: Sink,
): void {
  const { view, at } = sink;
  view.setUint16(at + compact.i_format, layoutOf(inode, layout, number) << 1, true);
  view.setUint16(at + compact.i_xattr_icount, xattrCount(table, xattrs), true);
  view.setUint16(at + compact.i_mode, typeBits[inode.kind] | inode.mode, true);
  view.setUint16(at + compact.i_nlink, nlink, true);
  view.setUint32(at + compact.i_size, sizeOf(inode, layout, number), true);
  view.setUint32(at + compact.i_u, unionOf(inode, layout, number), true);
  view.setUint32(at + compact.i_ino, number, true);
  view.setUint16(at + compact.i_uid, inode.uid, true);
  view.setUint16(at + compact.i_gid, inode.gid, true);
}

/** EROFS-038 */
function writeExtended(
  { inode, nlink, number, xattrs }: Node,
  table: XattrTable,
  layout: Layout,
  sink: Sink,
): void {
  const { view, at } = sink;
  view.setUint16(at + extended.i_format, (layoutOf(inode, layout, number) << 1) | 1, true);
  view.setUint16(at + extended.i_xattr_icount, xattrCount(table, xattrs), true);
  view.setUint16(at + extended.i_mode, typeBits[inode.kind] | inode.mode, true);
  view.setBigUint64(at + extended.i_size, BigInt(sizeOf(inode, layout, number)), true);
  view.setUint32(at + extended.i_u, unionOf(inode, layout, number), true);
  // EROFS-090
  const ownNumber = layout.isV2 ? (layout.positions[number] as number) / SLOT_SIZE : number;
  view.setUint32(at + extended.i_ino, ownNumber, true);
  view.setUint32(at + extended.i_uid, inode.uid, true);
  view.setUint32(at + extended.i_gid, inode.gid, true);
  view.setBigInt64(at + extended.i_mtime, inode.mtime.sec, true);
  view.setUint32(at + extended.i_mtime_nsec, layout.isV2 ? 0 : inode.mtime.nsec, true);
  view.setUint32(at + extended.i_nlink, nlink, true);
}

/** EROFS-039 */
function layoutOf(inode: Inode, { tails }: Layout, number: number): number {
  if (inode.kind === 'external') return CHUNK_BASED;
  return (tails[number] as number) > 0 ? FLAT_INLINE : FLAT_PLAIN;
}

/** EROFS-028 */
function xattrCount(table: XattrTable, set: number): number {
  const size = table.bodySize(set);
  return size === 0 ? 0 : 1 + (size - XATTR_BODY_HEAD) / 4;
}

function sizeOf(inode: Inode, { blocks, tails }: Layout, number: number): number {
  switch (inode.kind) {
    case 'directory':
      return (blocks[number] as number) * BLOCK_SIZE + (tails[number] as number);
    case 'inline':
      return inode.content.length;
    case 'external':
      return Number(inode.size);
    case 'symlink':
      return inode.target.length;
    default:
      return 0;
  }
}

/** EROFS-041 */
function unionOf(inode: Inode, { blocks, blockAddresses, isV2 }: Layout, number: number): number {
  if (inode.kind === 'character' || inode.kind === 'block') return inode.rdev;
  const address = (blocks[number] as number) > 0 ? (blockAddresses[number] as number) : 0;
  if (inode.kind !== 'external') return address;
  // EROFS-089
  const log = isV2 ? LOG_CHUNK_MAX : logChunkSize(inode.size);
  return ((address & 0xffff0000) | (log - LOG_CHUNK_MIN)) >>> 0;
}

function writeTail({ inode, entries }: Node, size: number, layout: Layout, sink: Sink): void {
  const { at } = sink;
  if (entries !== undefined) {
    const range = { from: lastBlock(entries.names), to: entries.names.length };
    writeEntries(entries, range, layout.positions, sink.view, at);
  } else if (inode.kind === 'inline') {
    sink.bytes.set(inode.content.subarray(inode.content.length - size), at);
  } else if (inode.kind === 'symlink') {
    writeBytes(inode.target, sink.bytes, at);
  } else {
    for (let i = 0; i < size; i += 4) sink.view.setUint32(at + i, NULL_CHUNK, true);
  }
  sink.at += size;
}
