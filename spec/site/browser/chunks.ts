/**
 * Reading of what a reader of the page chose.
 * @module
 */

/** How far the work is: what is being done, and bytes of the input read so far. */
export type Progress = (step: string, bytes: number) => void;

/** The bytes of `blob` in chunks. */
export async function* chunksOf(blob: Blob): AsyncGenerator<Uint8Array> {
  const reader = blob.stream().getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}
