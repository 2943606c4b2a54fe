/**
 * Byte strings: names, link targets and xattr names and values.
 *
 * A byte string holds one byte a character, U+0000 to U+00FF. It is never text: nothing decodes it, and a
 * character above U+00FF can't be in it. Held this way, JavaScript compares, sorts and hashes bytes as the
 * standard orders them (unsigned, bytewise), and a name costs its own length in memory.
 * @module
 */

declare const oneByteACharacter: unique symbol;

/** Bytes, one a character. Make one with {@link byteString} or {@link ascii}; read it with {@link bytesOf}. */
export type ByteString = string & { readonly [oneByteACharacter]: true };

/** Larger slices than this would pass more arguments than an engine must take. */
const SLICE = 8192;

/** The byte string that holds `bytes`. */
export function byteString(bytes: Uint8Array): ByteString {
  if (bytes.length <= SLICE)
    return String.fromCharCode.apply(null, bytes as unknown as number[]) as ByteString;
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += SLICE) parts.push(byteString(bytes.subarray(at, at + SLICE)));
  return parts.join('') as ByteString;
}

/** The byte string of a literal. Throws a RangeError where a character is not ASCII. */
export function ascii(literal: string): ByteString {
  for (let i = 0; i < literal.length; i++) {
    if (literal.charCodeAt(i) > 0x7f) throw new RangeError(`"${literal}" is not ASCII`);
  }
  return literal as ByteString;
}

/** The bytes of `string`, in a new array. */
export function bytesOf(string: ByteString): Uint8Array {
  const bytes = new Uint8Array(string.length);
  writeBytes(string, bytes, 0);
  return bytes;
}

/** Writes the bytes of `string` into `target` from `at` on. */
export function writeBytes(string: ByteString, target: Uint8Array, at: number): void {
  for (let i = 0; i < string.length; i++) target[at + i] = string.charCodeAt(i);
}

/** Unsigned, bytewise order, for `sort`. */
export function compareBytes(a: ByteString, b: ByteString): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** One byte string after another. */
export function joinBytes(...parts: ByteString[]): ByteString {
  return parts.join('') as ByteString;
}

/** `string` in memory of its own: engines keep the whole of a string as long as a piece that was cut out of it. */
export function ownBytes(string: ByteString): ByteString {
  return byteString(bytesOf(string));
}

/** Lower-case hex, two digits a byte. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** `string` for a person to read: printable ASCII as it is, everything else as `\xHH`. */
export function printable(string: ByteString): string {
  return string.replace(/[^\x20-\x5b\x5d-\x7e]/g, c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
