/**
 * An image as bytes that nobody vouches for: its header and superblock, and which of its bytes are in use.
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

/** An image whose header and superblock are in order. */
export class Image {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Of the format that the image has. */
  readonly rules: FormatRules;
  readonly rootNid: number;
  /** mtime of compact inodes. */
  readonly buildTime: Timestamp;
  /** What references to shared attributes count from. */
  readonly sharedAt: number;
  /** One byte a slot: 1 where a structure has it. */
  readonly #claimed: Uint8Array;
  /** The last time that was read: neighbours often have the same, and then share it. */
  #lastTime: Timestamp = epoch;

  /** Refused: EROFS_SIZE, EROFS_MAGIC, EROFS_FORMAT, EROFS_LIMIT. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // EROFS-050
    if (bytes.length < INODES_AT)
      throw new ComposefsError('EROFS_SIZE', `${bytes.length} bytes are no image`);
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

  /** Takes the bytes from `start` to `end` for one structure. Refused: EROFS_RANGE, EROFS_OVERLAP. */
  claim(start: number, end: number): void {
    this.checkRange(start, end);
    // EROFS-055: nothing is read twice, so the work is bounded by the size of the image.
    const last = Math.ceil(end / SLOT_SIZE);
    for (let slot = Math.floor(start / SLOT_SIZE); slot < last; slot++) {
      if (this.#claimed[slot] === 1) {
        throw new ComposefsError('EROFS_OVERLAP', `bytes ${start} to ${end} are in use`, {
          offset: slot * SLOT_SIZE,
        });
      }
      this.#claimed[slot] = 1;
    }
  }

  /** Refused: EROFS_RANGE where `start` to `end` is not in the image. */
  checkRange(start: number, end: number): void {
    if (end > this.bytes.length) {
      throw new ComposefsError('EROFS_RANGE', `the image ends before ${end}`, { offset: start });
    }
  }

  /** The time whose seconds and nanoseconds stand at these bytes. Refused: EROFS_LIMIT. */
  timestamp(secAt: number, nsecAt: number): Timestamp {
    const sec = this.view.getBigUint64(secAt, true);
    const nsec = this.view.getUint32(nsecAt, true);
    if (sec > limits.seconds || nsec > limits.nanoseconds) {
      throw new ComposefsError('EROFS_LIMIT', 'a time is before 1970 or no time', { offset: secAt });
    }
    if (sec !== this.#lastTime.sec || nsec !== this.#lastTime.nsec) this.#lastTime = { sec, nsec };
    return this.#lastTime;
  }

  #checkHeader(): void {
    // EROFS-051
    this.#expect('EROFS_MAGIC', 'header', header.magic, HEADER_MAGIC);
    this.#expect('EROFS_MAGIC', 'superblock', SUPERBLOCK_AT + superblock.magic, SUPERBLOCK_MAGIC);
    // EROFS-052
    this.#expect('EROFS_FORMAT', 'header version', header.version, HEADER_VERSION);
    if (this.view.getUint32(header.flags, true) > FLAG_HAS_ACL) {
      throw new ComposefsError('EROFS_FORMAT', 'unknown flags', { offset: header.flags });
    }
  }

  /** EROFS-052 */
  #readRules(): FormatRules {
    const version = this.view.getUint32(header.composefs_version, true);
    const rules = rulesOfVersion(version);
    if (rules !== undefined) return rules;
    const detail = `composefs version ${version} is no known format`;
    throw new ComposefsError('EROFS_FORMAT', detail, { offset: header.composefs_version });
  }

  #checkSuperblock(): void {
    const at = SUPERBLOCK_AT;
    this.#expect('EROFS_FORMAT', 'compatible features', at + superblock.feature_compat, FEATURE_COMPAT);
    this.#expect('EROFS_FORMAT', 'incompatible features', at + superblock.feature_incompat, 0);
    this.#expect('EROFS_FORMAT', 'first metadata block', at + superblock.meta_blkaddr, 0);
    const logBlockSize = this.view.getUint8(at + superblock.blkszbits);
    if (logBlockSize !== LOG_BLOCK_SIZE || this.view.getUint8(at + superblock.sb_extslots) !== 0) {
      throw new ComposefsError('EROFS_FORMAT', 'block or superblock size', {
        offset: at + superblock.blkszbits,
      });
    }
    // EROFS-050
    const size = this.view.getUint32(at + superblock.blocks, true) * BLOCK_SIZE;
    if (size !== this.bytes.length) {
      const detail = `the image has ${this.bytes.length} bytes, its superblock says ${size}`;
      throw new ComposefsError('EROFS_SIZE', detail, { offset: at + superblock.blocks });
    }
  }

  #expect(code: 'EROFS_MAGIC' | 'EROFS_FORMAT', what: string, at: number, expected: number): void {
    const found = this.view.getUint32(at, true);
    if (found !== expected) {
      const detail = `${what}: 0x${found.toString(16)}, expected 0x${expected.toString(16)}`;
      throw new ComposefsError(code, detail, { offset: at });
    }
  }
}
