/**
 * Warnings about the layers of an image: about their compression, and about the entries in them.
 * @module
 */

import { ascii, type ByteString, bytesOf, joinBytes, printable } from '../bytes.ts';
import type { Location } from '../errors.ts';
import { openBlob } from '../oci/blob.ts';
import { decompress } from '../oci/compression.ts';
import type { Expansion } from '../oci/expansion.ts';
import type { OciLayout } from '../oci/layout.ts';
import { layerCompression } from '../oci/media-types.ts';
import type { Descriptor } from '../oci/schemas.ts';
import { zstdFrames } from '../oci/zstd-frames.ts';
import type { TarEntry } from '../tar/entry.ts';
import { readTar } from '../tar/read.ts';
import type { WarningCode, WarningCollector } from './warnings.ts';

const WHITEOUT = ascii('.wh.');
const RESERVED = ascii('.wh..wh.');
const OPAQUE = ascii('.wh..wh..opq');
const SLASH = ascii('/');
/** Size of the two blocks of zeros at the end of an archive. */
const END_SIZE = 1024;

/** Adds the warnings about `layers`, which the tree builder must have accepted. */
export async function lintLayers(
  layout: OciLayout,
  layers: readonly Descriptor[],
  expansion: Expansion,
  warnings: WarningCollector,
): Promise<void> {
  const entries = new EntryLinter(warnings);
  for (const [layer, descriptor] of layers.entries()) {
    const location: Location = { layer };
    const compression = layerCompression(descriptor.mediaType, location);
    const blob = await openBlob(layout, descriptor, location);
    const packed = new TailRecorder(blob, 4);
    const content = new TailRecorder(
      expansion.limited(decompress(packed, compression, blob.location), blob.size, blob.location),
      END_SIZE,
    );
    try {
      entries.startLayer(layer);
      for await (const entry of readTar(content)) entries.add(entry);
      entries.endLayer();
    } finally {
      await blob.close();
    }
    if (content.tail.length < END_SIZE || content.tail.some(byte => byte !== 0))
      warnings.add('archive-end', layer);
    // A gzip member ends with the length of its content, modulo 2^32 (RFC 1952, section 2.3.1).
    if (compression === 'gzip' && littleEndian(packed.tail) !== content.size % 2 ** 32) {
      warnings.add('gzip-members', layer);
    }
    if (compression === 'zstd' && !(await isOneFrame(layout, descriptor, location))) {
      warnings.add('zstd-frames', layer);
    }
  }
}

/** Whether a layer consists of exactly one zstd frame. */
async function isOneFrame(layout: OciLayout, descriptor: Descriptor, location: Location): Promise<boolean> {
  const blob = await openBlob(layout, descriptor, location);
  try {
    let count = 0;
    let size = 0;
    for await (const { bytes, last } of zstdFrames(blob, Number.POSITIVE_INFINITY, location)) {
      size += bytes.length;
      if (last) count++;
    }
    // `zstdFrames` leaves out skippable frames.
    return count === 1 && size === descriptor.size;
  } finally {
    await blob.close();
  }
}

/** Passes bytes on, counts them, and keeps the last ones. */
class TailRecorder implements AsyncIterable<Uint8Array> {
  size = 0;
  tail: Uint8Array = new Uint8Array(0);
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #tailSize: number;

  constructor(source: AsyncIterable<Uint8Array>, tailSize: number) {
    this.#source = source;
    this.#tailSize = tailSize;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#source) {
      this.size += chunk.length;
      const recent = [...this.tail, ...chunk.subarray(-this.#tailSize)];
      this.tail = Uint8Array.from(recent.slice(-this.#tailSize));
      yield chunk;
    }
  }
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}

/** Checks entries against those before them. */
class EntryLinter {
  readonly #warnings: WarningCollector;
  /** Directories that entries of any layer have created. */
  readonly #directories = new Set<string>();
  #layer = 0;
  /** Paths of the current layer, with the type of the last entry. */
  #paths = new Map<string, TarEntry['kind']>();
  /** Directories of the current layer that have something below them, with or without an entry of their own. */
  #above = new Set<string>();
  /** What the markers of the current layer hide. */
  #hidden: { readonly path: string; readonly isOpaque: boolean; readonly name: ByteString }[] = [];

  constructor(warnings: WarningCollector) {
    this.#warnings = warnings;
  }

  startLayer(layer: number): void {
    this.#layer = layer;
    this.#paths = new Map();
    this.#above = new Set();
    this.#hidden = [];
  }

  add(entry: TarEntry): void {
    const warn = (code: WarningCode) => this.#warnings.add(code, this.#layer, printable(entry.name));
    const path = join(entry.path);
    const last = entry.path.at(-1);
    if (last === undefined) {
      warn('root-entry');
      return;
    }
    const ancestors = entry.path.slice(0, -1).map((_, depth) => join(entry.path.slice(0, depth + 1)));
    const parent = ancestors.at(-1) ?? '';
    if (parent !== '' && !this.#directories.has(parent)) warn('implied-parent');
    for (const each of ancestors) this.#directories.add(each);
    if (!isUtf8(path)) warn('name-not-utf8');
    if (entry.path.some(name => name.startsWith(RESERVED) && name !== OPAQUE)) {
      warn('reserved-name');
      return;
    }
    if (last.startsWith(WHITEOUT)) {
      const isOpaque = last === OPAQUE;
      const named = last.slice(WHITEOUT.length) as ByteString;
      const hidden = isOpaque ? parent : join([...entry.path.slice(0, -1), named]);
      this.#hidden.push({ path: hidden, isOpaque, name: entry.name });
      return;
    }
    for (const each of ['', ...ancestors]) this.#above.add(each);
    if (this.#paths.has(path) && !(entry.kind === 'directory' && this.#paths.get(path) === 'directory'))
      warn('duplicate-entry');
    if (entry.kind === 'hardlink' && !this.#paths.has(join(entry.target))) warn('hardlink-lower');
    this.#paths.set(path, entry.kind);
    if (entry.kind === 'directory') this.#directories.add(path);
    if (entry.kind === 'character' && entry.rdev === 0) warn('device-0-0');
    if (entry.kind === 'symlink' && entry.target.length > 1024) warn('symlink-long');
    if (entry.kind === 'symlink' && !isUtf8(entry.target)) warn('name-not-utf8');
    if (entry.kind === 'hardlink') return;
    if (entry.mtime.nsec !== 0) warn('mtime-fraction');
    if ([...entry.xattrs.keys()].some(name => name !== 'security.capability')) warn('xattr-left-out');
  }

  /** Checks the markers of the layer at its end, because a marker can come before or after what it names. */
  endLayer(): void {
    for (const { path, isOpaque, name } of this.#hidden) {
      if (this.#above.has(path) || (!isOpaque && this.#paths.has(path))) {
        this.#warnings.add('same-layer-whiteout', this.#layer, printable(name));
      }
    }
  }
}

function join(path: readonly ByteString[]): ByteString {
  return joinBytes(...path.flatMap((name, i) => (i === 0 ? [name] : [SLASH, name])));
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function isUtf8(name: ByteString): boolean {
  // Most names are ASCII.
  if (!/[\x80-\xff]/.test(name)) return true;
  try {
    utf8.decode(bytesOf(name));
    return true;
  } catch {
    return false;
  }
}
