/**
 * One line of a dumpfile, cut into its fields, and the numbers in them (spec/dumpfile.md).
 * @module
 */

import { byteString } from '../bytes.ts';
import { type Code, ComposefsError } from '../errors.ts';
import { hexDigit } from './escape.ts';

/** The fixed fields of a line, in order. */
export const fieldNames = [
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

export type FieldName = (typeof fieldNames)[number];

const SPACE = 0x20;
const DASH = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const AT = 0x40;

const MAX_MODE = 0o177777;
const MAX_SEC = 2n ** 63n - 1n;
const MAX_NSEC = 999_999_999n;

const FIXED = fieldNames.length;
const indexOfField = Object.fromEntries(fieldNames.map((name, index) => [name, index])) as Readonly<
  Record<FieldName, number>
>;

/** Digits that a JavaScript number holds exactly, whatever they are. */
const EXACT_DIGITS = 15;

/** Digits of the longest number of the format, 2^64-1. */
const MAX_DIGITS = 20;

/** A line and where its fields end. `line` is its bytes without the newline, `number` counts from 1. */
export class Fields {
  readonly number: number;
  readonly #line: Uint8Array;
  readonly #ends = new Int32Array(FIXED);

  /** Refused: DUMPFILE_BYTE where a raw byte is not printable ASCII, DUMPFILE_FIELD where a field is missing or empty. */
  constructor(line: Uint8Array, number: number) {
    this.#line = line;
    this.number = number;
    let count = 0;
    let from = 0;
    for (let at = 0; at <= line.length; at++) {
      const byte = line[at] ?? SPACE;
      if (byte === SPACE) {
        // DUMP-019: exactly one space between fields, none at either end.
        if (at === from) throw this.refuse('DUMPFILE_FIELD', `field ${count + 1} is empty`);
        if (count < FIXED) this.#ends[count] = at;
        count++;
        from = at + 1;
      } else if (byte < 0x21 || byte > 0x7e) {
        // DUMP-020
        throw this.refuse(
          'DUMPFILE_BYTE',
          `byte 0x${byte.toString(16).padStart(2, '0')} at ${at} is not escaped`,
        );
      }
    }
    if (count < FIXED) throw this.refuse('DUMPFILE_FIELD', `${fieldNames[count]} is missing`);
  }

  /** The bytes of a field as they stand. */
  raw(name: FieldName): Uint8Array {
    const index = indexOfField[name];
    return this.#line.subarray(this.#start(index), this.#end(index));
  }

  /** The bytes of a field as they stand, undefined where it is a dash alone. */
  optional(name: FieldName): Uint8Array | undefined {
    const index = indexOfField[name];
    const start = this.#start(index);
    return this.#end(index) - start === 1 && this.#line[start] === DASH ? undefined : this.raw(name);
  }

  /** What follows the fixed fields, without the space before it; empty where nothing does. */
  rest(): Uint8Array {
    return this.#line.subarray(this.#end(FIXED - 1) + 1);
  }

  /** A decimal field from 0 to `max`, which is at most 2^32. */
  number32(name: FieldName, max: number): number {
    const index = indexOfField[name];
    const start = this.#start(index);
    const end = this.#end(index);
    const value = end - start <= EXACT_DIGITS ? this.#decimal(start, end, name) : Number.POSITIVE_INFINITY;
    if (value > max)
      throw this.refuse('DUMPFILE_NUMBER', `${name} is above ${max}: ${shown(this.raw(name))}`);
    return value;
  }

  /** A decimal field from 0 to `max`. */
  number64(name: FieldName, max: bigint): bigint {
    const index = indexOfField[name];
    return this.#bounded(this.#start(index), this.#end(index), name, max);
  }

  /** MTIME: seconds and nanoseconds, two whole numbers (DUMP-028, DUMP-029). */
  time(): { sec: bigint; nsec: number } {
    const index = indexOfField.MTIME;
    const end = this.#end(index);
    const dot = this.#line.indexOf(DOT, this.#start(index));
    if (dot < 0 || dot >= end) {
      throw this.refuse('DUMPFILE_NUMBER', `MTIME has no dot: ${shown(this.raw('MTIME'))}`);
    }
    return {
      sec: this.#bounded(this.#start(index), dot, 'MTIME', MAX_SEC),
      nsec: Number(this.#bounded(dot + 1, end, 'MTIME', MAX_NSEC)),
    };
  }

  /** MODE: octal, and whether an at sign says that the line is a hard link (DUMP-030). */
  mode(): { mode: number; hardLink: boolean } {
    const index = indexOfField.MODE;
    const start = this.#start(index);
    const end = this.#end(index);
    const hardLink = this.#line[start] === AT;
    const digits = hardLink ? start + 1 : start;
    let mode = 0;
    for (let at = digits; at < end; at++) {
      const digit = (this.#line[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 7) {
        throw this.refuse('DUMPFILE_MODE', `not octal: ${shown(this.raw('MODE'))}`);
      }
      mode = mode * 8 + digit;
      if (mode > MAX_MODE) throw this.refuse('DUMPFILE_MODE', `above 177777: ${shown(this.raw('MODE'))}`);
    }
    if (digits === end) throw this.refuse('DUMPFILE_MODE', 'no digits');
    return { mode, hardLink };
  }

  /** The bytes of DIGEST, undefined where it is unset (DUMP-046). */
  digest(): Uint8Array | undefined {
    const field = this.optional('DIGEST');
    if (field === undefined) return undefined;
    if (field.length !== 64 && field.length !== 128) {
      throw this.refuse('DUMPFILE_DIGEST', `${field.length} characters`);
    }
    const bytes = new Uint8Array(field.length / 2);
    for (let i = 0; i < bytes.length; i++) {
      const high = hexDigit(field[2 * i]);
      const low = hexDigit(field[2 * i + 1]);
      if (high < 0 || low < 0) throw this.refuse('DUMPFILE_DIGEST', `not hex: ${shown(field)}`);
      bytes[i] = high * 16 + low;
    }
    return bytes;
  }

  /** A refusal at this line. */
  refuse(code: Code, detail: string): ComposefsError {
    return new ComposefsError(code, detail, { line: this.number });
  }

  #start(index: number): number {
    return index === 0 ? 0 : this.#end(index - 1) + 1;
  }

  #end(index: number): number {
    return this.#ends[index] ?? 0;
  }

  #bounded(start: number, end: number, name: FieldName, max: bigint): bigint {
    const length = end - start;
    let value: bigint;
    if (length <= EXACT_DIGITS) {
      value = BigInt(this.#decimal(start, end, name));
    } else {
      const middle = start + EXACT_DIGITS;
      // A number with more digits is out of range, whatever they are.
      if (length > MAX_DIGITS) throw this.refuse('DUMPFILE_NUMBER', `${name} is above ${max}`);
      const low = BigInt(this.#digits(middle, end, name));
      value = BigInt(this.#decimal(start, middle, name)) * 10n ** BigInt(end - middle) + low;
    }
    if (value > max) throw this.refuse('DUMPFILE_NUMBER', `${name} is above ${max}: ${value}`);
    return value;
  }

  // DUMP-026: digits alone, no sign, no leading zeros.
  #decimal(start: number, end: number, name: FieldName): number {
    if (start === end || (end - start > 1 && this.#line[start] === ZERO)) {
      throw this.refuse('DUMPFILE_NUMBER', `${name} is empty or has a leading zero`);
    }
    return this.#digits(start, end, name);
  }

  #digits(start: number, end: number, name: FieldName): number {
    let value = 0;
    for (let at = start; at < end; at++) {
      const digit = (this.#line[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) {
        throw this.refuse('DUMPFILE_NUMBER', `${name} is not a decimal number: ${shown(this.raw(name))}`);
      }
      value = value * 10 + digit;
    }
    return value;
  }
}

/** The start of a field, for a message. */
export function shown(field: Uint8Array): string {
  return field.length > 60 ? `${byteString(field.subarray(0, 60))}…` : byteString(field);
}
