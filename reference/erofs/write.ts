/**
 * A tree as an EROFS image (spec/erofs.md). The image is made in order and never held as a whole.
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
import { type Node, type Nodes, nodesOf } from './writer/inodes.ts';
import { type Layout, layOut } from './writer/layout.ts';
import { layOutV2 } from './writer/layout-v2.ts';
import { Sink } from './writer/sink.ts';
import { writeAttribute } from './writer/xattrs.ts';

/** How an image is made. */
export interface ErofsOptions {
  readonly format: ErofsFormat;
  /** The algorithm that the digests of the tree's external files were made with. */
  readonly algorithm: Algorithm;
}

/**
 * The image of `tree`, in order, in chunks of whole blocks. A chunk belongs to the caller.
 *
 * The whole tree is looked at before the first chunk comes, so that a tree that is refused gives no bytes.
 * Throws EROFS_WHITEOUT_LINKED, EROFS_DIGEST_SIZE, EROFS_LIMIT.
 */
export function writeErofs(tree: Directory, options: ErofsOptions): Iterable<Uint8Array> {
  const rules = formatRules[options.format];
  const nodes = nodesOf(tree, options.algorithm, rules);
  return chunks(nodes, rules.isV2 ? layOutV2(nodes) : layOut(nodes), rules);
}

/** The fs-verity digest, with `options.algorithm`, of the image of `tree`. Refuses what {@link writeErofs} does. */
export function imageDigest(tree: Directory, options: ErofsOptions & { readonly sha2?: Sha2 }): Uint8Array {
  const verity = new FsVerity(options.algorithm, options.sha2);
  for (const chunk of writeErofs(tree, options)) verity.update(chunk);
  return verity.digest();
}

function* chunks(nodes: Nodes, layout: Layout, rules: FormatRules): Generator<Uint8Array> {
  const sink = new Sink();
  writeHeader(nodes, rules, sink.view);
  writeSuperblock(nodes, layout, sink.view);
  for (let from = 0; from < nodes.nodes.length; ) {
    from = writeInodes(nodes, from, layout, sink);
    if (sink.full) yield sink.take();
  }
  sink.seek(layout.inodesEnd);
  for (const attribute of nodes.xattrs.shared) {
    writeAttribute(nodes.xattrs, attribute, sink);
    if (sink.full) yield sink.take();
  }
  sink.seek(layout.dataAt);
  for (const node of nodes.nodes) {
    if (layout.blocks[node.number] === 0) continue;
    for (const _ of writeBlocks(node, layout, sink)) if (sink.full) yield sink.take();
  }
  yield sink.take();
}

/**
 * Writes inodes from the one with number `from` on until the sink is full, and returns the number of the next one.
 * A function of its own, because an engine optimizes a generator late.
 */
function writeInodes({ nodes, xattrs }: Nodes, from: number, layout: Layout, sink: Sink): number {
  let number = from;
  while (number < nodes.length && !sink.full) writeInode(nodes[number++] as Node, xattrs, layout, sink);
  return number;
}

/** EROFS-048, EROFS-081, EROFS-092 */
function writeHeader({ xattrs }: Nodes, rules: FormatRules, view: DataView): void {
  view.setUint32(header.magic, HEADER_MAGIC, true);
  view.setUint32(header.version, HEADER_VERSION, true);
  const { composefsVersion, isV2 } = rules;
  const hasAcl = !isV2 && (xattrs.hasName(ACL_ACCESS) || xattrs.hasName(ACL_DEFAULT));
  view.setUint32(header.flags, hasAcl ? FLAG_HAS_ACL : 0, true);
  view.setUint32(header.composefs_version, composefsVersion, true);
}

/** EROFS-049, EROFS-092 */
function writeSuperblock({ nodes }: Nodes, layout: Layout, view: DataView): void {
  const at = SUPERBLOCK_AT;
  view.setUint32(at + superblock.magic, SUPERBLOCK_MAGIC, true);
  view.setUint32(at + superblock.feature_compat, FEATURE_COMPAT, true);
  view.setUint8(at + superblock.blkszbits, LOG_BLOCK_SIZE);
  view.setUint16(at + superblock.root_nid, (layout.positions[0] as number) / SLOT_SIZE, true);
  view.setBigUint64(at + superblock.inos, BigInt(nodes.length), true);
  view.setBigInt64(at + superblock.build_time, layout.buildTime.sec, true);
  view.setUint32(at + superblock.build_time_nsec, layout.buildTime.nsec, true);
  view.setUint32(at + superblock.blocks, layout.size / BLOCK_SIZE, true);
  view.setUint32(at + superblock.xattr_blkaddr, layout.sharedBlock, true);
}

/** Writes the data blocks of a node, and stops after each. */
function* writeBlocks({ inode, entries, number }: Node, layout: Layout, sink: Sink): Generator<void> {
  const blocks = layout.blocks[number] as number;
  for (let block = 0, from = 0; block < blocks; block++) {
    if (entries !== undefined) {
      const { to } = nextBlock(entries.names, from);
      writeEntries(entries, { from, to }, layout.positions, sink.view, sink.at);
      from = to;
    } else if (inode.kind === 'inline') {
      sink.bytes.set(inode.content.subarray(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE), sink.at);
    } else if (inode.kind === 'symlink') {
      writeBytes(inode.target, sink.bytes, sink.at);
    } else {
      // EROFS-047
      for (let i = 0; i < BLOCK_SIZE; i += 4) sink.view.setUint32(sink.at + i, NULL_CHUNK, true);
    }
    sink.at += BLOCK_SIZE;
    yield;
  }
}
