/**
 * The annotations of a layer that has a table of contents (spec/chunked.md, "Annotations").
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';
import { isOciDigest } from '../oci/digest.ts';
import { quoted } from '../oci/json.ts';
import type { Compression } from '../oci/media-types.ts';

const PREFIX = 'io.github.containers.zstd-chunked.';
const CHECKSUM = `${PREFIX}manifest-checksum`;
const POSITION = `${PREFIX}manifest-position`;
const TAR_SPLIT_POSITION = `${PREFIX}tarsplit-position`;
const TAR_SPLIT_CHECKSUM = `${PREFIX}tarsplit-checksum`;
export const ESTARGZ = 'containerd.io/snapshot/stargz/toc.digest';

/** The largest table of contents, compressed and decompressed (TOC-010, TOC-011). */
export const TOC_MAX = 150 * 1024 * 1024;
/** The longest tar-split data, compressed and decompressed (TOC-046, TOC-047). */
export const TAR_SPLIT_MAX = 1024 * 1024 * 1024;

/** Where a part of a blob is: the content of a skippable frame. */
export interface Position {
  readonly offset: number;
  readonly length: number;
  /** Length after decompression. */
  readonly plainLength: number;
}

/** What the annotations of a layer say about its table of contents. */
export interface TocAnnotations {
  /** OCI digest of the compressed table of contents. */
  readonly checksum: string;
  readonly toc: Position;
  readonly tarSplit: Position | undefined;
}

/**
 * The annotations of a layer that has a zstd:chunked table of contents; undefined for a layer without one. Rejects
 * with TOC_ANNOTATION if they are malformed or incomplete, and with TOC_LIMIT if the table is too long.
 */
export function readTocAnnotations(
  annotations: Readonly<Record<string, string>>,
  compression: Compression,
  location: Location,
): TocAnnotations | undefined {
  const own = (key: string) => (Object.hasOwn(annotations, key) ? annotations[key] : undefined);
  const chunked = [CHECKSUM, POSITION, TAR_SPLIT_POSITION, TAR_SPLIT_CHECKSUM].filter(
    key => own(key) !== undefined,
  );
  if (chunked.length === 0) return undefined;
  // TOC-003
  if (own(ESTARGZ) !== undefined) {
    throw rejected('the layer has the annotations of zstd:chunked and of eStargz', location);
  }
  // TOC-004
  if (compression !== 'zstd') {
    throw rejected(
      'the layer has the annotations of zstd:chunked, but is not compressed with zstd',
      location,
    );
  }
  const [checksum, position] = [own(CHECKSUM), own(POSITION)];
  // TOC-005
  if (checksum === undefined || position === undefined) {
    const [missing, present] = [checksum === undefined ? CHECKSUM : POSITION, chunked[0] ?? ''];
    throw rejected(`the layer has the annotation ${present}, but not ${missing}`, location);
  }
  // TOC-006
  if (!isOciDigest(checksum)) throw rejected(`${CHECKSUM} is ${quoted(checksum)}, not a digest`, location);
  const [offset, length, plainLength, type] = numbers(POSITION, position, 4, location);
  // TOC-007
  if (type !== 1) throw rejected(`${POSITION} has the type ${type}, not 1`, location);
  const toc = { offset, length, plainLength };
  const tarSplit = tarSplitPosition(own(TAR_SPLIT_POSITION), location);
  checkLength('the table of contents', toc, TOC_MAX, location);
  if (tarSplit !== undefined) checkLength('the tar-split data', tarSplit, TAR_SPLIT_MAX, location);
  return { checksum, toc, tarSplit };
}

function tarSplitPosition(text: string | undefined, location: Location): Position | undefined {
  if (text === undefined) return undefined;
  const [offset, length, plainLength] = numbers(TAR_SPLIT_POSITION, text, 3, location);
  return { offset, length, plainLength };
}

type Numbers = readonly [number, number, number, number];

/** The `count` numbers of a position, with colons between them (TOC-007). */
function numbers(key: string, text: string, count: number, location: Location): Numbers {
  const values = /^(?:0|[1-9][0-9]{0,15})(?::(?:0|[1-9][0-9]{0,15}))*$/.test(text)
    ? text.split(':').map(Number)
    : [];
  if (values.length !== count || !values.every(Number.isSafeInteger)) {
    throw rejected(`${key} is ${quoted(text)}, not ${count} numbers with colons between them`, location);
  }
  const [first = 0, second = 0, third = 0, fourth = 0] = values;
  return [first, second, third, fourth];
}

// TOC-011, TOC-047
function checkLength(
  what: string,
  { length, plainLength }: Position,
  limit: number,
  location: Location,
): void {
  const longest = Math.max(length, plainLength);
  if (longest <= limit) return;
  throw new ComposefsError(
    'TOC_LIMIT',
    `${what} has ${longest} bytes, more than the limit of ${limit}`,
    location,
  );
}

function rejected(detail: string, location: Location): ComposefsError {
  return new ComposefsError('TOC_ANNOTATION', detail, location);
}
