/**
 * Counts the entries of an archive from its headers alone, to notice a reader that stops early without an error.
 * @module
 */

const BLOCK = 512;
/** Headers that are not entries, at least for some readers: extended headers, long names, and names of volumes. */
const DESCRIPTIONS = 'xgLKXV';

/**
 * The number of entries. Undefined if a size cannot be followed, so that it is not certain where the next header is;
 * the end of the archive and everything else in a header may be defective.
 */
export function countEntries(archive: Uint8Array): number | undefined {
  let entries = 0;
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every(byte => byte === 0)) return entries;
    const size = /^ *([0-7]+)[ \0]*$/.exec(Buffer.from(header.subarray(124, 136)).toString('latin1'))?.[1];
    if (size === undefined) return undefined;
    if (!DESCRIPTIONS.includes(String.fromCharCode(header[156] ?? 0))) entries++;
    at += BLOCK + Math.ceil(Number.parseInt(size, 8) / BLOCK) * BLOCK;
  }
  return entries;
}
