/**
 * Escapes in dumpfiles (spec/dumpfile.md).
 * @module
 */

import { type ByteString, shortened } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';

const unsafe = /[^\x21-\x5b\x5d-\x7e]/;
const unsafeOrEqual = /[^\x21-\x3c\x3e-\x5b\x5d-\x7e]/;
const everyUnsafe = /[^\x21-\x5b\x5d-\x7e]/g;
const everyUnsafeOrEqual = /[^\x21-\x3c\x3e-\x5b\x5d-\x7e]/g;

const named: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeOne(character: string): string {
  return named[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** `bytes` as they are written in PATH (DUMP-003). */
export function escapeField(bytes: ByteString): string {
  return unsafe.test(bytes) ? bytes.replace(everyUnsafe, escapeOne) : bytes;
}

/** `bytes` as they are written in PAYLOAD and CONTENT, which are unset if they are one dash (DUMP-004). */
export function escapeOptional(bytes: ByteString | undefined): string {
  if (bytes === undefined || bytes === '') return '-';
  return bytes === '-' ? '\\x2d' : escapeField(bytes);
}

/** `bytes` as they are written in KEY and VALUE, which are separated by an equals sign (DUMP-005). */
export function escapeXattr(bytes: ByteString): string {
  return unsafeOrEqual.test(bytes) ? bytes.replace(everyUnsafeOrEqual, escapeOne) : bytes;
}

const everyEscape = /\\(x[0-9A-Fa-f]{2}|[\\nrt])?/g;

/**
 * The bytes that `field`, which is printable ASCII, represents. Rejects with DUMPFILE_ESCAPE if a backslash does not
 * begin an escape. `line` is the number of the line, for errors.
 */
export function unescapeField(field: string, line: number): ByteString {
  if (!field.includes('\\')) return field as ByteString;
  return field.replace(everyEscape, (_, escaped: string | undefined) => {
    switch (escaped) {
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
        return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    }
  }) as ByteString;
}

// DUMP-021
function badEscape(field: string, line: number): ComposefsError {
  return new ComposefsError(
    'DUMPFILE_ESCAPE',
    `a backslash must begin \\\\, \\n, \\r, \\t or \\x with two hexadecimal digits: ${shortened(field)}`,
    { line },
  );
}
