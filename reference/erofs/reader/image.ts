/**
 * An image from an untrusted source: its header and superblock, and which of its bytes are in use.
 * @module
 */

import { ComposefsError } from '../../errors.ts';
import { epoch, type Timestamp } from '../../tree/inode.ts';
import type { FormatRules } from '../format-rules.ts';
import { limits } from '../limits.ts';
import { BLOCK_SIZE, INODES_AT, SLOT_SIZE, SUPERBLOCK_AT, superblock } from '../structures.ts';
import { readHead } from './head.ts';

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
    const { rules, size } = readHead(bytes);
    const at = SUPERBLOCK_AT;
    // EROFS-050
    if (size !== bytes.length) {
      const detail = `the image has ${bytes.length} bytes, but its superblock says ${size}`;
      throw new ComposefsError('EROFS_SIZE', detail, { offset: at + superblock.blocks });
    }
    this.rules = rules;
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
}
