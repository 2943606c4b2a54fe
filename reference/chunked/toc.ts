/**
 * The table of contents of a zstd:chunked layer (spec/chunked.md, "The table of contents").
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import { isOciDigest } from '../oci/digest.ts';
import { quoted } from '../oci/json.ts';
import type { Xattrs } from '../tree/inode.ts';
import {
  anyValue,
  base64,
  Members,
  number,
  type Reader,
  type Reject,
  readMembers,
  rejectWith,
  strictJson,
  text,
  textAs,
  utf8Bytes,
} from './members.ts';
import { parseTime } from './time.ts';

/** Types of the entries that describe an entry of the archive. */
export type TocEntryType = 'reg' | 'hardlink' | 'symlink' | 'char' | 'block' | 'dir' | 'fifo';

/** A part of the content of a file, in frames of its own. */
export interface TocChunk {
  /** Offset of its first frame in the blob. */
  readonly offset: number;
  readonly chunkOffset: number;
  readonly chunkSize: number;
  readonly chunkDigest: string | undefined;
  readonly zeros: boolean;
}

/** The chunks of one entry. The first one is described by the entry itself. */
export type TocChunks = readonly [TocChunk, ...TocChunk[]];

/** One entry, with the entries of type `chunk` that follow it. */
export interface TocEntry {
  readonly type: TocEntryType;
  readonly name: ByteString;
  readonly linkName: ByteString;
  readonly mode: number;
  readonly size: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds since 1970; undefined for no time, which is also how readers take the first second of 1970. */
  readonly modtime: bigint | undefined;
  readonly accesstime: bigint | undefined;
  readonly changetime: bigint | undefined;
  readonly devMajor: number;
  readonly devMinor: number;
  readonly xattrs: Xattrs;
  readonly digest: string | undefined;
  readonly endOffset: number;
  readonly chunks: TocChunks;
}

export interface Toc {
  readonly entries: readonly TocEntry[];
  /** Digest of the compressed tar-split data. */
  readonly tarSplitDigest: string | undefined;
}

/** The type of an entry that describes a further chunk of the file before it. */
const CHUNK = 'chunk';
const types: ReadonlySet<string> = new Set<TocEntryType>([
  'reg',
  'hardlink',
  'symlink',
  'char',
  'block',
  'dir',
  'fifo',
]);

/** Reads a table of contents. Rejects with TOC_FORMAT, TOC_VERSION, TOC_CHUNK and TOC_DUPLICATE. */
export function parseToc(json: Uint8Array, location: Location): Toc {
  const reject = rejectWith('TOC_FORMAT', location);
  const {
    version,
    entries: list,
    tarSplitDigest,
  } = readMembers(strictJson(json, reject), tableMembers, reject);
  // TOC-022
  if (version !== 1) {
    throw new ComposefsError('TOC_VERSION', 'the version of the table of contents is not 1', location);
  }
  if (!Array.isArray(list)) throw reject('the member entries is not a list');
  if (tarSplitDigest !== undefined && !isOciDigest(tarSplitDigest)) {
    throw reject('the member tarSplitDigest is not a digest');
  }
  const entries: MutableEntry[] = [];
  const paths = new Set<string>();
  for (const value of list) {
    const entry = readEntry(value, reject);
    const { name } = entry;
    if (entry.type === CHUNK) {
      addChunk(entries.at(-1), entry, location);
      continue;
    }
    // TOC-024
    const path = name
      .split('/')
      .filter(part => part !== '' && part !== '.')
      .join('/');
    if (paths.has(path)) {
      throw new ComposefsError('TOC_DUPLICATE', 'two entries have this path', { ...location, entry: name });
    }
    paths.add(path);
    entries.push(entry as MutableEntry);
  }
  return { entries, tarSplitDigest };
}

const bytes: Reader<ByteString> = (members, name) => utf8Bytes(members.string(name) ?? '');

const time = textAs((written, reject) => {
  const instant = parseTime(written);
  if (instant === undefined) throw reject(`is not a time of RFC 3339: ${quoted(written)}`);
  // TOC-032
  return instant === YEAR_ONE || instant === 0n ? undefined : instant;
});

/** 0001-01-01T00:00:00Z, which Go programs write for no time. */
const YEAR_ONE = -62135596800n * 1000000000n;

const digest = textAs((written, reject) => {
  // Readers compute only SHA-256.
  if (/^sha256:[0-9a-f]{64}$/.test(written)) return written;
  throw reject(`is not a digest: ${quoted(written)}`);
});

const xattrs: Reader<Xattrs> = (entry, name) => {
  const attributes = new Map<ByteString, ByteString>();
  const value = entry.value(name);
  if (value === undefined) return attributes;
  const members = new Members(value, noNames, entry.reject);
  for (const each of Object.keys(value as object)) {
    attributes.set(utf8Bytes(each), byteString(base64(members, each) ?? new Uint8Array(0)));
  }
  return attributes;
};

/** The names of attributes are not known names, and their case counts. */
const noNames: ReadonlySet<string> = new Set();

const tableMembers = { version: anyValue, entries: anyValue, tarSplitDigest: text } as const;

const entryMembers = {
  type: text,
  name: bytes,
  linkName: bytes,
  mode: number,
  size: number,
  uid: number,
  gid: number,
  modtime: time,
  accesstime: time,
  changetime: time,
  devMajor: number,
  devMinor: number,
  xattrs,
  digest,
  offset: number,
  endOffset: number,
  chunkSize: number,
  chunkOffset: number,
  chunkDigest: digest,
  chunkType: text,
} as const;

type MutableEntry = Omit<TocEntry, 'chunks'> & { readonly chunks: [TocChunk, ...TocChunk[]] };

/** An entry of any type. All members of a chunk are checked, although most of them say nothing. */
function readEntry(
  value: unknown,
  reject: Reject,
): Omit<MutableEntry, 'type'> & { readonly type: TocEntryType | typeof CHUNK } {
  const {
    type = '',
    offset,
    chunkOffset,
    chunkSize,
    chunkDigest,
    chunkType = '',
    ...entry
  } = readMembers(value, entryMembers, reject);
  if (!types.has(type) && type !== CHUNK) throw reject(`${quoted(type)} is not the type of an entry`);
  if (chunkType !== '' && chunkType !== 'zeros')
    throw reject(`${quoted(chunkType)} is not the type of a chunk`);
  const zeros = chunkType === 'zeros';
  return {
    ...entry,
    type: type as TocEntryType,
    chunks: [{ offset, chunkOffset, chunkSize, chunkDigest, zeros }],
  };
}

/** TOC-034: a chunk belongs to the regular file before it. */
function addChunk(
  file: MutableEntry | undefined,
  { name, chunks: [chunk] }: Pick<TocEntry, 'name' | 'chunks'>,
  location: Location,
): void {
  if (file?.type !== 'reg' || file.name !== name) {
    throw new ComposefsError('TOC_CHUNK', 'a chunk does not follow the entry of its file', {
      ...location,
      entry: name,
    });
  }
  file.chunks.push(chunk);
}
