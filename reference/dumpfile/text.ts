/**
 * Text cut out of bytes that are all ASCII.
 * @module
 */

/** What is cut by the places of its bytes. A string is one. */
export interface Text {
  slice(from: number, to: number): string;
}

const decoder = new TextDecoder();

/**
 * The text of `bytes`, which are used as long as it is. What is before the first byte that is not ASCII is right.
 *
 * Where there is Node's Buffer, it makes a string of each piece. The pieces of a string, on the other hand, are
 * references to it in all engines: quickly made, slow to be compared and hashed (a tenth of the time that an image
 * takes), and the whole string stays as long as one of them does.
 */
export function textOf(bytes: Uint8Array): Text {
  if (typeof Buffer !== 'function') return decoder.decode(bytes);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return { slice: (from, to) => buffer.toString('latin1', from, to) };
}
