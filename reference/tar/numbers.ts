/**
 * The number fields of a tar header: octal digits, or GNU tar's base-256 (spec/layers.md, Headers).
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';

const SPACE = 0x20;
const ZERO = 0x30;
const SEVEN = 0x37;
/** Below it a first byte begins octal digits; it is itself the first byte of a base-256 number. */
const BINARY = 0x80;
const NEGATIVE = 0xff;

/** Where a number field stands in a header. */
export interface NumberField {
  readonly name: string;
  readonly at: number;
  readonly width: number;
}

/** The number in `field`, 0 to 2^53-1. Throws TAR_NUMBER, and TAR_RANGE where it is negative or larger. */
export function readNumber(header: Uint8Array, field: NumberField, location: Location): number {
  if ((header[field.at] ?? 0) < BINARY) return readOctal(header, field, location);
  const value = readBinary(header, field, location);
  if (value > Number.MAX_SAFE_INTEGER) {
    throw new ComposefsError('TAR_RANGE', `${field.name} is above 2^53-1`, location);
  }
  return Number(value);
}

/** The number in `field`, 0 to 2^63-1. Throws as {@link readNumber} does. */
export function readBigNumber(header: Uint8Array, field: NumberField, location: Location): bigint {
  if ((header[field.at] ?? 0) < BINARY) return BigInt(readOctal(header, field, location));
  const value = readBinary(header, field, location);
  if (value >= 1n << 63n) throw new ComposefsError('TAR_RANGE', `${field.name} is above 2^63-1`, location);
  return value;
}

/** The octal number in `field`: spaces, digits, then spaces and NULs; or NULs alone, which is 0. */
export function readOctal(header: Uint8Array, field: NumberField, location: Location): number {
  const end = field.at + field.width;
  let at = field.at;
  while (at < end && header[at] === SPACE) at++;
  const first = at;
  let value = 0;
  for (; at < end; at++) {
    const byte = header[at] ?? 0;
    if (byte < ZERO || byte > SEVEN) break;
    // Twelve digits are 36 bits, so this never passes 2^53.
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

/** Two's complement, most significant byte first, behind a byte that gives the sign. */
function readBinary(header: Uint8Array, { name, at, width }: NumberField, location: Location): bigint {
  if (header[at] === NEGATIVE) throw new ComposefsError('TAR_RANGE', `${name} is negative`, location);
  if (header[at] !== BINARY) {
    throw new ComposefsError(
      'TAR_NUMBER',
      `${name} begins a base-256 number with bits of its value`,
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
