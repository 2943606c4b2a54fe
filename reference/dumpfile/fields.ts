/**
 * One line of a dumpfile, cut into its fields, and the numbers in them (spec/dumpfile.md).
 *
 * A large dumpfile has millions of fields, so a line is no object: one reader looks at each line where it stands.
 * @module
 */

import type { ByteString } from '../bytes.ts';
import { type Code, ComposefsError } from '../errors.ts';
import { shown, unescapeField } from './escape.ts';
import { type Text, textOf } from './text.ts';

/** The fixed fields of a line, in order. */
const fieldNames = [
  'PATH',
  'SIZE',
  'MODE',
  'NLINK',
  'UID',
  'GID',
  'RDEV',
  'MTIME',
  'PAYLOAD',
  'CONTENT',
  'DIGEST',
] as const;

/** The places of the fixed fields. */
export const field = {
  path: 0,
  size: 1,
  mode: 2,
  nlink: 3,
  uid: 4,
  gid: 5,
  rdev: 6,
  mtime: 7,
  payload: 8,
  content: 9,
  digest: 10,
} as const;

/** The place of a fixed field. */
export type Field = (typeof field)[keyof typeof field];

const FIXED = fieldNames.length;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
const AT = 0x40;
const BACKSLASH = 0x5c;

/** Bytes of the longest line, without its newline (DUMP-018). */
export const MAX_LINE = 262144;
/** Bytes of the longest path and of the longest name in it (DUMP-032). */
export const MAX_PATH = 4096;
export const MAX_NAME = 255;

const MAX_MODE = 0o177777;
const MAX_SEC = 2n ** 63n - 1n;
const MAX_NSEC = 999_999_999;

/** Digits that a JavaScript number holds exactly, whatever they are. */
const EXACT_DIGITS = 15;

/** Digits of the longest number of the format, 2^64-1. */
const MAX_DIGITS = 20;

/** What a byte is in a line: most are plain. */
const PLAIN = 0;
const SEPARATOR = 1;
const END = 2;
const ESCAPE = 3;
const UNPRINTABLE = 4;
const kinds = new Uint8Array(256).fill(UNPRINTABLE).fill(PLAIN, 0x21, 0x7f);
kinds[SPACE] = SEPARATOR;
kinds[NEWLINE] = END;
kinds[BACKSLASH] = ESCAPE;

const NO_HEX = 0xff;
const hexDigits = new Uint8Array(256).fill(NO_HEX);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  hexDigits[digit.charCodeAt(0)] = value;
  hexDigits[digit.toUpperCase().charCodeAt(0)] = value;
}

/** Digests are cut from blocks of this many bytes: a buffer of its own for each costs more than all the rest of it. */
const DIGEST_BLOCK = 65536;

/** Reads the lines of a chunk, one after the other. */
export class Fields {
  /** Number of the line, from 1. */
  line = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #text: Text = '';
  #start = 0;
  /** The newline of the line. */
  #end = -1;
  readonly #ends = new Int32Array(FIXED);
  #escaped = false;
  #digests = new Uint8Array(0);
  #digestsUsed = 0;

  /** Begins with new lines, each with its newline. The bytes are used until the next time. */
  load(lines: Uint8Array): void {
    this.#bytes = lines;
    this.#text = textOf(lines);
    this.#end = -1;
  }

  /**
   * Goes to the next line; false where there is none. Refused: DUMPFILE_LINE where the line is empty or too long,
   * DUMPFILE_BYTE where a raw byte is not printable ASCII, DUMPFILE_FIELD where a field is missing or empty.
   */
  next(): boolean {
    this.#start = this.#end + 1;
    if (this.#start === this.#bytes.length) return false;
    this.line++;
    const bytes = this.#bytes;
    let count = 0;
    let from = this.#start;
    let at = from;
    this.#escaped = false;
    for (let end = false; !end; at++) {
      const kind = kinds[bytes[at] as number];
      if (kind === PLAIN) continue;
      if (kind === ESCAPE) {
        this.#escaped = true;
        continue;
      }
      // DUMP-020
      if (kind === UNPRINTABLE) throw this.#refuseLine('DUMPFILE_BYTE', this.#unprintable(at));
      // DUMP-019: exactly one space between fields, none at either end.
      if (at === from) throw this.#refuseLine('DUMPFILE_FIELD', `field ${count + 1} is empty`);
      if (count < FIXED) this.#ends[count] = at;
      count++;
      from = at + 1;
      end = kind === END;
    }
    this.#end = at - 1;
    if (count < FIXED) throw this.#refuseLine('DUMPFILE_FIELD', `${fieldNames[count]} is missing`);
    if (this.#end - this.#start > MAX_LINE) throw this.tooLong();
    return true;
  }

  #unprintable(at: number): string {
    const digits = (this.#bytes[at] as number).toString(16).padStart(2, '0');
    return `byte 0x${digits} at ${at - this.#start} is not escaped`;
  }

  /** A refusal of the line for how it is cut; for its length where that is wrong (DUMP-018). */
  #refuseLine(code: Code, detail: string): ComposefsError {
    const length = this.#bytes.indexOf(NEWLINE, this.#start) - this.#start;
    if (length === 0) return this.refuse('DUMPFILE_LINE', 'an empty line');
    return length > MAX_LINE ? this.tooLong() : this.refuse(code, detail);
  }

  /** A field as it stands. */
  raw(which: Field): string {
    return this.#text.slice(this.#startOf(which), this.#endOf(which));
  }

  /** Whether something in the line is escaped. Where nothing is, every byte of every field is printable ASCII. */
  get escaped(): boolean {
    return this.#escaped;
  }

  /** The bytes that a field stands for. */
  value(which: Field): ByteString {
    const text = this.raw(which);
    return this.#escaped ? unescapeField(text, this.line) : (text as ByteString);
  }

  /** The bytes that a field stands for, undefined where it is a dash alone. */
  optional(which: Field): ByteString | undefined {
    return this.isSet(which) ? this.value(which) : undefined;
  }

  /** Whether a field is something else than a dash alone. */
  isSet(which: Field): boolean {
    const start = this.#startOf(which);
    return this.#endOf(which) - start !== 1 || this.#bytes[start] !== DASH;
  }

  /** What follows the fixed fields, without the space before it; empty where nothing does. */
  rest(): string {
    const from = this.#endOf(field.digest) + 1;
    return from > this.#end ? '' : this.#text.slice(from, this.#end);
  }

  /**
   * The last component of PATH where the others are `parent`, the bytes of a path that was looked at before; undefined
   * where they are not, and where more than a look is needed to see whether the component is a name (DUMP-032).
   */
  nameBelow(parent: Uint8Array): ByteString | undefined {
    const bytes = this.#bytes;
    const start = this.#start;
    const end = this.#endOf(field.path);
    const from = start + parent.length + 1;
    const length = end - from;
    if (this.#escaped || length < 1 || length > MAX_NAME || end - start > MAX_PATH) return undefined;
    if (bytes[from - 1] !== SLASH || bytes[from] === DOT) return undefined;
    for (let at = parent.length - 1; at >= 0; at--) if (bytes[start + at] !== parent[at]) return undefined;
    for (let at = from; at < end; at++) if (bytes[at] === SLASH) return undefined;
    return this.#text.slice(from, end) as ByteString;
  }

  /** A decimal field from 0 to `max`, which is at most 2^32. */
  number32(which: Field, max: number): number {
    const start = this.#startOf(which);
    const end = this.#endOf(which);
    const value = end - start <= EXACT_DIGITS ? this.#decimal(start, end, which) : Number.POSITIVE_INFINITY;
    if (value > max) throw this.#above(which, max);
    return value;
  }

  /** A decimal field from 0 to `max`. */
  number64(which: Field, max: bigint): bigint {
    return this.#bounded(this.#startOf(which), this.#endOf(which), which, max);
  }

  /** MTIME: seconds and nanoseconds, two whole numbers (DUMP-028, DUMP-029). */
  time(): { sec: bigint; nsec: number } {
    const start = this.#startOf(field.mtime);
    const end = this.#endOf(field.mtime);
    let dot = start;
    while (dot < end && this.#bytes[dot] !== DOT) dot++;
    if (dot === end) {
      throw this.refuse('DUMPFILE_NUMBER', `MTIME has no dot: ${shown(this.raw(field.mtime))}`);
    }
    const sec = this.#bounded(start, dot, field.mtime, MAX_SEC);
    const nsec = end - dot - 1 <= EXACT_DIGITS ? this.#decimal(dot + 1, end, field.mtime) : MAX_NSEC + 1;
    if (nsec > MAX_NSEC) throw this.#above(field.mtime, MAX_NSEC);
    return { sec, nsec };
  }

  /** Whether MODE begins with the at sign of a hard link (DUMP-030). */
  isHardLink(): boolean {
    return this.#bytes[this.#startOf(field.mode)] === AT;
  }

  /** MODE: octal, after the at sign of a hard link (DUMP-030). */
  mode(): number {
    const start = this.#startOf(field.mode) + (this.isHardLink() ? 1 : 0);
    const end = this.#endOf(field.mode);
    let mode = 0;
    for (let at = start; at < end; at++) {
      const digit = (this.#bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 7) {
        throw this.refuse('DUMPFILE_MODE', `not octal: ${shown(this.raw(field.mode))}`);
      }
      mode = mode * 8 + digit;
      if (mode > MAX_MODE) throw this.refuse('DUMPFILE_MODE', `above 177777: ${shown(this.raw(field.mode))}`);
    }
    if (start === end) throw this.refuse('DUMPFILE_MODE', 'no digits');
    return mode;
  }

  /** The bytes of DIGEST, undefined where it is unset (DUMP-046). */
  digest(): Uint8Array | undefined {
    if (!this.isSet(field.digest)) return undefined;
    const start = this.#startOf(field.digest);
    const length = this.#endOf(field.digest) - start;
    if (length !== 64 && length !== 128) throw this.refuse('DUMPFILE_DIGEST', `${length} characters`);
    const digest = this.#newDigest(length / 2);
    for (let i = 0, at = start; i < digest.length; i++, at += 2) {
      const high = hexDigits[this.#bytes[at] as number] as number;
      const low = hexDigits[this.#bytes[at + 1] as number] as number;
      if (high === NO_HEX || low === NO_HEX) {
        throw this.refuse('DUMPFILE_DIGEST', `not hex: ${shown(this.raw(field.digest))}`);
      }
      digest[i] = high * 16 + low;
    }
    return digest;
  }

  #newDigest(size: number): Uint8Array {
    if (this.#digestsUsed + size > this.#digests.length) {
      this.#digests = new Uint8Array(DIGEST_BLOCK);
      this.#digestsUsed = 0;
    }
    this.#digestsUsed += size;
    return this.#digests.subarray(this.#digestsUsed - size, this.#digestsUsed);
  }

  /** A refusal at this line. */
  refuse(code: Code, detail: string): ComposefsError {
    return new ComposefsError(code, detail, { line: this.line });
  }

  /** The refusal of this line for its length. */
  tooLong(): ComposefsError {
    return this.refuse('DUMPFILE_LINE', `longer than ${MAX_LINE} bytes`);
  }

  #startOf(which: Field): number {
    return which === 0 ? this.#start : (this.#ends[which - 1] as number) + 1;
  }

  #endOf(which: Field): number {
    return this.#ends[which] as number;
  }

  #bounded(start: number, end: number, which: Field, max: bigint): bigint {
    const length = end - start;
    if (length <= EXACT_DIGITS) {
      const value = BigInt(this.#decimal(start, end, which));
      if (value > max) throw this.#above(which, max);
      return value;
    }
    // A number with more digits is out of range, whatever they are.
    if (length > MAX_DIGITS) throw this.#above(which, max);
    const middle = start + EXACT_DIGITS;
    const low = BigInt(this.#digits(middle, end, which));
    const value = BigInt(this.#decimal(start, middle, which)) * 10n ** BigInt(end - middle) + low;
    if (value > max) throw this.#above(which, max);
    return value;
  }

  #above(which: Field, max: number | bigint): ComposefsError {
    return this.refuse('DUMPFILE_NUMBER', `${fieldNames[which]} is above ${max}: ${shown(this.raw(which))}`);
  }

  // DUMP-026: digits alone, no sign, no leading zeros.
  #decimal(start: number, end: number, which: Field): number {
    if (start === end || (end - start > 1 && this.#bytes[start] === ZERO)) {
      throw this.refuse('DUMPFILE_NUMBER', `${fieldNames[which]} is empty or has a leading zero`);
    }
    return this.#digits(start, end, which);
  }

  #digits(start: number, end: number, which: Field): number {
    const bytes = this.#bytes;
    let value = 0;
    for (let at = start; at < end; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) {
        const text = shown(this.raw(which));
        throw this.refuse('DUMPFILE_NUMBER', `${fieldNames[which]} is not a decimal number: ${text}`);
      }
      value = value * 10 + digit;
    }
    return value;
  }
}

/** The name of a field, as the format has it. */
export function fieldName(which: Field): string {
  return fieldNames[which];
}
