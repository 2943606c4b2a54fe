/**
 * Reads a tar archive, entry by entry (spec/layers.md, "Archive structure").
 *
 * Only the headers of one entry are kept in memory; content is returned as it arrives.
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import { BlockReader } from './block-reader.ts';
import type { TarEntry } from './entry.ts';
import { BLOCK, formOf, type HeaderForm, isZeroBlock, sizeField, typeOf, verifyChecksum } from './header.ts';
import { checkGlobalHeader, type KeepsXattr, parsePax } from './pax.ts';
import { type ExtendedHeaders, resolveEntry } from './resolve.ts';

/** The largest content of all `x`, `L` and `K` headers of one entry together, and of one `g` header (LAYER-066). */
const EXTENDED_HEADERS_MAX = 1024 * 1024;

const PAX = 0x78;
const LONG_NAME = 0x4c;
const LONG_LINK = 0x4b;
const GLOBAL = 0x67;

/** Sees the headers of an archive as they are, each before the entry that it belongs to. */
export interface HeaderObserver {
  /** `block` is valid only during the call. */
  header(block: Uint8Array): void;
  /** The content of an extended header, after its header. */
  extended(content: Uint8Array): void;
}

/** The content of an entry, which comes next in the archive. */
interface EntryContent {
  /** Number of bytes that are not read yet. */
  unread: number;
  readonly location: Location;
}

/**
 * The entries of `archive`, in order. The content of a file can be read until the next entry is requested, and need not
 * be read. `archive` is read to its end, even after the blocks of zeros that end the archive. Extended attributes are
 * checked, and left out of the entry unless `keeps` is true of their name.
 */
export async function* readTar(
  archive: AsyncIterable<Uint8Array>,
  keeps: KeepsXattr = () => true,
  observer?: HeaderObserver,
): AsyncGenerator<TarEntry, void, undefined> {
  const blocks = new BlockReader(archive);
  try {
    for (;;) {
      const next = await readHeaders(blocks, keeps, observer);
      if (next === undefined) break;
      const { header, form, extended, location } = next;
      const resolved = resolveEntry(header, form, extended, location);
      const size = resolved.kind === 'file' ? resolved.size : 0;
      const content: EntryContent = {
        unread: size,
        location: { entry: resolved.name, offset: resolved.offset },
      };
      yield resolved.kind === 'file'
        ? Object.assign(resolved, { content: readContent(blocks, content) })
        : resolved;
      const rest = content.unread + paddingOf(size);
      content.unread = 0;
      if (rest > 0) await skip(blocks, rest, content.location);
    }
    // LAYER-043: the rest is read because it is a part of the blob, whose digest and compression are checked.
    await blocks.skip(Number.POSITIVE_INFINITY);
  } finally {
    await blocks.close();
  }
}

/** The header of an entry, with the extended headers before it. */
interface EntryHeaders {
  readonly header: Uint8Array;
  readonly form: HeaderForm;
  readonly extended: ExtendedHeaders;
  readonly location: { readonly offset: number };
}

/** The headers of the next entry, or undefined at the end of the archive. */
async function readHeaders(
  blocks: BlockReader,
  keeps: KeepsXattr,
  observer: HeaderObserver | undefined,
): Promise<EntryHeaders | undefined> {
  const extended: { -readonly [K in keyof ExtendedHeaders]: ExtendedHeaders[K] } = {};
  let total = 0;
  for (;;) {
    const location = { offset: blocks.offset };
    const header = await blocks.block();
    if (header.length > 0 && header.length < BLOCK) throw truncated('a header', location);
    if (header.length === 0 || isZeroBlock(header)) {
      if (header.length > 0) await readSecondZero(blocks);
      if (!isEmpty(extended)) throw rejectedExtension('no entry follows the extended header', location);
      return undefined;
    }
    verifyChecksum(header, location);
    observer?.header(header);
    const form = formOf(header);
    const type = typeOf(header);
    switch (type) {
      case PAX:
      case LONG_NAME:
      case LONG_LINK: {
        // LAYER-060: composefs-rs reads it as an entry.
        if (form === 'v7') throw rejectedExtension('the extended header is of form v7', location);
        const key = type === PAX ? 'pax' : type === LONG_NAME ? 'longName' : 'longLink';
        if (extended[key] !== undefined)
          throw rejectedExtension('the extended header is the second of its type for one entry', location);
        const size = sizeField(header, location);
        total += size;
        const content = await readExtendedHeader(blocks, size, total, location);
        observer?.extended(content);
        if (key === 'pax') extended.pax = parsePax(content, location, keeps);
        else extended[key] = longString(content, location);
        break;
      }
      case GLOBAL: {
        // LAYER-065: Go and composefs-rs forget the extended headers before it.
        if (!isEmpty(extended)) {
          throw rejectedExtension('a global header is between an extended header and its entry', location);
        }
        const size = sizeField(header, location);
        const content = await readExtendedHeader(blocks, size, size, location);
        checkGlobalHeader(content, location);
        observer?.extended(content);
        break;
      }
      default:
        return { header, form, extended, location };
    }
  }
}

function isEmpty({ pax, longName, longLink }: ExtendedHeaders): boolean {
  return pax === undefined && longName === undefined && longLink === undefined;
}

/** After one block of zeros, the archive has a second one or ends (LAYER-041, LAYER-042). */
async function readSecondZero(blocks: BlockReader): Promise<void> {
  const location: Location = { offset: blocks.offset };
  const second = await blocks.block();
  if (second.length === 0) return;
  if (second.length < BLOCK) throw truncated('a block of zeros', location);
  if (!isZeroBlock(second)) {
    throw new ComposefsError(
      'TAR_ZERO_BLOCK',
      'this block is not zeros, but follows a block of zeros',
      location,
    );
  }
}

async function readExtendedHeader(
  blocks: BlockReader,
  size: number,
  total: number,
  location: Location,
): Promise<Uint8Array> {
  if (total > EXTENDED_HEADERS_MAX) {
    throw new ComposefsError(
      'TAR_LIMIT',
      `the extended headers have ${total} bytes of content, more than ${EXTENDED_HEADERS_MAX}`,
      location,
    );
  }
  const content = await blocks.bytes(size);
  if (content.length < size) throw truncated('an extended header', location);
  await skip(blocks, paddingOf(size), location);
  return content;
}

/** The content of a header of type `L` or `K`, without a NUL at its end (LAYER-061, LAYER-062). */
function longString(content: Uint8Array, location: Location): ByteString {
  const end = content.at(-1) === 0 ? content.length - 1 : content.length;
  if (end === 0) throw rejectedExtension('the long name or link target is empty', location);
  const string = byteString(content.subarray(0, end));
  if (string.includes('\0'))
    throw rejectedExtension('the long name or link target has a NUL before its end', location);
  return string;
}

/** The content of an entry, in the chunks in which the archive arrives. */
async function* readContent(
  blocks: BlockReader,
  content: EntryContent,
): AsyncGenerator<Uint8Array, void, undefined> {
  while (content.unread > 0) {
    const bytes = await blocks.readSome(content.unread);
    if (bytes.length === 0) throw truncated('the content of an entry', content.location);
    content.unread -= bytes.length;
    yield bytes;
  }
}

async function skip(blocks: BlockReader, length: number, location: Location): Promise<void> {
  if ((await blocks.skip(length)) < length)
    throw truncated('the content of an entry or its padding', location);
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function truncated(part: string, location: Location): ComposefsError {
  return new ComposefsError('TAR_TRUNCATED', `the archive ends within ${part}`, location);
}

function rejectedExtension(detail: string, location: Location): ComposefsError {
  return new ComposefsError('TAR_EXTENSION', detail, location);
}
