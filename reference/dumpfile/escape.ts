/**
 * The escapes of the dumpfile format (spec/dumpfile.md).
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';

const BACKSLASH = 0x5c;

const unsafe = /[^\x21-\x5b\x5d-\x7e]/;
const unsafeOrEqual = /[^\x21-\x3c\x3e-\x5b\x5d-\x7e]/;
const everyUnsafe = /[^\x21-\x5b\x5d-\x7e]/g;
const everyUnsafeOrEqual = /[^\x21-\x3c\x3e-\x5b\x5d-\x7e]/g;

const named: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeOne(character: string): string {
  return named[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** `bytes` as PATH writes them (DUMP-003). */
export function escapeField(bytes: ByteString): string {
  return unsafe.test(bytes) ? bytes.replace(everyUnsafe, escapeOne) : bytes;
}

/** `bytes` as PAYLOAD and CONTENT write them, where a dash alone says that there is nothing (DUMP-004). */
export function escapeOptional(bytes: ByteString | undefined): string {
  if (bytes === undefined || bytes === '') return '-';
  return bytes === '-' ? '\\x2d' : escapeField(bytes);
}

/** `bytes` as KEY and VALUE write them, where an equals sign stands between the two (DUMP-005). */
export function escapeXattr(bytes: ByteString): string {
  return unsafeOrEqual.test(bytes) ? bytes.replace(everyUnsafeOrEqual, escapeOne) : bytes;
}

/**
 * The bytes that `field` stands for: `field` itself where nothing is escaped, else a new array.
 * Refused with DUMPFILE_ESCAPE where a backslash begins no escape. `line` is for the error.
 */
export function unescapeField(field: Uint8Array, line: number): Uint8Array {
  let from = field.indexOf(BACKSLASH);
  if (from < 0) return field;
  const bytes = new Uint8Array(field.length);
  bytes.set(field.subarray(0, from));
  let length = from;
  while (from < field.length) {
    const byte = field[from++] ?? 0;
    if (byte !== BACKSLASH) {
      bytes[length++] = byte;
      continue;
    }
    const kind = field[from++];
    switch (kind) {
      case BACKSLASH:
        bytes[length++] = BACKSLASH;
        break;
      case 0x6e: // n
        bytes[length++] = 0x0a;
        break;
      case 0x72: // r
        bytes[length++] = 0x0d;
        break;
      case 0x74: // t
        bytes[length++] = 0x09;
        break;
      case 0x78: {
        const high = hexDigit(field[from++]);
        const low = hexDigit(field[from++]);
        if (high < 0 || low < 0) throw badEscape(field, line);
        bytes[length++] = high * 16 + low;
        break;
      }
      default:
        throw badEscape(field, line);
    }
  }
  return bytes.subarray(0, length);
}

/** The value of a hex digit of either case, -1 for any other byte. */
export function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

// DUMP-021
function badEscape(field: Uint8Array, line: number): ComposefsError {
  const shown = field.length > 60 ? `${byteString(field.subarray(0, 60))}…` : byteString(field);
  return new ComposefsError(
    'DUMPFILE_ESCAPE',
    `only \\\\, \\n, \\r, \\t and \\x with two hex digits are escapes: ${shown}`,
    { line },
  );
}
