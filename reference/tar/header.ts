/**
 * The header of a tar entry, in its three forms (spec/layers.md, "Headers").
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import type { Timestamp } from '../tree/inode.ts';
import { beforeEpoch, type NumberField, readBigNumber, readNumber, readOctal } from './numbers.ts';

/** Size of a block in bytes. A header is one block, and contents are padded to whole blocks. */
export const BLOCK = 512;

/** The form of a header, which follows from its magic (LAYER-046). */
export type HeaderForm = 'v7' | 'ustar' | 'gnu';

const MAGIC_AT = 257;
const PREFIX_AT = 345;
const PREFIX_END = 500;
/** The fields of a GNU header where a ustar header has its prefix (LAYER-047). */
const GNU_TIMES: readonly NumberField[] = [
  { name: 'the access time', at: 345, width: 12 },
  { name: 'the change time', at: 357, width: 12 },
];
/** Where the prefix of star ends, and where its mark begins: `tar` and a NUL (LAYER-048). */
const STAR_PREFIX_END = 476;
const STAR_MARK_AT = 508;

const CHECKSUM: NumberField = { name: 'the checksum', at: 148, width: 8 };
const MODE: NumberField = { name: 'the mode', at: 100, width: 8 };
const UID: NumberField = { name: 'the uid', at: 108, width: 8 };
const GID: NumberField = { name: 'the gid', at: 116, width: 8 };
const SIZE: NumberField = { name: 'the size', at: 124, width: 12 };
const MTIME: NumberField = { name: 'the mtime', ifNegative: beforeEpoch, at: 136, width: 12 };
const MAJOR: NumberField = { name: 'the major device number', at: 329, width: 8 };
const MINOR: NumberField = { name: 'the minor device number', at: 337, width: 8 };

const magics: readonly (readonly [HeaderForm, Uint8Array])[] = [
  // POSIX: "ustar", NUL. The version that follows, "00", is not checked, as in the readers in use.
  ['ustar', Uint8Array.of(0x75, 0x73, 0x74, 0x61, 0x72, 0)],
  // GNU tar: "ustar", two spaces, NUL.
  ['gnu', Uint8Array.of(0x75, 0x73, 0x74, 0x61, 0x72, 0x20, 0x20, 0)],
];

/** Whether `block` is a block of zeros, two of which end an archive. */
export function isZeroBlock(block: Uint8Array): boolean {
  for (let i = 0; i < BLOCK; i++) if (block[i] !== 0) return false;
  return true;
}

/** Rejects with TAR_CHECKSUM unless the checksum is the sum of the bytes of the header (LAYER-053). */
export function verifyChecksum(header: Uint8Array, location: Location): void {
  const { unsigned, signed } = checksumsOf(header);
  const stored = checksumField(header, location);
  if (stored !== unsigned && stored !== signed) {
    throw new ComposefsError(
      'TAR_CHECKSUM',
      `the checksum is ${stored}, but the bytes of the header add up to ${unsigned}`,
      location,
    );
  }
}

/** Whether the checksum of a header that {@link verifyChecksum} accepts is only the sum of signed bytes. */
export function hasSignedChecksum(header: Uint8Array): boolean {
  return checksumField(header, {}) !== checksumsOf(header).unsigned;
}

/** The sums of the bytes of a header, as unsigned and as signed numbers: early tar implementations added the latter. */
function checksumsOf(header: Uint8Array): { readonly unsigned: number; readonly signed: number } {
  let unsigned = 8 * 0x20;
  let high = 0;
  for (let i = 0; i < BLOCK; i++) {
    if (i === CHECKSUM.at) i += CHECKSUM.width;
    const byte = header[i] ?? 0;
    unsigned += byte;
    high += byte >> 7;
  }
  return { unsigned, signed: unsigned - 256 * high };
}

function checksumField(header: Uint8Array, location: Location): number {
  try {
    return readOctal(header, CHECKSUM, location);
  } catch {
    throw new ComposefsError('TAR_CHECKSUM', 'the checksum is not an octal number', location);
  }
}

/** Whether a header of form ustar has a version other than that of POSIX, `00` (LAYER-046). */
export function hasOtherVersion(header: Uint8Array): boolean {
  return formOf(header) === 'ustar' && (header[263] !== 0x30 || header[264] !== 0x30);
}

/** Whether a header of form GNU has a time of access where a ustar header has its prefix (LAYER-047). */
export function hasGnuTimes(header: Uint8Array): boolean {
  return formOf(header) === 'gnu' && header[PREFIX_AT] !== 0;
}

export function formOf(header: Uint8Array): HeaderForm {
  for (const [form, magic] of magics) {
    if (magic.every((byte, i) => header[MAGIC_AT + i] === byte)) return form;
  }
  return 'v7';
}

/** Rejects with TAR_HEADER if tar readers disagree on the prefix. */
export function checkPrefix(header: Uint8Array, form: HeaderForm, location: Location): void {
  if (form === 'ustar') {
    // LAYER-048: the prefix of star is shorter and followed by times.
    if (hasStarMark(header) && !header.subarray(PREFIX_AT, STAR_PREFIX_END).includes(0)) {
      throw new ComposefsError(
        'TAR_HEADER',
        'the prefix is too long for a header with the mark of star',
        location,
      );
    }
    return;
  }
  // LAYER-047: some readers read a prefix in every form, and Go reads one in a GNU header whose times are not numbers.
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

function misplacedPrefix(form: HeaderForm, location: Location): ComposefsError {
  const origin =
    form === 'gnu' ? ', as Go before 1.8 wrote it: write the layer again, with another version or tool' : '';
  return new ComposefsError(
    'TAR_HEADER',
    `a header of form ${form} has bytes where a ustar header has its prefix${origin}`,
    location,
  );
}

function hasStarMark(header: Uint8Array): boolean {
  return (
    header[STAR_MARK_AT] === 0x74 &&
    header[STAR_MARK_AT + 1] === 0x61 &&
    header[STAR_MARK_AT + 2] === 0x72 &&
    header[STAR_MARK_AT + 3] === 0
  );
}

/** The type of the entry. */
export function typeOf(header: Uint8Array): number {
  return header[156] ?? 0;
}

/** The name field, without the prefix. */
export function nameField(header: Uint8Array): ByteString {
  return text(header, 0, 100);
}

/** The name, with the prefix of a ustar header if that is not empty (LAYER-077). */
export function fullName(header: Uint8Array, form: HeaderForm): ByteString {
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

/** The attributes of an inode in the number fields of a header. */
export interface HeaderAttributes {
  /** 0 to 0o7777 (LAYER-088). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: Timestamp;
  /** Absent in a v7 header. */
  readonly device: { readonly major: number; readonly minor: number } | undefined;
}

/** All number fields except size and checksum. */
export function attributesOf(header: Uint8Array, form: HeaderForm, location: Location): HeaderAttributes {
  return {
    // LAYER-088: `%` instead of `&`, because a base-256 mode can have more than 32 bits.
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

/** The bytes of a field up to its first NUL (LAYER-076). */
function text(header: Uint8Array, from: number, to: number): ByteString {
  let end = from;
  while (end < to && header[end] !== 0) end++;
  return byteString(header.subarray(from, end));
}
