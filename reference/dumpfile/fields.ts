/**
 * Splits a line of a dumpfile into its fields and reads the values in them (spec/dumpfile.md, "Lines and fields").
 *
 * A large dumpfile has millions of fields, so there is no object for each line: one object reads all lines in place.
 * @module
 */

import { type ByteString, byteString, shortened } from '../bytes.ts';
import { type Code, ComposefsError } from '../errors.ts';
import { type AsciiText, asciiText } from './ascii-text.ts';
import { unescapeField } from './escape.ts';

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

/** The positions of the fixed fields. */
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

/** The position of a fixed field. */
export type FieldIndex = (typeof field)[keyof typeof field];

const FIXED = fieldNames.length;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
const AT = 0x40;
const BACKSLASH = 0x5c;

/** Length in bytes of the longest line, without its newline (DUMP-018). */
export const MAX_LINE = 262144;
/** Lengths in bytes of the longest path and of its longest component (DUMP-032). */
export const MAX_PATH = 4096;
export const MAX_NAME = 255;

const MAX_MODE = 0o177777;
const MAX_SEC = 2n ** 63n - 1n;
const MAX_NSEC = 999_999_999;

/** Kinds of bytes in a line. */
const PLAIN = 0;
const SEPARATOR = 1;
const END = 2;
const ESCAPE = 3;
const UNPRINTABLE = 4;
const kinds = new Uint8Array(256).fill(UNPRINTABLE).fill(PLAIN, 0x21, 0x7f);
kinds[SPACE] = SEPARATOR;
kinds[NEWLINE] = END;
kinds[BACKSLASH] = ESCAPE;

const NOT_HEX = 0xff;
const hexDigits = new Uint8Array(256).fill(NOT_HEX);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  hexDigits[digit.charCodeAt(0)] = value;
  hexDigits[digit.toUpperCase().charCodeAt(0)] = value;
}

/** Reads lines, one after another. */
export class Fields {
  /** Number of the current line, counted from 1. */
  line = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #text: AsciiText = '';
  #start = 0;
  /** Offset of the newline of the current line. */
  #end = -1;
  readonly #ends = new Int32Array(FIXED);
  /** Whether the line has a backslash. If it has none, every byte of every field is printable ASCII. */
  #escaped = false;
  /** Holds the bytes of the digest that is being read. */
  readonly #digest = new Uint8Array(64);

  /** Starts to read other lines, each of which ends with a newline. `lines` must not change until the next call. */
  load(lines: Uint8Array): void {
    this.#bytes = lines;
    this.#text = asciiText(lines);
    this.#end = -1;
  }

  /**
   * Moves to the next line, and returns false if there is none. Rejects with DUMPFILE_LINE, DUMPFILE_BYTE and
   * DUMPFILE_FIELD.
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
      if (kind === UNPRINTABLE) throw this.#lineRejection('DUMPFILE_BYTE', this.#unprintable(at));
      // DUMP-019
      if (at === from) throw this.#lineRejection('DUMPFILE_FIELD', `field ${count + 1} is empty`);
      if (count < FIXED) this.#ends[count] = at;
      count++;
      from = at + 1;
      end = kind === END;
    }
    this.#end = at - 1;
    if (count < FIXED)
      throw this.#lineRejection('DUMPFILE_FIELD', `the field ${fieldNames[count]} is missing`);
    if (this.#end - this.#start > MAX_LINE) throw this.lineTooLong();
    return true;
  }

  #unprintable(at: number): string {
    const digits = (this.#bytes[at] as number).toString(16).padStart(2, '0');
    return `the byte 0x${digits} at offset ${at - this.#start} of the line is not escaped`;
  }

  /** A rejection of the current line, which is for its length if that is wrong (DUMP-018). */
  #lineRejection(code: Code, detail: string): ComposefsError {
    const length = this.#bytes.indexOf(NEWLINE, this.#start) - this.#start;
    if (length === 0) return this.rejection('DUMPFILE_LINE', 'the line is empty');
    return length > MAX_LINE ? this.lineTooLong() : this.rejection(code, detail);
  }

  /** A field with its escapes. */
  raw(which: FieldIndex): string {
    return this.#text.slice(this.#startOf(which), this.#endOf(which));
  }

  /** The bytes that a field represents. */
  value(which: FieldIndex): ByteString {
    const text = this.raw(which);
    return this.#escaped ? unescapeField(text, this.line) : (text as ByteString);
  }

  /** The bytes that a field represents; undefined if it is unset. */
  optional(which: FieldIndex): ByteString | undefined {
    return this.isSet(which) ? this.value(which) : undefined;
  }

  /** Whether a field is not exactly one dash. */
  isSet(which: FieldIndex): boolean {
    const start = this.#startOf(which);
    return this.#endOf(which) - start !== 1 || this.#bytes[start] !== DASH;
  }

  /** Everything after the fixed fields, without the space before it. */
  rest(): string {
    return this.#text.slice(this.#endOf(field.digest) + 1, this.#end);
  }

  /**
   * The last component of PATH if the others are `parent`, the bytes of a path that was checked before. Undefined if
   * they differ, or if PATH needs the full check of DUMP-032.
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
  number32(which: FieldIndex, max: number): number {
    const value = this.#decimal(this.#startOf(which), this.#endOf(which), which);
    if (value > max) throw this.#above(which, max);
    return value;
  }

  /** A decimal field from 0 to `max`. */
  number64(which: FieldIndex, max: bigint): bigint {
    return this.#bounded(this.#startOf(which), this.#endOf(which), which, max);
  }

  /** MTIME: seconds and nanoseconds (DUMP-028, DUMP-029). */
  time(): { sec: bigint; nsec: number } {
    const start = this.#startOf(field.mtime);
    const end = this.#endOf(field.mtime);
    let dot = start;
    while (dot < end && this.#bytes[dot] !== DOT) dot++;
    if (dot === end) {
      throw this.rejection('DUMPFILE_NUMBER', `MTIME has no dot: ${shortened(this.raw(field.mtime))}`);
    }
    const sec = this.#bounded(start, dot, field.mtime, MAX_SEC);
    const nsec = this.#decimal(dot + 1, end, field.mtime);
    if (nsec > MAX_NSEC) throw this.#above(field.mtime, MAX_NSEC);
    return { sec, nsec };
  }

  /** Whether the line is a hard link line: MODE begins with an at sign (DUMP-037). */
  isHardLink(): boolean {
    return this.#bytes[this.#startOf(field.mode)] === AT;
  }

  /** MODE, without the at sign of a hard link line (DUMP-030); 0, which has no file type, if it has no digits. */
  mode(): number {
    const start = this.#startOf(field.mode) + (this.isHardLink() ? 1 : 0);
    const end = this.#endOf(field.mode);
    let mode = 0;
    for (let at = start; at < end; at++) {
      const digit = (this.#bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 7) {
        throw this.rejection(
          'DUMPFILE_MODE',
          `MODE is not an octal number: ${shortened(this.raw(field.mode))}`,
        );
      }
      mode = mode * 8 + digit;
      if (mode > MAX_MODE) {
        throw this.rejection('DUMPFILE_MODE', `MODE is above 177777: ${shortened(this.raw(field.mode))}`);
      }
    }
    return mode;
  }

  /** The bytes of DIGEST; undefined if it is unset (DUMP-046). */
  digest(): ByteString | undefined {
    if (!this.isSet(field.digest)) return undefined;
    const start = this.#startOf(field.digest);
    const length = this.#endOf(field.digest) - start;
    if (length !== 64 && length !== 128) {
      throw this.rejection('DUMPFILE_DIGEST', `DIGEST has ${length} characters instead of 64 or 128`);
    }
    const digest = this.#digest.subarray(0, length / 2);
    for (let i = 0, at = start; i < digest.length; i++, at += 2) {
      const high = hexDigits[this.#bytes[at] as number] as number;
      const low = hexDigits[this.#bytes[at + 1] as number] as number;
      if (high === NOT_HEX || low === NOT_HEX) {
        throw this.rejection(
          'DUMPFILE_DIGEST',
          `DIGEST is not hexadecimal: ${shortened(this.raw(field.digest))}`,
        );
      }
      digest[i] = high * 16 + low;
    }
    return byteString(digest);
  }

  /** A rejection at the current line. */
  rejection(code: Code, detail: string): ComposefsError {
    return new ComposefsError(code, detail, { line: this.line });
  }

  /** A rejection of the current line for its length. */
  lineTooLong(): ComposefsError {
    return this.rejection('DUMPFILE_LINE', `the line is longer than ${MAX_LINE} bytes`);
  }

  #startOf(which: FieldIndex): number {
    return which === 0 ? this.#start : (this.#ends[which - 1] as number) + 1;
  }

  #endOf(which: FieldIndex): number {
    return this.#ends[which] as number;
  }

  #bounded(start: number, end: number, which: FieldIndex, max: bigint): bigint {
    const rounded = this.#decimal(start, end, which);
    const value = BigInt(rounded <= Number.MAX_SAFE_INTEGER ? rounded : this.#text.slice(start, end));
    if (value > max) throw this.#above(which, max);
    return value;
  }

  #above(which: FieldIndex, max: number | bigint): ComposefsError {
    return this.rejection(
      'DUMPFILE_NUMBER',
      `${fieldNames[which]} is above ${max}: ${shortened(this.raw(which))}`,
    );
  }

  /** A decimal number, rounded if it is above `Number.MAX_SAFE_INTEGER` (DUMP-026). */
  #decimal(start: number, end: number, which: FieldIndex): number {
    const bytes = this.#bytes;
    if (start === end || (end - start > 1 && bytes[start] === ZERO)) {
      throw this.rejection('DUMPFILE_NUMBER', `${fieldNames[which]} is empty or has a leading zero`);
    }
    let value = 0;
    for (let at = start; at < end; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) {
        const text = shortened(this.raw(which));
        throw this.rejection('DUMPFILE_NUMBER', `${fieldNames[which]} is not a decimal number: ${text}`);
      }
      value = value * 10 + digit;
    }
    return value;
  }
}

/** The name of a field in the format. */
export function fieldName(which: FieldIndex): string {
  return fieldNames[which];
}
