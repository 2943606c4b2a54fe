/**
 * Builds zstd:chunked layers, correct and defective ones, in frames of stored blocks.
 *
 * Nothing is checked: each part of a blob can be replaced, and what depends on it is computed from the replacement
 * unless that is replaced too.
 * @module
 */

import { createHash } from 'node:crypto';
import { skippable, storedZstd } from './compression.ts';
import { digestOf, type Json } from './layout.ts';
import { type Bytes, bytes, concat, zeros } from './tar.ts';

const PREFIX = 'io.github.containers.zstd-chunked.';

/** One entry of a layer. */
export interface ChunkedPart {
  /** The headers of the entry, without its content. */
  readonly headers: Uint8Array;
  /** Default: none. */
  readonly content?: Bytes;
  /** The name in the tar-split data, as bytes. */
  readonly name: Bytes;
  /** The entry in the table of contents, without what depends on the content of the file. */
  readonly entry: Json;
  /** Default: the file is not split. */
  readonly chunks?: readonly ChunkShape[];
}

/** A chunk: its size, whether it has the type `zeros`, and where a second frame of it begins. */
export interface ChunkShape {
  readonly size: number;
  readonly zeros?: true;
  readonly cut?: number;
}

/** Numbers of the footer, in their order. */
export type Footer = readonly number[];

/** A line of tar-split data. */
export interface TarSplitLine {
  readonly type: number;
  readonly name?: string;
  readonly name_raw?: string;
  readonly size?: number;
  readonly payload: string | null;
  readonly position: number;
}

/** What differs from a correct layer. */
export interface Changes {
  readonly entries?: (entries: readonly Json[]) => readonly Json[];
  /** Default: the digest of the tar-split data; undefined for none. */
  readonly tarSplitDigest?: (digest: string) => string | undefined;
  /** The text of the table of contents. */
  readonly toc?: (text: string) => Bytes;
  /** The compressed table of contents. */
  readonly compressedToc?: (compressed: Uint8Array) => Uint8Array;
  readonly tarSplit?: (lines: readonly TarSplitLine[]) => readonly TarSplitLine[];
  readonly tarSplitText?: (text: string) => Bytes;
  readonly compressedTarSplit?: (compressed: Uint8Array) => Uint8Array;
  /** Default: the positions; undefined for no footer. */
  readonly footer?: (footer: Footer) => Footer | undefined;
  readonly annotations?: (annotations: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
  /** The frames of the blob: content, table of contents, tar-split data, footer. Positions are those in this order. */
  readonly order?: (parts: Parts) => readonly Uint8Array[];
  /** What follows the last entry, its padding included. Default: padding and two blocks of zeros. */
  readonly end?: (padding: Uint8Array) => Uint8Array;
}

/** The frames of a blob. */
export interface Parts {
  readonly content: Uint8Array;
  readonly toc: Uint8Array;
  readonly tarSplit: Uint8Array;
  readonly footer: Uint8Array;
}

export interface ChunkedLayer {
  readonly tar: Uint8Array;
  readonly blob: Uint8Array;
  readonly annotations: Readonly<Record<string, string>>;
}

const BLOCK = 512;
/** Length of the header of a skippable frame. */
const FRAME_HEADER = 8;

/** A layer of these entries with a table of contents, changed by `changes`. */
export function chunkedLayer(parts: readonly ChunkedPart[], changes: Changes = {}): ChunkedLayer {
  const { tar, content, entries, lines } = contentOf(parts, changes);
  const same = <T>(value: T) => value;

  const splitLines = (changes.tarSplit ?? same)(lines);
  const splitText = bytes(
    (changes.tarSplitText ?? same)(splitLines.map(line => `${JSON.stringify(line)}\n`).join('')),
  );
  const split = (changes.compressedTarSplit ?? same)(storedZstd(splitText));
  const tarSplitDigest = (changes.tarSplitDigest ?? same)(digestOf(split));
  const toc = { version: 1, entries: (changes.entries ?? same)(entries), tarSplitDigest };
  const tocText = bytes((changes.toc ?? same)(JSON.stringify(toc)));
  const compressed = (changes.compressedToc ?? same)(storedZstd(tocText));

  const tocFrame = skippable(compressed);
  const splitFrame = skippable(split);
  const placeholder = skippable(new Uint8Array(64));
  const order = changes.order ?? (all => [all.content, all.toc, all.tarSplit, all.footer]);
  const before = order({ content, toc: tocFrame, tarSplit: splitFrame, footer: placeholder });
  const at = (frame: Uint8Array) => {
    const length = before.slice(0, before.indexOf(frame)).reduce((sum, part) => sum + part.length, 0);
    return length + FRAME_HEADER;
  };
  const tocPosition = [at(tocFrame), compressed.length, tocText.length];
  const splitPosition = [at(splitFrame), split.length, splitText.length];
  const footer = (changes.footer ?? same<Footer | undefined>)([...tocPosition, 1, ...splitPosition]);
  const footerFrame = footer === undefined ? new Uint8Array(0) : skippable(footerContent(footer));
  return {
    tar,
    blob: concat(...order({ content, toc: tocFrame, tarSplit: splitFrame, footer: footerFrame })),
    annotations: (changes.annotations ?? same)({
      [`${PREFIX}manifest-checksum`]: digestOf(compressed),
      [`${PREFIX}manifest-position`]: [...tocPosition, 1].join(':'),
      [`${PREFIX}tarsplit-position`]: splitPosition.join(':'),
    }),
  };
}

interface Content {
  readonly tar: Uint8Array;
  /** The frames of the archive. */
  readonly content: Uint8Array;
  readonly entries: readonly Json[];
  readonly lines: readonly TarSplitLine[];
}

function contentOf(parts: readonly ChunkedPart[], { end }: Changes): Content {
  const tar: Uint8Array[] = [];
  const frames: Uint8Array[] = [];
  const entries: Json[] = [];
  const lines: TarSplitLine[] = [];
  const offset = () => frames.reduce((sum, frame) => sum + frame.length, 0);
  /** Bytes that are not yet in a frame: the padding of a file, and the headers after it. */
  let pending: Uint8Array = new Uint8Array(0);
  const segment = (payload: Uint8Array) =>
    lines.push({ type: 2, payload: Buffer.from(payload).toString('base64'), position: lines.length });
  /** The padding of the last file, which starts the next segment. */
  let padding: Uint8Array = new Uint8Array(0);
  for (const { headers, content: text = '', name, entry, chunks } of parts) {
    const content = bytes(text);
    tar.push(padding, headers, content);
    segment(concat(padding, headers));
    lines.push(fileLine(bytes(name), content, lines.length));
    pending = concat(pending, padding, headers);
    padding = new Uint8Array((BLOCK - (content.length % BLOCK)) % BLOCK);
    if (content.length === 0) {
      entries.push(entry);
      continue;
    }
    frames.push(storedZstd(pending));
    pending = new Uint8Array(0);
    const pieces = piecesOf(content, chunks).map(piece => ({
      ...piece,
      offset: offset(),
      frame: frames.push(...piece.frames.map(each => storedZstd(each))),
    }));
    const file = { ...entry, size: content.length, digest: digestOf(content) };
    const [first, ...rest] = pieces.map(({ offset: start, bytes: piece, at, zeros: isZeros }) => ({
      offset: start,
      ...(pieces.length === 1
        ? {}
        : {
            chunkSize: piece.length,
            ...(at === 0 ? {} : { chunkOffset: at }),
            chunkDigest: digestOf(piece),
            ...(isZeros && { chunkType: 'zeros' }),
          }),
    }));
    entries.push({ ...file, ...first, endOffset: offset() });
    for (const chunk of rest) entries.push({ type: 'chunk', name: entry['name'], ...chunk });
  }
  const last = end === undefined ? concat(padding, zeros()) : end(padding);
  tar.push(last);
  if (last.length > 0) segment(last);
  if (pending.length + last.length > 0) frames.push(storedZstd(concat(pending, last)));
  return { tar: concat(...tar), content: concat(...frames), entries, lines };
}

function piecesOf(content: Uint8Array, chunks: ChunkedPart['chunks']) {
  let at = 0;
  const shapes: readonly ChunkShape[] = chunks ?? [{ size: content.length }];
  return shapes.map(({ size, zeros: isZeros, cut }) => {
    const piece = content.subarray(at, at + size);
    const framed = cut === undefined ? [piece] : [piece.subarray(0, cut), piece.subarray(cut)];
    const result = { at, bytes: piece, zeros: isZeros, frames: framed };
    at += size;
    return result;
  });
}

function fileLine(name: Uint8Array, content: Uint8Array, position: number): TarSplitLine {
  const text = new TextDecoder().decode(name);
  const isText = Buffer.from(text).equals(name);
  return {
    type: 1,
    ...(isText ? { name: text } : { name_raw: Buffer.from(name).toString('base64') }),
    ...(content.length > 0 && { size: content.length }),
    payload: content.length === 0 ? null : crc64(content).toString('base64'),
    position,
  };
}

/** CRC-64 of ISO 3309, bit by bit, the most significant byte first. */
function crc64(content: Uint8Array): Buffer {
  let crc = 2n ** 64n - 1n;
  for (const byte of content) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++)
      crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0xd8_00_00_00_00_00_00_00n : crc >> 1n;
  }
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(crc ^ (2n ** 64n - 1n));
  return out;
}

function footerContent(footer: Footer): Uint8Array {
  const out = Buffer.alloc(64);
  for (const [i, value] of footer.entries()) out.writeBigUInt64LE(BigInt(value), 8 * i);
  out.set(bytes('GNUlInUx'), 56);
  return out;
}

/** SHA-256 of a text, in hexadecimal. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
