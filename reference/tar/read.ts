/**
 * Reads a tar archive, entry by entry (spec/layers.md).
 *
 * The archive streams: a header and its extended headers are held, content never is.
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import { Blocks } from './blocks.ts';
import type { TarEntry } from './entry.ts';
import { BLOCK, type Form, formOf, isZero, sizeField, typeOf, verifyChecksum } from './header.ts';
import { checkGlobal, parsePax } from './pax.ts';
import { type Extensions, resolveEntry } from './resolve.ts';

/** LAYER-066: all extended headers of one entry together, and each global one. */
const EXTENSIONS_MAX = 1024 * 1024;

const PAX = 0x78;
const LONG_NAME = 0x4c;
const LONG_LINK = 0x4b;
const GLOBAL = 0x67;

/** Content that stands next in the archive, as far as nobody has read it. */
interface Content {
  left: number;
  readonly location: Location;
}

/**
 * The entries of `archive`, in order. A file's content is read to its end or left alone before the next entry
 * is asked for, and is gone afterwards. `archive` is read to its end, whatever follows the end marker.
 */
export async function* readTar(
  archive: AsyncIterable<Uint8Array>,
): AsyncGenerator<TarEntry, void, undefined> {
  const blocks = new Blocks(archive);
  try {
    for (let next = await readHeaders(blocks); next; next = await readHeaders(blocks)) {
      const { header, form, extensions, location } = next;
      const resolved = resolveEntry(header, form, extensions, location);
      const size = resolved.kind === 'file' ? resolved.size : 0;
      const content: Content = { left: size, location: { ...location, entry: resolved.name } };
      yield resolved.kind === 'file' ? { ...resolved, content: readContent(blocks, content) } : resolved;
      const rest = content.left + paddingOf(size);
      content.left = 0;
      if (rest > 0) await skip(blocks, rest, content.location);
    }
    // LAYER-043: the blob's own digest and compression are only known at its end.
    await blocks.skip(Number.POSITIVE_INFINITY);
  } finally {
    await blocks.close();
  }
}

/** An entry's own header, and what stood before it. */
interface Headers {
  readonly header: Uint8Array;
  readonly form: Form;
  readonly extensions: Extensions;
  readonly location: Location;
}

/** The headers of the next entry, or undefined at the end of the archive. */
async function readHeaders(blocks: Blocks): Promise<Headers | undefined> {
  const extensions: { -readonly [K in keyof Extensions]: Extensions[K] } = {};
  let total = 0;
  for (;;) {
    const location: Location = { offset: blocks.offset };
    const header = await blocks.block();
    if (header.length > 0 && header.length < BLOCK) throw truncated('a header', location);
    if (header.length === 0 || isZero(header)) {
      if (header.length > 0) await readSecondZero(blocks);
      if (!isEmpty(extensions)) throw misplaced('no entry follows the extended header', location);
      return undefined;
    }
    verifyChecksum(header, location);
    const form = formOf(header);
    const type = typeOf(header);
    switch (type) {
      case PAX:
      case LONG_NAME:
      case LONG_LINK: {
        // LAYER-060: composefs-rs takes it for an entry.
        if (form === 'v7') throw misplaced('an extended header has no known magic', location);
        const key = type === PAX ? 'pax' : type === LONG_NAME ? 'longName' : 'longLink';
        if (extensions[key] !== undefined)
          throw misplaced('the extended header is the second of its kind', location);
        const size = sizeField(header, location);
        total += size;
        const content = await readExtension(blocks, size, total, location);
        if (key === 'pax') extensions.pax = parsePax(content, location);
        else extensions[key] = longString(content, location);
        break;
      }
      case GLOBAL: {
        // LAYER-065: Go and composefs-rs forget what stands before it.
        if (!isEmpty(extensions)) throw misplaced('a global header follows an extended header', location);
        const size = sizeField(header, location);
        checkGlobal(await readExtension(blocks, size, size, location), location);
        break;
      }
      default:
        return { header, form, extensions, location };
    }
  }
}

function isEmpty({ pax, longName, longLink }: Extensions): boolean {
  return pax === undefined && longName === undefined && longLink === undefined;
}

/** LAYER-042: behind one block of zeros comes another, or nothing. */
async function readSecondZero(blocks: Blocks): Promise<void> {
  const location: Location = { offset: blocks.offset };
  const second = await blocks.block();
  if (second.length === 0) return;
  if (second.length < BLOCK) throw truncated('a block', location);
  if (!isZero(second)) {
    throw new ComposefsError('TAR_ZERO_BLOCK', 'only a single block of zeros stands before it', location);
  }
}

async function readExtension(
  blocks: Blocks,
  size: number,
  total: number,
  location: Location,
): Promise<Uint8Array> {
  if (total > EXTENSIONS_MAX) {
    throw new ComposefsError(
      'TAR_LIMIT',
      `extended headers have more than ${EXTENSIONS_MAX} bytes`,
      location,
    );
  }
  const content = await blocks.bytes(size);
  if (content.length < size) throw truncated('an extended header', location);
  await skip(blocks, paddingOf(size), location);
  return content;
}

/** LAYER-061: a GNU long name ends with its size, or with one NUL. */
function longString(content: Uint8Array, location: Location): ByteString {
  const end = content.at(-1) === 0 ? content.length - 1 : content.length;
  if (end === 0) throw misplaced('the long name is empty', location);
  const string = byteString(content.subarray(0, end));
  if (string.includes('\0')) throw misplaced('the long name has a NUL before its end', location);
  return string;
}

/** The content that stands next, as it comes. */
async function* readContent(blocks: Blocks, content: Content): AsyncGenerator<Uint8Array, void, undefined> {
  while (content.left > 0) {
    const bytes = await blocks.some(content.left);
    if (bytes.length === 0) throw truncated('the content', content.location);
    content.left -= bytes.length;
    yield bytes;
  }
}

async function skip(blocks: Blocks, length: number, location: Location): Promise<void> {
  if ((await blocks.skip(length)) < length) throw truncated('a content or its padding', location);
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function truncated(what: string, location: Location): ComposefsError {
  return new ComposefsError('TAR_TRUNCATED', `the archive ends within ${what}`, location);
}

function misplaced(detail: string, location: Location): ComposefsError {
  return new ComposefsError('TAR_EXTENSION', detail, location);
}
