/**
 * Checks that a table of contents agrees with its layer (spec/chunked.md, "Agreement").
 * @module
 */

import { hex } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import type { Hasher, Sha2 } from '../hash/sha2.ts';
import { parseOciDigest } from '../oci/digest.ts';
import { unzstd } from '../oci/zstd.ts';
import { BLOCK } from '../tar/header.ts';
import { readTar } from '../tar/read.ts';
import type { Position, TocAnnotations } from './annotations.ts';
import type { ChunkedBlob } from './blob.ts';
import { ContentComparison, FrameStarts } from './content.ts';
import { differingMember } from './entries.ts';
import { bytesAt, checkPositions } from './frames.ts';
import type { Reject } from './members.ts';
import { RawHeaders } from './raw-headers.ts';
import { TarSplitComparison, type TarSplitFile } from './tar-split.ts';
import { parseToc, type Toc, type TocEntry } from './toc.ts';

/** The checks, in their order. */
export const tocChecks = [
  'annotations',
  'positions',
  'checksum',
  'format',
  'entries',
  'chunks',
  'tar-split',
] as const;
export type TocCheck = (typeof tocChecks)[number];

/** How a table of contents is bound to its tar-split data: by a digest, not at all, or there is none (TOC-041). */
export type TarSplitBinding = 'digest' | 'unbound' | 'none';

/** What was found in a table of contents that agrees with its layer. */
export interface TocSummary {
  /** Number of entries of the archive. */
  readonly entries: number;
  /** Number of chunks of files, counting one for a file that is not split. */
  readonly chunks: number;
  readonly tarSplit: TarSplitBinding;
  /** Digest of the archive, computed with SHA-256. */
  readonly diffId: string;
}

/**
 * Compares the table of contents of a layer with the layer. `passed` is called after each check.
 *
 * @throws ComposefsError with a code of stage `toc`, or as the tree builder does for the layer itself.
 */
export async function checkToc(
  blob: ChunkedBlob,
  annotations: TocAnnotations,
  sha2: Sha2,
  location: Location,
  passed: (check: TocCheck) => void = () => {},
): Promise<TocSummary> {
  passed('annotations');
  await checkPositions(blob, annotations, location);
  passed('positions');
  const compressed = await bytesAt(blob, annotations.toc.offset, annotations.toc.length);
  checkDigest(compressed, annotations.checksum, sha2, location);
  passed('checksum');
  const toc = parseToc(await decompressed(compressed, annotations.toc, location), location);
  const tarSplit = binding(toc, annotations, location);
  passed('format');
  const comparison = new LayerComparison(blob, toc, annotations, sha2, location);
  const diffId = await comparison.run(passed);
  return {
    entries: toc.entries.length,
    chunks: toc.entries.reduce((sum, { size, chunks }) => sum + (size > 0 ? chunks.length : 0), 0),
    tarSplit,
    diffId,
  };
}

// TOC-015
function checkDigest(bytes: Uint8Array, digest: string, sha2: Sha2, location: Location): void {
  const expected = parseOciDigest(digest, location);
  if (hex(sha2.hash(expected.hash, bytes)) === expected.hex) return;
  throw new ComposefsError(
    'TOC_CHECKSUM',
    'the table of contents does not have the digest of its annotation',
    location,
  );
}

/** The table of contents, as long as its position says (TOC-016). */
async function decompressed(
  bytes: Uint8Array,
  { plainLength }: Position,
  location: Location,
): Promise<Uint8Array> {
  const plain = new Uint8Array(plainLength);
  let at = 0;
  try {
    for await (const chunk of unzstd(pieces(bytes), location)) {
      at += chunk.length;
      if (at > plainLength) break;
      plain.set(chunk, at - chunk.length);
    }
  } catch (error) {
    throw notCompressed(error, detail => rejected(`the table of contents is not compressed: ${detail}`));
  }
  if (at !== plainLength) {
    throw rejected(`the table of contents does not have the ${plainLength} bytes that its position gives`);
  }
  return plain;

  function rejected(detail: string): ComposefsError {
    return new ComposefsError('TOC_FORMAT', detail, location);
  }
}

/** The rejection of what the decoder rejects with `error`, or any other error as it is. */
function notCompressed(error: unknown, rejected: Reject): unknown {
  return error instanceof ComposefsError && error.stage === 'compression' ? rejected(error.detail) : error;
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

// TOC-040, TOC-041
function binding(toc: Toc, { tarSplit }: TocAnnotations, location: Location): TarSplitBinding {
  if (toc.tarSplitDigest === undefined) return tarSplit === undefined ? 'none' : 'unbound';
  if (tarSplit !== undefined) return 'digest';
  const detail = 'the table of contents has a digest of tar-split data, but no annotation gives its position';
  throw new ComposefsError('TOC_ANNOTATION', detail, location);
}

/** Reads a layer once, and compares its entries, contents and bytes. */
class LayerComparison {
  readonly #blob: ChunkedBlob;
  readonly #toc: Toc;
  readonly #location: Location;
  readonly #starts: FrameStarts;
  readonly #contents: ContentComparison;
  readonly #tarSplit: TarSplitData | undefined;
  readonly #diffId: Hasher;

  constructor(blob: ChunkedBlob, toc: Toc, { tarSplit }: TocAnnotations, sha2: Sha2, location: Location) {
    this.#blob = blob;
    this.#toc = toc;
    this.#location = location;
    this.#starts = new FrameStarts(toc.entries);
    this.#contents = new ContentComparison(sha2, location);
    this.#tarSplit =
      tarSplit === undefined ? undefined : new TarSplitData(blob, tarSplit, toc, sha2, location);
    this.#diffId = sha2.create('sha256');
  }

  /** Returns the diff_id. */
  async run(passed: (check: TocCheck) => void): Promise<string> {
    const files: TarSplitFile[] = [];
    try {
      await this.#compareEntries(files);
      passed('entries');
      this.#contents.finish(this.#starts);
      passed('chunks');
      await this.#tarSplit?.finish(files);
      if (this.#tarSplit !== undefined) passed('tar-split');
    } finally {
      await this.#tarSplit?.close();
    }
    return `sha256:${hex(this.#diffId.digest())}`;
  }

  async #compareEntries(files: TarSplitFile[]): Promise<void> {
    const raw = new RawHeaders();
    let number = 0;
    for await (const entry of readTar(this.#archive(), undefined, raw)) {
      const expected: TocEntry | undefined = this.#toc.entries[number++];
      const at = { ...this.#location, entry: entry.name };
      // TOC-030
      if (expected === undefined) {
        throw new ComposefsError('TOC_ENTRY', 'the table of contents has no entry for this one', at);
      }
      const member = differingMember(expected, entry, raw.take());
      if (member !== undefined) {
        throw new ComposefsError('TOC_ENTRY', `the table of contents has a different ${member}`, at);
      }
      const position = entry.offset + BLOCK;
      const isFile = entry.kind === 'file';
      if (isFile) await this.#contents.file(expected, position, entry.content);
      files.push({ at: position, name: entry.name, size: isFile ? entry.size : 0 });
    }
    const more = this.#toc.entries[number];
    if (more !== undefined) {
      const detail = 'the table of contents has an entry that the layer does not have';
      throw new ComposefsError('TOC_ENTRY', detail, { ...this.#location, entry: more.name });
    }
  }

  async *#archive(): AsyncGenerator<Uint8Array> {
    const starts = this.#starts;
    const content = unzstd(this.#blob.whole(), this.#location, (offset, position) =>
      starts.add(offset, position),
    );
    for await (const bytes of content) {
      this.#diffId.update(bytes);
      await this.#tarSplit?.comparison.push(bytes);
      yield bytes;
    }
  }
}

/** The tar-split data of a blob, decompressed and hashed while it is compared. */
class TarSplitData {
  readonly comparison: TarSplitComparison;
  readonly #location: Location;
  readonly #digest: string | undefined;
  readonly #sha2: Sha2;
  readonly #blob: ChunkedBlob;
  readonly #position: Position;

  constructor(
    blob: ChunkedBlob,
    position: Position,
    { tarSplitDigest, entries }: Toc,
    sha2: Sha2,
    location: Location,
  ) {
    this.#blob = blob;
    this.#position = position;
    this.#digest = tarSplitDigest;
    this.#sha2 = sha2;
    this.#location = location;
    this.comparison = new TarSplitComparison(this.#plain(), entries.length, location);
  }

  /** Checks what is left after the archive: `files` are its entries. */
  async finish(files: readonly TarSplitFile[]): Promise<void> {
    await this.comparison.finish();
    const found = this.comparison.files;
    for (const [i, expected] of files.entries()) {
      const file = found[i];
      // TOC-045
      if (file?.at !== expected.at || file.name !== expected.name || file.size !== expected.size) {
        throw this.#rejected('the tar-split data has no line for this entry here', expected.name);
      }
    }
    const more = found[files.length];
    if (more !== undefined)
      throw this.#rejected('the tar-split data has a line that is not for an entry', more.name);
  }

  async close(): Promise<void> {
    await this.comparison.close();
  }

  async *#plain(): AsyncGenerator<Uint8Array> {
    await this.#checkDigest();
    const { offset, length, plainLength } = this.#position;
    let size = 0;
    try {
      for await (const chunk of unzstd(this.#blob.part(offset, length), this.#location)) {
        size += chunk.length;
        if (size > plainLength) break;
        yield chunk;
      }
    } catch (error) {
      throw notCompressed(error, detail => this.#rejected(`the tar-split data is not compressed: ${detail}`));
    }
    // TOC-042
    if (size !== plainLength) {
      throw this.#rejected(
        `the tar-split data does not have the ${plainLength} bytes that its position gives`,
      );
    }
  }

  // TOC-040
  async #checkDigest(): Promise<void> {
    if (this.#digest === undefined) return;
    const { hash, hex: expected } = parseOciDigest(this.#digest, this.#location);
    const hasher = this.#sha2.create(hash);
    for await (const bytes of this.#blob.part(this.#position.offset, this.#position.length))
      hasher.update(bytes);
    if (hex(hasher.digest()) === expected) return;
    const detail = 'the tar-split data does not have the digest in the table of contents';
    throw new ComposefsError('TOC_CHECKSUM', detail, this.#location);
  }

  #rejected(detail: string, entry?: TarSplitFile['name']): ComposefsError {
    const location = entry === undefined ? this.#location : { ...this.#location, entry };
    return new ComposefsError('TOC_TARSPLIT', detail, location);
  }
}
