/**
 * The head of an image: the composefs header and the superblock, which say how large the image is.
 * @module
 */

import { ComposefsError } from '../../errors.ts';
import { type FormatRules, rulesOfVersion } from '../format-rules.ts';
import {
  BLOCK_SIZE,
  FEATURE_COMPAT,
  FLAG_HAS_ACL,
  HEADER_MAGIC,
  HEADER_VERSION,
  header,
  INODES_AT,
  LOG_BLOCK_SIZE,
  SUPERBLOCK_AT,
  SUPERBLOCK_MAGIC,
  superblock,
} from '../structures.ts';

/** What the head of an image says about the rest. */
export interface ImageHead {
  readonly rules: FormatRules;
  /** The size of the image. */
  readonly size: number;
}

/** Reads the head at the start of `bytes`. Rejects with EROFS_SIZE if it is not all there, EROFS_MAGIC, EROFS_FORMAT. */
export function readHead(bytes: Uint8Array): ImageHead {
  // EROFS-050
  if (bytes.length < INODES_AT) {
    const detail = `the image has ${bytes.length} bytes; the smallest one has a block of ${BLOCK_SIZE}`;
    throw new ComposefsError('EROFS_SIZE', detail);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkHeader(view);
  const rules = readRules(view);
  checkSuperblock(view);
  checkReserved(view);
  return { rules, size: view.getUint32(SUPERBLOCK_AT + superblock.blocks, true) * BLOCK_SIZE };
}

function checkHeader(view: DataView): void {
  // EROFS-051
  expectNumber(view, 'EROFS_MAGIC', 'magic of the composefs header', header.magic, HEADER_MAGIC);
  const superblockMagic = SUPERBLOCK_AT + superblock.magic;
  expectNumber(view, 'EROFS_MAGIC', 'magic of the superblock', superblockMagic, SUPERBLOCK_MAGIC);
  // EROFS-052
  expectNumber(view, 'EROFS_FORMAT', 'version of the composefs header', header.version, HEADER_VERSION);
  const flags = view.getUint32(header.flags, true);
  if (flags > FLAG_HAS_ACL) {
    throw new ComposefsError('EROFS_FORMAT', `unknown flags 0x${flags.toString(16)}`, {
      offset: header.flags,
    });
  }
}

/** EROFS-052 */
function readRules(view: DataView): FormatRules {
  const version = view.getUint32(header.composefs_version, true);
  const rules = rulesOfVersion(version);
  if (rules !== undefined) return rules;
  throw new ComposefsError('EROFS_FORMAT', `unknown composefs version ${version}`, {
    offset: header.composefs_version,
  });
}

/** EROFS-052 */
function checkSuperblock(view: DataView): void {
  const at = SUPERBLOCK_AT;
  expectNumber(view, 'EROFS_FORMAT', 'compatible features', at + superblock.feature_compat, FEATURE_COMPAT);
  expectNumber(view, 'EROFS_FORMAT', 'incompatible features', at + superblock.feature_incompat, 0);
  expectNumber(view, 'EROFS_FORMAT', 'first metadata block', at + superblock.meta_blkaddr, 0);
  const logBlockSize = view.getUint8(at + superblock.blkszbits);
  if (logBlockSize !== LOG_BLOCK_SIZE || view.getUint8(at + superblock.sb_extslots) !== 0) {
    const detail = `the block size is not ${BLOCK_SIZE}, or the superblock has extra slots`;
    throw new ComposefsError('EROFS_FORMAT', detail, { offset: at + superblock.blkszbits });
  }
}

/** EROFS-100: Linux gives some of the reserved bytes a meaning. */
function checkReserved(view: DataView): void {
  for (let at = SUPERBLOCK_AT + superblock.reserved; at < INODES_AT; at++) {
    if (view.getUint8(at) !== 0) {
      throw new ComposefsError('EROFS_FORMAT', 'a reserved byte of the superblock is not 0', { offset: at });
    }
  }
}

function expectNumber(
  view: DataView,
  code: 'EROFS_MAGIC' | 'EROFS_FORMAT',
  what: string,
  at: number,
  expected: number,
): void {
  const found = view.getUint32(at, true);
  if (found !== expected) {
    const detail = `${what} is 0x${found.toString(16)}, expected 0x${expected.toString(16)}`;
    throw new ComposefsError(code, detail, { offset: at });
  }
}
