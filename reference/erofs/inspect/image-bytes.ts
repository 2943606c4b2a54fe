/**
 * An image as the inspector reads it.
 * @module
 */

/** Bytes, and numbers in them. */
export interface ImageBytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** `bytes` with a view of them. */
export function imageBytes(bytes: Uint8Array): ImageBytes {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}
