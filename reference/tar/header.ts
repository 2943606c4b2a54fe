/**
 * One header block of a tar archive, in its three forms (spec/layers.md, Headers).
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import type { Timestamp } from '../tree/inode.ts';
import { type NumberField, readBigNumber, readNumber, readOctal } from './numbers.ts';

/** Bytes of a header, and what everything in an archive is a multiple of. */
export const BLOCK = 512;

/** `v7` is every header without a known magic. */
export type Form = 'v7' | 'ustar' | 'gnu';

const MAGIC_AT = 257;
const PREFIX_AT = 345;
const PREFIX_END = 500;
/** What a GNU header has in the place of a prefix. */
const GNU_TIMES: readonly NumberField[] = [
  { name: 'the access time', at: 345, width: 12 },
  { name: 'the change time', at: 357, width: 12 },
];
/** Where star's own prefix ends, and its mark, `tar` and a NUL. */
const STAR_PREFIX_END = 476;
const STAR_MARK_AT = 508;

const CHECKSUM: NumberField = { name: 'the checksum', at: 148, width: 8 };
const MODE: NumberField = { name: 'the mode', at: 100, width: 8 };
const UID: NumberField = { name: 'the uid', at: 108, width: 8 };
const GID: NumberField = { name: 'the gid', at: 116, width: 8 };
const SIZE: NumberField = { name: 'the size', at: 124, width: 12 };
const MTIME: NumberField = { name: 'the mtime', at: 136, width: 12 };
const MAJOR: NumberField = { name: 'the major device number', at: 329, width: 8 };
const MINOR: NumberField = { name: 'the minor device number', at: 337, width: 8 };

const magics: readonly (readonly [Form, Uint8Array])[] = [
  // POSIX: "ustar", NUL, "00".
  ['ustar', Uint8Array.of(0x75, 0x73, 0x74, 0x61, 0x72, 0, 0x30, 0x30)],
  // GNU tar: "ustar", two spaces, NUL.
  ['gnu', Uint8Array.of(0x75, 0x73, 0x74, 0x61, 0x72, 0x20, 0x20, 0)],
];

/** Whether `block` is all zeros: one of the two that end an archive. */
export function isZero(block: Uint8Array): boolean {
  for (let i = 0; i < BLOCK; i++) if (block[i] !== 0) return false;
  return true;
}

/** Throws TAR_CHECKSUM unless the sum of the header's bytes, unsigned or signed, is the stored one. */
export function verifyChecksum(header: Uint8Array, location: Location): void {
  let sum = 8 * 0x20;
  let high = 0;
  for (let i = 0; i < BLOCK; i++) {
    if (i === CHECKSUM.at) i += CHECKSUM.width;
    const byte = header[i] ?? 0;
    sum += byte;
    high += byte >> 7;
  }
  const stored = checksumField(header, location);
  // LAYER-053: the first tars added up signed characters.
  if (stored !== sum && stored !== sum - 256 * high) {
    throw new ComposefsError(
      'TAR_CHECKSUM',
      `the header says ${stored}, its bytes add up to ${sum}`,
      location,
    );
  }
}

function checksumField(header: Uint8Array, location: Location): number {
  try {
    return readOctal(header, CHECKSUM, location);
  } catch {
    throw new ComposefsError('TAR_CHECKSUM', 'the checksum is not an octal number', location);
  }
}

/** The form of a header. */
export function formOf(header: Uint8Array): Form {
  for (const [form, magic] of magics) {
    if (magic.every((byte, i) => header[MAGIC_AT + i] === byte)) return form;
  }
  return 'v7';
}

/** Throws TAR_HEADER where readers disagree on the prefix. */
export function checkPrefix(header: Uint8Array, form: Form, location: Location): void {
  if (form === 'ustar') {
    // LAYER-048: star's prefix is shorter, its times follow.
    if (hasStarMark(header) && !header.subarray(PREFIX_AT, STAR_PREFIX_END).includes(0)) {
      throw new ComposefsError(
        'TAR_HEADER',
        "the header has star's mark, and a longer prefix than star",
        location,
      );
    }
    return;
  }
  // LAYER-047: some readers find a prefix in every form, and Go one in GNU headers without proper times.
  let from = PREFIX_AT;
  if (form === 'gnu') {
    for (const field of GNU_TIMES) {
      if (!isNumber(header, field)) throw misplacedPrefix(form, location);
      from = field.at + field.width;
    }
  }
  for (let i = from; i < PREFIX_END; i++) if (header[i] !== 0) throw misplacedPrefix(form, location);
}

function isNumber(header: Uint8Array, field: NumberField): boolean {
  try {
    readBigNumber(header, field, {});
    return true;
  } catch {
    return false;
  }
}

function misplacedPrefix(form: Form, location: Location): ComposefsError {
  return new ComposefsError('TAR_HEADER', `a ${form} header has bytes in the place of a prefix`, location);
}

function hasStarMark(header: Uint8Array): boolean {
  return (
    header[STAR_MARK_AT] === 0x74 &&
    header[STAR_MARK_AT + 1] === 0x61 &&
    header[STAR_MARK_AT + 2] === 0x72 &&
    header[STAR_MARK_AT + 3] === 0
  );
}

/** The type flag. */
export function typeOf(header: Uint8Array): number {
  return header[156] ?? 0;
}

/** The name field alone. */
export function nameField(header: Uint8Array): ByteString {
  return text(header, 0, 100);
}

/** The name, behind the prefix where the form has one and it is not empty. */
export function fullName(header: Uint8Array, form: Form): ByteString {
  const name = nameField(header);
  if (form !== 'ustar' || header[PREFIX_AT] === 0) return name;
  return `${text(header, PREFIX_AT, PREFIX_END)}/${name}` as ByteString;
}

/** The link target. */
export function linkField(header: Uint8Array): ByteString {
  return text(header, 157, 257);
}

/** The size of the content. */
export function sizeField(header: Uint8Array, location: Location): number {
  return readNumber(header, SIZE, location);
}

/** What the number fields say of an inode. */
export interface HeaderAttributes {
  /** 0 to 0o7777: higher bits are dropped. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: Timestamp;
  /** Absent in a v7 header. */
  readonly device: { readonly major: number; readonly minor: number } | undefined;
}

/** Every number field besides size and checksum. */
export function attributesOf(header: Uint8Array, form: Form, location: Location): HeaderAttributes {
  return {
    // LAYER-088: `%` and not `&`, since a base-256 mode may have more than 32 bits.
    mode: readNumber(header, MODE, location) % 0o10000,
    uid: readNumber(header, UID, location),
    gid: readNumber(header, GID, location),
    mtime: { sec: readBigNumber(header, MTIME, location), nsec: 0 },
    device:
      form === 'v7'
        ? undefined
        : { major: readOctal(header, MAJOR, location), minor: readOctal(header, MINOR, location) },
  };
}

/** The bytes up to the first NUL, or all of them. */
function text(header: Uint8Array, from: number, to: number): ByteString {
  let end = from;
  while (end < to && header[end] !== 0) end++;
  return byteString(header.subarray(from, end));
}
