/**
 * Strings sliced out of bytes that are ASCII.
 * @module
 */

/** Text that is sliced by offsets of bytes. A string is one. A slice that ends before it begins is empty. */
export interface AsciiText {
  slice(from: number, to: number): string;
}

const decoder = new TextDecoder();

/**
 * The text of `bytes`, which must not change while the text is used. Slices are correct up to the first byte that is
 * not ASCII.
 *
 * On Node, each slice is a new string made by Buffer. A slice of a string would refer to the whole string in all
 * engines: it is created faster, but is slower to compare and hash (a tenth of the time that it takes to write an
 * image), and keeps the whole string in memory.
 */
export function asciiText(bytes: Uint8Array): AsciiText {
  if (typeof Buffer !== 'function') return decoder.decode(bytes);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return { slice: (from, to) => buffer.toString('latin1', from, to) };
}
