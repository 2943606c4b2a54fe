/**
 * Writes a tree as an EROFS image (spec/erofs.md, "Writer requirements"). The image is produced in order and never
 * held in memory as a whole.
 * @module
 */

import { writeBytes } from '../bytes.ts';
import type { Algorithm } from '../fsverity/algorithm.ts';
import { FsVerity } from '../fsverity/digest.ts';
import type { Sha2 } from '../hash/sha2.ts';
import type { Directory } from '../tree/inode.ts';
import { type ErofsFormat, type FormatRules, formatRules } from './format-rules.ts';
import { ACL_ACCESS, ACL_DEFAULT } from './overlay.ts';
import {
  BLOCK_SIZE,
  FEATURE_COMPAT,
  FLAG_HAS_ACL,
  HEADER_MAGIC,
  HEADER_VERSION,
  header,
  LOG_BLOCK_SIZE,
  NULL_CHUNK,
  SLOT_SIZE,
  SUPERBLOCK_AT,
  SUPERBLOCK_MAGIC,
  superblock,
} from './structures.ts';
import { nextBlock, writeEntries } from './writer/directory.ts';
import { writeInode } from './writer/inode.ts';
import { collectInodes, type ImageInode, type ImageInodes } from './writer/inodes.ts';
import { type ImageLayout, layOut } from './writer/layout.ts';
import { layOutV2 } from './writer/layout-v2.ts';
import { Sink } from './writer/sink.ts';
import { writeAttribute } from './writer/xattrs.ts';

/** How an image is written. */
export interface ErofsOptions {
  readonly format: ErofsFormat;
  /** The algorithm of the digests of the tree's external files. */
  readonly algorithm: Algorithm;
}

/**
 * The image of `tree`, in order, in chunks of whole blocks. The caller owns each chunk.
 *
 * The whole tree is checked before the first chunk is returned, so that a rejected tree yields no bytes.
 * Rejects with EROFS_WHITEOUT_LINKED, EROFS_DIGEST_SIZE, EROFS_LIMIT.
 */
export function writeErofs(tree: Directory, options: ErofsOptions): Iterable<Uint8Array> {
  const rules = formatRules[options.format];
  const inodes = collectInodes(tree, options.algorithm, rules);
  return chunks(inodes, rules.isV2 ? layOutV2(inodes) : layOut(inodes), rules);
}

/**
 * The fs-verity digest of the image of `tree`, with `options.algorithm`. Rejects the same trees as
 * {@link writeErofs}.
 */
export function imageDigest(tree: Directory, options: ErofsOptions & { readonly sha2?: Sha2 }): Uint8Array {
  const verity = new FsVerity(options.algorithm, options.sha2);
  for (const chunk of writeErofs(tree, options)) verity.update(chunk);
  return verity.digest();
}

function* chunks(image: ImageInodes, layout: ImageLayout, rules: FormatRules): Generator<Uint8Array> {
  const { inodes, xattrs } = image;
  const sink = new Sink(layout.size);
  writeHeader(image, rules, sink.view);
  writeSuperblock(image, layout, sink.view);
  for (let from = 0; from < inodes.length; ) {
    from = writeInodes(image, from, layout, sink);
    if (sink.full) yield sink.take();
  }
  sink.seek(layout.inodesEnd);
  for (const attribute of xattrs.shared) {
    writeAttribute(xattrs, attribute, sink);
    if (sink.full) yield sink.take();
  }
  sink.seek(layout.dataAt);
  for (const inode of inodes) {
    if (layout.blocks[inode.number] === 0) continue;
    for (const _ of writeBlocks(inode, layout, sink)) if (sink.full) yield sink.take();
  }
  yield sink.take();
}

/**
 * Writes inodes, starting with the number `from`, until the sink is full, and returns the number of the next one.
 * This is not part of the generator, because engines optimize generators late.
 */
function writeInodes({ inodes, xattrs }: ImageInodes, from: number, layout: ImageLayout, sink: Sink): number {
  let number = from;
  while (number < inodes.length && !sink.full) {
    writeInode(inodes[number++] as ImageInode, xattrs, layout, sink);
  }
  return number;
}

/** EROFS-048, EROFS-081, EROFS-092 */
function writeHeader({ xattrs }: ImageInodes, rules: FormatRules, view: DataView): void {
  view.setUint32(header.magic, HEADER_MAGIC, true);
  view.setUint32(header.version, HEADER_VERSION, true);
  const { composefsVersion, isV2 } = rules;
  const hasAcl = !isV2 && (xattrs.hasName(ACL_ACCESS) || xattrs.hasName(ACL_DEFAULT));
  view.setUint32(header.flags, hasAcl ? FLAG_HAS_ACL : 0, true);
  view.setUint32(header.composefs_version, composefsVersion, true);
}

/** EROFS-049, EROFS-092 */
function writeSuperblock({ inodes }: ImageInodes, layout: ImageLayout, view: DataView): void {
  const at = SUPERBLOCK_AT;
  view.setUint32(at + superblock.magic, SUPERBLOCK_MAGIC, true);
  view.setUint32(at + superblock.feature_compat, FEATURE_COMPAT, true);
  view.setUint8(at + superblock.blkszbits, LOG_BLOCK_SIZE);
  view.setUint16(at + superblock.root_nid, (layout.positions[0] as number) / SLOT_SIZE, true);
  view.setBigUint64(at + superblock.inos, BigInt(inodes.length), true);
  view.setBigInt64(at + superblock.build_time, layout.buildTime.sec, true);
  view.setUint32(at + superblock.build_time_nsec, layout.buildTime.nsec, true);
  view.setUint32(at + superblock.blocks, layout.size / BLOCK_SIZE, true);
  view.setUint32(at + superblock.xattr_blkaddr, layout.sharedBlock, true);
}

/** Writes the data blocks of an inode, and yields after each. */
function* writeBlocks(
  { source, entries, number }: ImageInode,
  layout: ImageLayout,
  sink: Sink,
): Generator<void> {
  const blocks = layout.blocks[number] as number;
  for (let block = 0, from = 0; block < blocks; block++) {
    // EROFS-047
    if (entries !== undefined) {
      const { to } = nextBlock(entries.names, from);
      writeEntries(entries, { from, to }, layout.positions, sink.view, sink.at);
      from = to;
    } else if (source.kind === 'inline') {
      // Content within the limit has no second block.
      sink.bytes.set(source.content.subarray(0, BLOCK_SIZE), sink.at);
    } else if (source.kind === 'symlink') {
      writeBytes(source.target, sink.bytes, sink.at);
    } else {
      for (let i = 0; i < BLOCK_SIZE; i += 4) sink.view.setUint32(sink.at + i, NULL_CHUNK, true);
    }
    sink.at += BLOCK_SIZE;
    yield;
  }
}
