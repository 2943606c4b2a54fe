/**
 * The table of contents of a zstd:chunked layer (spec/chunked.md, "The table of contents").
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import { isOciDigest } from '../oci/digest.ts';
import { quoted } from '../oci/json.ts';
import type { Xattrs } from '../tree/inode.ts';
import { fromBase64, Members, type Reject, rejectWith, strictJson, utf8Bytes } from './members.ts';
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

const tocNames: ReadonlySet<string> = new Set(['version', 'entries', 'tarSplitDigest']);
const entryNames: ReadonlySet<string> = new Set([
  'type',
  'name',
  'linkName',
  'mode',
  'size',
  'uid',
  'gid',
  'modtime',
  'accesstime',
  'changetime',
  'devMajor',
  'devMinor',
  'xattrs',
  'digest',
  'offset',
  'endOffset',
  'chunkSize',
  'chunkOffset',
  'chunkDigest',
  'chunkType',
]);
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
export function parseToc(text: Uint8Array, location: Location): Toc {
  const reject = rejectWith('TOC_FORMAT', location);
  const document = new Members(strictJson(text, reject), tocNames, reject);
  // TOC-022
  if (document.value('version') !== 1) {
    throw new ComposefsError('TOC_VERSION', 'the version of the table of contents is not 1', location);
  }
  const list = document.value('entries');
  if (!Array.isArray(list)) throw reject('the member entries is not a list');
  const tarSplitDigest = document.string('tarSplitDigest');
  if (tarSplitDigest !== undefined && !isOciDigest(tarSplitDigest)) {
    throw reject('the member tarSplitDigest is not a digest');
  }
  const entries: MutableEntry[] = [];
  const paths = new Set<string>();
  for (const value of list) {
    const members = new Members(value, entryNames, reject);
    const type = members.string('type') ?? '';
    if (!types.has(type) && type !== CHUNK) throw reject(`${quoted(type)} is not the type of an entry`);
    // The members of a chunk are checked like those of every entry, although most of them say nothing.
    const entry = readEntry(members, type as TocEntryType, reject);
    const { name } = entry;
    if (type === CHUNK) {
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
    entries.push(entry);
  }
  return { entries, tarSplitDigest };
}

type MutableEntry = Omit<TocEntry, 'chunks'> & { readonly chunks: [TocChunk, ...TocChunk[]] };

function readEntry(members: Members, type: TocEntryType, reject: Reject): MutableEntry {
  return {
    type,
    name: members.bytes('name'),
    linkName: members.bytes('linkName'),
    mode: members.number('mode'),
    size: members.number('size'),
    uid: members.number('uid'),
    gid: members.number('gid'),
    modtime: readTime(members, 'modtime', reject),
    accesstime: readTime(members, 'accesstime', reject),
    changetime: readTime(members, 'changetime', reject),
    devMajor: members.number('devMajor'),
    devMinor: members.number('devMinor'),
    xattrs: readXattrs(members.value('xattrs'), reject),
    digest: readDigest(members, 'digest', reject),
    endOffset: members.number('endOffset'),
    chunks: [readChunk(members, reject)],
  };
}

function readChunk(members: Members, reject: Reject): TocChunk {
  const type = members.string('chunkType') ?? '';
  if (type !== '' && type !== 'zeros') throw reject(`${quoted(type)} is not the type of a chunk`);
  return {
    offset: members.number('offset'),
    chunkOffset: members.number('chunkOffset'),
    chunkSize: members.number('chunkSize'),
    chunkDigest: readDigest(members, 'chunkDigest', reject),
    zeros: type === 'zeros',
  };
}

/** TOC-034: a chunk belongs to the regular file before it. */
function addChunk(
  file: MutableEntry | undefined,
  { name, chunks: [chunk] }: TocEntry,
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

function readTime(members: Members, name: string, reject: Reject): bigint | undefined {
  const text = members.string(name);
  if (text === undefined) return undefined;
  const time = parseTime(text);
  if (time === undefined) throw reject(`the member ${name} is not a time of RFC 3339: ${quoted(text)}`);
  // TOC-032
  return time === YEAR_ONE || time === 0n ? undefined : time;
}

/** 0001-01-01T00:00:00Z, which Go programs write for no time. */
const YEAR_ONE = -62135596800n * 1000000000n;

function readDigest(members: Members, name: string, reject: Reject): string | undefined {
  const text = members.string(name);
  // Readers compute only SHA-256.
  if (text === undefined || /^sha256:[0-9a-f]{64}$/.test(text)) return text;
  throw reject(`the member ${name} is not a digest: ${quoted(text)}`);
}

function readXattrs(value: unknown, reject: Reject): Xattrs {
  const xattrs = new Map<ByteString, ByteString>();
  if (value === undefined) return xattrs;
  const none: ReadonlySet<string> = noNames;
  const members = new Members(value, none, reject);
  for (const name of Object.keys(value as object)) {
    const bytes = fromBase64(members.string(name) ?? '');
    if (bytes === undefined) throw reject(`the attribute ${quoted(name)} is not base64`);
    xattrs.set(utf8Bytes(name), byteString(bytes));
  }
  return xattrs;
}

/** The names of attributes are not known names, and their case counts. */
const noNames: ReadonlySet<string> = new Set();
