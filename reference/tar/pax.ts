/**
 * PAX records (spec/layers.md, "Extended headers" and "Extended attributes").
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import type { Timestamp, Xattrs } from '../tree/inode.ts';
import { noXattrs } from '../tree/inode.ts';
import { beforeEpoch } from './numbers.ts';

const XATTR = 'SCHILY.xattr.';
/** Lengths in bytes of the longest name and value of an extended attribute (LAYER-096). */
const XATTR_NAME_MAX = 255;
const XATTR_VALUE_MAX = 65535;

const SPACE = 0x20;
const LINE_FEED = 0x0a;
const EQUALS = 0x3d;
const DIGIT_ZERO = 0x30;
const DIGIT_NINE = 0x39;

/** The values in the records of one extended header. */
export interface PaxRecords {
  readonly path?: ByteString;
  readonly linkpath?: ByteString;
  readonly size?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: Timestamp;
  readonly xattrs: Xattrs;
  /** Whether a record makes the entry a sparse file (LAYER-056). */
  readonly sparse: boolean;
  /** Whether a record has a part of a device number (LAYER-059). */
  readonly device: boolean;
}

/** Whether the extended attribute of a name is held, or only checked. */
export type KeepsXattr = (name: ByteString) => boolean;

/** Reads the records of an extended header. Rejects with TAR_PAX, TAR_NUMBER, TAR_RANGE, TAR_XATTR and TAR_LIMIT. */
export function parsePax(content: Uint8Array, location: Location, keeps: KeepsXattr): PaxRecords {
  const records: { -readonly [K in keyof PaxRecords]: PaxRecords[K] } = {
    xattrs: noXattrs,
    sparse: false,
    device: false,
  };
  const xattrs = new Map<ByteString, ByteString>();
  const names = new Set<ByteString>();
  for (const { keyword, value } of splitRecords(content, location)) {
    switch (keyword) {
      case 'path':
      case 'linkpath':
        // LAYER-071: for some readers this is an empty name, for others it means the value of the header.
        if (value.length === 0)
          throw new ComposefsError('TAR_PAX', `the ${keyword} record is empty`, location);
        records[keyword] = byteString(value);
        break;
      case 'size':
      case 'uid':
      case 'gid':
        records[keyword] = decimal(keyword, value, location);
        break;
      case 'mtime':
        // LAYER-071
        if (records.mtime)
          throw new ComposefsError('TAR_PAX', 'the extended header has two mtime records', location);
        records.mtime = time(value, location);
        break;
      case 'SCHILY.realsize':
      case 'SUN.holesdata':
        records.sparse = true;
        break;
      case 'SCHILY.devmajor':
      case 'SCHILY.devminor':
        records.device = true;
        break;
      default:
        if (keyword.startsWith(XATTR)) {
          const name = keyword.slice(XATTR.length) as ByteString;
          checkXattr(name, value, names, location);
          names.add(name);
          if (keeps(name)) xattrs.set(name, byteString(value));
        } else if (keyword.startsWith('GNU.sparse.')) records.sparse = true;
    }
  }
  if (xattrs.size > 0) records.xattrs = xattrs;
  return records;
}

/** Rejects with TAR_PAX unless `content` is well-formed records, whose values are ignored (LAYER-064). */
export function checkGlobalHeader(content: Uint8Array, location: Location): void {
  for (const _ of splitRecords(content, location));
}

interface PaxRecord {
  /** One byte in each character. */
  readonly keyword: string;
  readonly value: Uint8Array;
}

/** The records of the form `LENGTH KEYWORD=VALUE\n` (LAYER-068). */
export function* splitRecords(content: Uint8Array, location: Location): Generator<PaxRecord> {
  let start = 0;
  while (start < content.length) {
    let at = start;
    let length = 0;
    for (let byte = content[at] ?? 0; isDigit(byte); byte = content[++at] ?? 0) {
      length = length * 10 + (byte - DIGIT_ZERO);
    }
    if (at === start || content[at] !== SPACE)
      throw malformed('a record does not begin with its length and a space', location);
    const end = start + length;
    if (content[end - 1] !== LINE_FEED)
      throw malformed('a record does not end in a line feed where its length says', location);
    const record = content.subarray(at + 1, end - 1);
    const equals = record.indexOf(EQUALS);
    if (equals <= 0) throw malformed('a record has no keyword and "="', location);
    const bytes = record.subarray(0, equals);
    const keyword = byteString(bytes);
    checkKeyword(keyword, bytes, location);
    yield { keyword, value: record.subarray(equals + 1) };
    start = end;
  }
}

function isDigit(byte: number): boolean {
  return byte >= DIGIT_ZERO && byte <= DIGIT_NINE;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** LAYER-068: a keyword is UTF-8 without NUL. */
function checkKeyword(keyword: string, bytes: Uint8Array, location: Location): void {
  if (keyword.includes('\0')) throw malformed('a keyword has a NUL', location);
  if (/^[ -~]*$/.test(keyword)) return;
  try {
    utf8.decode(bytes);
  } catch {
    throw malformed('a keyword is not UTF-8', location);
  }
}

/** A number in decimal digits, at most 2^53-1 (LAYER-072). */
function decimal(keyword: string, value: Uint8Array, location: Location): number {
  const text = byteString(value);
  if (!/^[0-9]+$/.test(text)) {
    const code = /^-[0-9]+$/.test(text) ? 'TAR_RANGE' : 'TAR_NUMBER';
    throw new ComposefsError(code, `the ${keyword} record is not only decimal digits`, location);
  }
  const number = Number(text);
  if (number > Number.MAX_SAFE_INTEGER) {
    throw new ComposefsError('TAR_RANGE', `the ${keyword} record is greater than 2^53-1`, location);
  }
  return number;
}

/** Seconds with an optional fraction, of which nine digits count (LAYER-073, LAYER-074). */
function time(value: Uint8Array, location: Location): Timestamp {
  const text = byteString(value);
  const match = /^([0-9]+)(?:\.([0-9]*))?$/.exec(text);
  if (!match) {
    if (/^-[0-9]+(?:\.[0-9]*)?$/.test(text)) {
      throw new ComposefsError('TAR_RANGE', `the mtime record is negative: ${beforeEpoch}`, location);
    }
    throw new ComposefsError(
      'TAR_NUMBER',
      'the mtime record is not seconds since 1970 in decimal digits, with an optional fraction',
      location,
    );
  }
  const [, seconds = '', fraction = ''] = match;
  const digits = seconds.replace(/^0+(?=.)/, '');
  // 20 digits are out of range already, and converting more takes time that grows with the square of their number.
  const sec = BigInt(digits.slice(0, 20));
  if (sec >= 1n << 63n)
    throw new ComposefsError('TAR_RANGE', 'the mtime record is greater than 2^63-1', location);
  return { sec, nsec: Number(fraction.slice(0, 9).padEnd(9, '0')) };
}

function checkXattr(
  name: ByteString,
  value: Uint8Array,
  others: ReadonlySet<ByteString>,
  location: Location,
): void {
  if (name === '')
    throw new ComposefsError('TAR_XATTR', 'the name of an extended attribute is empty', location);
  // LAYER-095: GNU tar reads these as "%" and "=", and no other implementation does.
  if (/%(?:25|3D)/.test(name)) {
    throw new ComposefsError('TAR_XATTR', 'the name of an extended attribute has "%25" or "%3D"', location);
  }
  if (others.has(name))
    throw new ComposefsError('TAR_XATTR', 'two extended attributes have the same name', location);
  if (name.length > XATTR_NAME_MAX) {
    throw new ComposefsError(
      'TAR_LIMIT',
      `the name of an extended attribute has ${name.length} bytes, more than ${XATTR_NAME_MAX}`,
      location,
    );
  }
  if (value.length > XATTR_VALUE_MAX) {
    throw new ComposefsError(
      'TAR_LIMIT',
      `the value of an extended attribute has ${value.length} bytes, more than ${XATTR_VALUE_MAX}`,
      location,
    );
  }
}

function malformed(detail: string, location: Location): ComposefsError {
  return new ComposefsError('TAR_PAX', detail, location);
}
