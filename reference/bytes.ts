/**
 * Byte strings: names, link targets, and names and values of extended attributes.
 *
 * A byte string holds one byte in each character, U+0000 to U+00FF. It is not text and is never decoded. JavaScript
 * then compares and sorts bytes in the order of the standard (unsigned, bytewise) and uses them as keys of a `Map`,
 * and engines store one byte per character.
 * @module
 */

declare const oneBytePerCharacter: unique symbol;

/** Bytes, one in each character. {@link byteString} and {@link ascii} make one, {@link bytesOf} returns its bytes. */
export type ByteString = string & { readonly [oneBytePerCharacter]: true };

/** The number of bytes that become arguments of one call. Engines limit the number of arguments. */
const SLICE = 8192;

/** `bytes` as a byte string. */
export function byteString(bytes: Uint8Array): ByteString {
  if (bytes.length <= SLICE)
    return String.fromCharCode.apply(null, bytes as unknown as number[]) as ByteString;
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += SLICE) parts.push(byteString(bytes.subarray(at, at + SLICE)));
  return parts.join('') as ByteString;
}

/** A literal as a byte string. Throws a RangeError if a character is not ASCII. */
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

/** Writes the bytes of `string` into `target`, starting at offset `at`. */
export function writeBytes(string: ByteString, target: Uint8Array, at: number): void {
  for (let i = 0; i < string.length; i++) target[at + i] = string.charCodeAt(i);
}

/** Compares in bytewise order, for `sort`. */
export function compareBytes(a: ByteString, b: ByteString): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Concatenates byte strings. */
export function joinBytes(...parts: ByteString[]): ByteString {
  return parts.join('') as ByteString;
}

/** A copy of `string`. Engines keep the whole string in memory as long as one slice of it is used. */
export function copyBytes(string: ByteString): ByteString {
  return byteString(bytesOf(string));
}

/** Lower-case hexadecimal, two digits for each byte. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** The most characters of a name or value from the input in a message: the name of any file fits. */
const EXCERPT_MAX = 256;

/** `text` from the input, for a message: if it is longer than `most`, its start and its end. */
export function shortened<T extends string>(text: T, most = EXCERPT_MAX): T {
  if (text.length <= most) return text;
  const half = Math.floor((most - 3) / 2);
  return `${text.slice(0, half)}...${text.slice(-half)}` as T;
}

/** `string` from the input, for a message: {@link shortened} and {@link printable}. */
export function excerpt(string: ByteString): string {
  return printable(shortened(string));
}

/** `string` as text: printable ASCII except the backslash as it is, everything else as `\xHH`. */
export function printable(string: ByteString): string {
  return string.replace(/[^\x20-\x5b\x5d-\x7e]/g, c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
