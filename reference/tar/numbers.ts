/**
 * The number fields of a tar header: octal digits, or base-256 of GNU tar (spec/layers.md, "Headers").
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';

const SPACE = 0x20;
const ZERO = 0x30;
const SEVEN = 0x37;
/** The first byte of a base-256 number; a smaller one begins octal digits (LAYER-050). */
const BASE_256 = 0x80;
/** The first byte of a negative base-256 number (LAYER-052). */
const NEGATIVE = 0xff;

/** What to do about a time that is negative: images contain such times (LAYER-052, LAYER-074). */
export const beforeEpoch = 'give the entry a time of 1970 or later, as with --mtime=@0 of GNU tar';

/** A number field of a header. */
export interface NumberField {
  readonly name: string;
  /** What to do about a negative number. */
  readonly ifNegative?: string;
  readonly at: number;
  readonly width: number;
}

/** The number in `field`, 0 to 2^53-1. Rejects malformed numbers with TAR_NUMBER, and others with TAR_RANGE. */
export function readNumber(header: Uint8Array, field: NumberField, location: Location): number {
  if ((header[field.at] ?? 0) < BASE_256) return readOctal(header, field, location);
  const value = readBase256(header, field, location);
  if (value > Number.MAX_SAFE_INTEGER) {
    throw new ComposefsError('TAR_RANGE', `${field.name} is greater than 2^53-1`, location);
  }
  return Number(value);
}

/** The number in `field`, 0 to 2^63-1. Rejects as {@link readNumber} does. */
export function readBigNumber(header: Uint8Array, field: NumberField, location: Location): bigint {
  if ((header[field.at] ?? 0) < BASE_256) return BigInt(readOctal(header, field, location));
  const value = readBase256(header, field, location);
  if (value >= 1n << 63n)
    throw new ComposefsError('TAR_RANGE', `${field.name} is greater than 2^63-1`, location);
  return value;
}

/** The octal number in `field`: spaces, digits, then spaces and NULs; NULs alone are 0 (LAYER-049). */
export function readOctal(header: Uint8Array, field: NumberField, location: Location): number {
  const end = field.at + field.width;
  let at = field.at;
  while (at < end && header[at] === SPACE) at++;
  const first = at;
  let value = 0;
  for (; at < end; at++) {
    const byte = header[at] ?? 0;
    if (byte < ZERO || byte > SEVEN) break;
    // At most 12 digits, 36 bits.
    value = value * 8 + (byte - ZERO);
  }
  const digits = at > first;
  let spaces = first > field.at;
  for (; at < end; at++) {
    const byte = header[at] ?? 0;
    if (byte === SPACE) spaces = true;
    else if (byte !== 0) throw malformed(field, location);
  }
  if (!digits && spaces) throw malformed(field, location);
  return value;
}

/** The number in the bytes after the first one, the most significant byte first (LAYER-050). */
function readBase256(header: Uint8Array, field: NumberField, location: Location): bigint {
  const { name, ifNegative, at, width } = field;
  if (header[at] === NEGATIVE) {
    const hint = ifNegative === undefined ? '' : `: ${ifNegative}`;
    throw new ComposefsError('TAR_RANGE', `${name} is negative${hint}`, location);
  }
  if (header[at] !== BASE_256) {
    throw new ComposefsError(
      'TAR_NUMBER',
      `${name} has bits of a base-256 number in its first byte`,
      location,
    );
  }
  let value = 0n;
  for (let i = at + 1; i < at + width; i++) value = (value << 8n) | BigInt(header[i] ?? 0);
  return value;
}

function malformed({ name }: NumberField, location: Location): ComposefsError {
  return new ComposefsError('TAR_NUMBER', `${name} is not an octal number`, location);
}
