/**
 * Offsets in a stream (spec/storage.md, "Streams").
 * @module
 */

export const MAGIC = 'SplitStream';
/** Where writers put the info block, and the length of both headers. */
export const INFO_AT = 32;
export const HEADER_SIZE = 112;

/** Offsets of the fields before the info block: today's, and those of older programs (STORE-115). */
export const header = {
  current: { magic: 0, version: 11, hash: 14, logBlockSize: 15, info: 16 },
  older: { magic: 18, version: 29, hash: 30, logBlockSize: 31, info: 0 },
} as const;

/** The fields of the header that an object begins with; undefined if it is not a stream. */
export function fieldsOf(start: Buffer): (typeof header)['current' | 'older'] | undefined {
  return [header.current, header.older].find(
    ({ magic }) => start.toString('latin1', magic, magic + MAGIC.length) === MAGIC,
  );
}

/** Offsets in the info block. */
export const info = {
  streams: 0,
  objects: 16,
  records: 32,
  names: 48,
  contentType: 64,
  size: 72,
  length: 80,
} as const;

/** The content types of the streams of images, by the kind in their names. */
export const contentTypes = {
  manifest: 'ocimanif',
  config: 'ociconfg',
  layer: 'ocilayer',
  blob: 'oci_blob',
} as const;
