/**
 * An image from an untrusted source: its header and superblock, and which of its bytes are in use.
 * @module
 */

import { ComposefsError } from '../../errors.ts';
import { epoch, type Timestamp } from '../../tree/inode.ts';
import { type FormatRules, rulesOfVersion } from '../format-rules.ts';
import { limits } from '../limits.ts';
import {
  BLOCK_SIZE,
  FEATURE_COMPAT,
  FLAG_HAS_ACL,
  HEADER_MAGIC,
  HEADER_VERSION,
  header,
  INODES_AT,
  LOG_BLOCK_SIZE,
  SLOT_SIZE,
  SUPERBLOCK_AT,
  SUPERBLOCK_MAGIC,
  superblock,
} from '../structures.ts';

/** An image whose header and superblock have been checked. */
export class Image {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Of the format of the image. */
  readonly rules: FormatRules;
  readonly rootNid: number;
  /** mtime of compact inodes. */
  readonly buildTime: Timestamp;
  /** Byte from which references to shared attributes count. */
  readonly sharedAt: number;
  /** One byte per slot: 1 if a structure has it. */
  readonly #claimed: Uint8Array;
  /** The last timestamp that was read. Neighbours often have equal ones, and share the object then. */
  #lastTime: Timestamp = epoch;

  /** Rejects with EROFS_SIZE, EROFS_MAGIC, EROFS_FORMAT, EROFS_LIMIT. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // EROFS-050
    if (bytes.length < INODES_AT) {
      const detail = `the image has ${bytes.length} bytes; the smallest one has a block of ${BLOCK_SIZE}`;
      throw new ComposefsError('EROFS_SIZE', detail);
    }
    this.#checkHeader();
    this.rules = this.#readRules();
    this.#checkSuperblock();
    const at = SUPERBLOCK_AT;
    this.rootNid = this.view.getUint16(at + superblock.root_nid, true);
    this.buildTime = this.timestamp(at + superblock.build_time, at + superblock.build_time_nsec);
    this.sharedAt = this.view.getUint32(at + superblock.xattr_blkaddr, true) * BLOCK_SIZE;
    this.#claimed = new Uint8Array(bytes.length / SLOT_SIZE);
    this.claim(0, INODES_AT);
  }

  /** Claims the bytes from `start` to `end` for one structure. Rejects with EROFS_RANGE, EROFS_OVERLAP. */
  claim(start: number, end: number): void {
    this.checkRange(start, end);
    // EROFS-055: no slot is read for two structures, so the work is bounded by the size of the image.
    const last = Math.ceil(end / SLOT_SIZE);
    for (let slot = Math.floor(start / SLOT_SIZE); slot < last; slot++) {
      if (this.#claimed[slot] === 1) {
        throw new ComposefsError('EROFS_OVERLAP', `bytes ${start} to ${end} overlap another structure`, {
          offset: slot * SLOT_SIZE,
        });
      }
      this.#claimed[slot] = 1;
    }
  }

  /** Rejects with EROFS_RANGE if the bytes from `start` to `end` are not all in the image. */
  checkRange(start: number, end: number): void {
    if (end > this.bytes.length) {
      throw new ComposefsError('EROFS_RANGE', `ends at byte ${end}, after the image`, { offset: start });
    }
  }

  /** The timestamp with its seconds and nanoseconds at these bytes. Rejects with EROFS_LIMIT. */
  timestamp(secAt: number, nsecAt: number): Timestamp {
    const sec = this.view.getBigUint64(secAt, true);
    const nsec = this.view.getUint32(nsecAt, true);
    if (sec > limits.seconds || nsec > limits.nanoseconds) {
      const detail = `a time of ${BigInt.asIntN(64, sec)} s and ${nsec} ns is out of range`;
      throw new ComposefsError('EROFS_LIMIT', detail, { offset: secAt });
    }
    if (sec !== this.#lastTime.sec || nsec !== this.#lastTime.nsec) this.#lastTime = { sec, nsec };
    return this.#lastTime;
  }

  #checkHeader(): void {
    // EROFS-051
    this.#expect('EROFS_MAGIC', 'magic of the composefs header', header.magic, HEADER_MAGIC);
    const superblockMagic = SUPERBLOCK_AT + superblock.magic;
    this.#expect('EROFS_MAGIC', 'magic of the superblock', superblockMagic, SUPERBLOCK_MAGIC);
    // EROFS-052
    this.#expect('EROFS_FORMAT', 'version of the composefs header', header.version, HEADER_VERSION);
    const flags = this.view.getUint32(header.flags, true);
    if (flags > FLAG_HAS_ACL) {
      throw new ComposefsError('EROFS_FORMAT', `unknown flags 0x${flags.toString(16)}`, {
        offset: header.flags,
      });
    }
  }

  /** EROFS-052 */
  #readRules(): FormatRules {
    const version = this.view.getUint32(header.composefs_version, true);
    const rules = rulesOfVersion(version);
    if (rules !== undefined) return rules;
    throw new ComposefsError('EROFS_FORMAT', `unknown composefs version ${version}`, {
      offset: header.composefs_version,
    });
  }

  #checkSuperblock(): void {
    const at = SUPERBLOCK_AT;
    this.#expect('EROFS_FORMAT', 'compatible features', at + superblock.feature_compat, FEATURE_COMPAT);
    this.#expect('EROFS_FORMAT', 'incompatible features', at + superblock.feature_incompat, 0);
    this.#expect('EROFS_FORMAT', 'first metadata block', at + superblock.meta_blkaddr, 0);
    const logBlockSize = this.view.getUint8(at + superblock.blkszbits);
    if (logBlockSize !== LOG_BLOCK_SIZE || this.view.getUint8(at + superblock.sb_extslots) !== 0) {
      const detail = `the block size is not ${BLOCK_SIZE}, or the superblock has extra slots`;
      throw new ComposefsError('EROFS_FORMAT', detail, { offset: at + superblock.blkszbits });
    }
    // EROFS-050
    const size = this.view.getUint32(at + superblock.blocks, true) * BLOCK_SIZE;
    if (size !== this.bytes.length) {
      const detail = `the image has ${this.bytes.length} bytes, but its superblock says ${size}`;
      throw new ComposefsError('EROFS_SIZE', detail, { offset: at + superblock.blocks });
    }
  }

  #expect(code: 'EROFS_MAGIC' | 'EROFS_FORMAT', what: string, at: number, expected: number): void {
    const found = this.view.getUint32(at, true);
    if (found !== expected) {
      const detail = `${what} is 0x${found.toString(16)}, expected 0x${expected.toString(16)}`;
      throw new ComposefsError(code, detail, { offset: at });
    }
  }
}
