/**
 * The escapes of the dumpfile format (spec/dumpfile.md).
 * @module
 */

import type { ByteString } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';

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

const everyEscape = /\\(x[0-9A-Fa-f]{2}|[\\nrt])?/g;

/**
 * The bytes that `field`, printable ASCII, stands for. Refused with DUMPFILE_ESCAPE where a backslash begins no
 * escape. `line` is for the error.
 */
export function unescapeField(field: string, line: number): ByteString {
  if (!field.includes('\\')) return field as ByteString;
  return field.replace(everyEscape, (_, what: string | undefined) => {
    switch (what) {
      case undefined:
        throw badEscape(field, line);
      case '\\':
        return '\\';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      default:
        return String.fromCharCode(Number.parseInt(what.slice(1), 16));
    }
  }) as ByteString;
}

// DUMP-021
function badEscape(field: string, line: number): ComposefsError {
  return new ComposefsError(
    'DUMPFILE_ESCAPE',
    `only \\\\, \\n, \\r, \\t and \\x with two hex digits are escapes: ${shown(field)}`,
    { line },
  );
}

/** The start of a field, for a message. */
export function shown(field: string): string {
  return field.length > 60 ? `${field.slice(0, 60)}…` : field;
}
