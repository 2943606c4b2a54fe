/**
 * Where a table of contents and its tar-split data are in a blob (spec/chunked.md, "Positions").
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';
import { zstdFrames } from '../oci/zstd-frames.ts';
import type { Position, TocAnnotations } from './annotations.ts';
import type { ChunkedBlob } from './blob.ts';

/** Length of the footer, and the magic number at its end: `GNUlInUx`. */
const FOOTER = 64;
const FOOTER_MAGIC = 0x78556e496c554e47n;
const FOOTER_TYPE = 1n;

/** Rejects with TOC_POSITION unless the positions are those of frames, in their order, and equal to the footer. */
export async function checkPositions(
  blob: ChunkedBlob,
  { toc, tarSplit }: TocAnnotations,
  location: Location,
): Promise<void> {
  const seen = new SkippableFrames(toc, tarSplit);
  let end = 0;
  const frames = zstdFrames(blob.whole(), Number.POSITIVE_INFINITY, location, (offset, length) =>
    seen.add(offset, length),
  );
  for await (const { offset, bytes } of frames) end = offset + bytes.length;
  // TOC-012
  if (!seen.hasToc)
    throw rejected('the position of the table of contents is not that of a skippable frame', toc);
  if (tarSplit !== undefined && !seen.hasTarSplit) {
    throw rejected('the position of the tar-split data is not that of a skippable frame', tarSplit);
  }
  // TOC-013
  if (toc.offset < end) throw rejected('the table of contents is before the content of the layer', toc);
  if (tarSplit !== undefined && tarSplit.offset <= toc.offset) {
    throw rejected('the tar-split data is not behind the table of contents', tarSplit);
  }
  // No ordinary frame is behind the table, so the last skippable frame is the last frame.
  const { last } = seen;
  if (last?.length !== FOOTER) return;
  checkFooter(await bytesAt(blob, last.offset, FOOTER), toc, tarSplit);

  function rejected(detail: string, { offset, length }: Position): ComposefsError {
    const text = `${detail}: ${length} bytes`;
    return new ComposefsError('TOC_POSITION', text, { ...location, offset });
  }

  /** TOC-014 */
  function checkFooter(footer: Uint8Array, ...[first, second]: (Position | undefined)[]): void {
    const view = new DataView(footer.buffer, footer.byteOffset, footer.byteLength);
    const fields = Array.from({ length: 8 }, (_, i) => view.getBigUint64(8 * i, true));
    if (fields.at(-1) !== FOOTER_MAGIC) return;
    const expected = [...numbersOf(first), FOOTER_TYPE, ...numbersOf(second)];
    if (expected.every((value, i) => value === fields[i])) return;
    throw new ComposefsError('TOC_POSITION', 'the footer of the blob has different positions', location);
  }
}

function numbersOf(position: Position | undefined): bigint[] {
  const { offset = 0, length = 0, plainLength = 0 } = position ?? {};
  return [offset, length, plainLength].map(BigInt);
}

/** The skippable frames of a blob, of which only those that matter are kept. */
class SkippableFrames {
  hasToc = false;
  hasTarSplit = false;
  /** The last one so far. */
  last: { readonly offset: number; readonly length: number } | undefined;
  readonly #toc: Position;
  readonly #tarSplit: Position | undefined;

  constructor(toc: Position, tarSplit: Position | undefined) {
    this.#toc = toc;
    this.#tarSplit = tarSplit;
  }

  add(offset: number, length: number): void {
    const isAt = (position: Position | undefined) =>
      position?.offset === offset && position.length === length;
    this.hasToc ||= isAt(this.#toc);
    this.hasTarSplit ||= isAt(this.#tarSplit);
    this.last = { offset, length };
  }
}

/** A part of a blob. */
export async function bytesAt(blob: ChunkedBlob, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for await (const chunk of blob.part(offset, length)) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
