/**
 * Writes inodes (spec/erofs.md, "Inode forms").
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
  FORMAT_EXTENDED,
  LOG_CHUNK_MAX,
  LOG_CHUNK_MIN,
  logChunkSize,
  NULL_CHUNK,
  SLOT_SIZE,
  xattrCount,
} from '../structures.ts';
import { lastBlock, writeEntries } from './directory.ts';
import type { ImageInode } from './inodes.ts';
import type { ImageLayout } from './layout.ts';
import type { Sink } from './sink.ts';
import type { XattrTable } from './xattr-table.ts';
import { writeXattrs } from './xattrs.ts';

/** Writes an inode at its position: its form, its attribute body and its tail (EROFS-045). */
export function writeInode(inode: ImageInode, table: XattrTable, layout: ImageLayout, sink: Sink): void {
  sink.seek(layout.positions[inode.number] as number);
  if (layout.extended[inode.number] === 1) {
    writeExtended(inode, table, layout, sink);
    sink.at += EXTENDED_SIZE;
  } else {
    writeCompact(inode, table, layout, sink);
    sink.at += COMPACT_SIZE;
  }
  writeXattrs(table, inode.xattrs, layout, sink);
  const tail = layout.tails[inode.number] as number;
  if (tail > 0) writeTail(inode, tail, layout, sink);
}

/** EROFS-037 */
function writeCompact(
  { source, nlink, number, xattrs }: ImageInode,
  table: XattrTable,
  layout: ImageLayout,
  sink: Sink,
): void {
  const { view, at } = sink;
  view.setUint16(at + compact.i_format, dataLayoutOf(source, layout, number) << 1, true);
  view.setUint16(at + compact.i_xattr_icount, xattrCount(table.bodySize(xattrs)), true);
  view.setUint16(at + compact.i_mode, typeBits[source.kind] | source.mode, true);
  view.setUint16(at + compact.i_nlink, nlink, true);
  view.setUint32(at + compact.i_size, sizeOf(source, layout, number), true);
  view.setUint32(at + compact.i_u, unionOf(source, layout, number), true);
  view.setUint32(at + compact.i_ino, number, true);
  view.setUint16(at + compact.i_uid, source.uid, true);
  view.setUint16(at + compact.i_gid, source.gid, true);
}

/** EROFS-038 */
function writeExtended(
  { source, nlink, number, xattrs }: ImageInode,
  table: XattrTable,
  layout: ImageLayout,
  sink: Sink,
): void {
  const { view, at } = sink;
  const format = (dataLayoutOf(source, layout, number) << 1) | FORMAT_EXTENDED;
  view.setUint16(at + extended.i_format, format, true);
  view.setUint16(at + extended.i_xattr_icount, xattrCount(table.bodySize(xattrs)), true);
  view.setUint16(at + extended.i_mode, typeBits[source.kind] | source.mode, true);
  view.setBigUint64(at + extended.i_size, BigInt(sizeOf(source, layout, number)), true);
  view.setUint32(at + extended.i_u, unionOf(source, layout, number), true);
  // EROFS-090
  const storedNumber = layout.isV2 ? (layout.positions[number] as number) / SLOT_SIZE : number;
  view.setUint32(at + extended.i_ino, storedNumber, true);
  view.setUint32(at + extended.i_uid, source.uid, true);
  view.setUint32(at + extended.i_gid, source.gid, true);
  view.setBigInt64(at + extended.i_mtime, source.mtime.sec, true);
  view.setUint32(at + extended.i_mtime_nsec, layout.isV2 ? 0 : source.mtime.nsec, true);
  view.setUint32(at + extended.i_nlink, nlink, true);
}

/** EROFS-039 */
function dataLayoutOf({ kind }: Inode, { tails }: ImageLayout, number: number): number {
  if (kind === 'external') return CHUNK_BASED;
  return (tails[number] as number) > 0 ? FLAT_INLINE : FLAT_PLAIN;
}

/** EROFS-040 */
function sizeOf(source: Inode, { blocks, tails }: ImageLayout, number: number): number {
  switch (source.kind) {
    case 'directory':
      return (blocks[number] as number) * BLOCK_SIZE + (tails[number] as number);
    case 'inline':
      return source.content.length;
    case 'external':
      return Number(source.size);
    case 'symlink':
      return source.target.length;
    default:
      return 0;
  }
}

/** EROFS-041; it is negative if its highest bit is 1. */
function unionOf(source: Inode, { blocks, blockAddresses, isV2 }: ImageLayout, number: number): number {
  if (source.kind === 'character' || source.kind === 'block') return source.rdev;
  const address = (blocks[number] as number) > 0 ? (blockAddresses[number] as number) : 0;
  if (source.kind !== 'external') return address;
  // EROFS-089
  const log = isV2 ? LOG_CHUNK_MAX : logChunkSize(source.size);
  return (address & 0xffff0000) | (log - LOG_CHUNK_MIN);
}

function writeTail({ source, entries }: ImageInode, size: number, layout: ImageLayout, sink: Sink): void {
  const { at } = sink;
  if (entries !== undefined) {
    const range = { from: lastBlock(entries.names), to: entries.names.length };
    writeEntries(entries, range, layout.positions, sink.view, at);
  } else if (source.kind === 'inline') {
    sink.bytes.set(source.content.subarray(source.content.length - size), at);
  } else if (source.kind === 'symlink') {
    writeBytes(source.target, sink.bytes, at);
  } else {
    for (let i = 0; i < size; i += 4) sink.view.setUint32(at + i, NULL_CHUNK, true);
  }
  sink.at += size;
}
