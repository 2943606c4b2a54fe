/**
 * Checks whether an image is canonical: byte for byte what a writer makes of its tree (EROFS-001).
 * @module
 */

import type { Algorithm } from '../fsverity/algorithm.ts';
import type { Directory } from '../tree/inode.ts';
import { type ErofsFormat, erofsFormats, formatRules } from './format-rules.ts';
import { fieldAt, structureName, valueText } from './inspect.ts';
import { readErofs } from './read.ts';
import { header, SUPERBLOCK_AT, superblock } from './structures.ts';
import { writeErofs } from './write.ts';

/** The first byte in which an image differs from the one that a writer makes. */
export interface Divergence {
  readonly at: number;
  /** The structure and field of the checked image, with the names that `inspect` shows. */
  readonly where: string;
  readonly field: string;
  readonly found: string;
  readonly expected: string;
}

/** The result of a check. */
export interface Check {
  readonly format: ErofsFormat;
  /** Number of image inodes, according to the superblock. */
  readonly inodes: bigint;
  /** The first difference; undefined if the image is canonical. */
  readonly divergence: Divergence | undefined;
}

/**
 * Reads `image`, writes its tree again, and compares the bytes. The image that is written is never held in memory as a
 * whole.
 *
 * Attributes that were replaced by those of whiteouts are not stored in the image, so a check cannot detect their
 * loss (EROFS-078).
 *
 * Rejects what {@link readErofs} and {@link writeErofs} reject.
 */
export function checkErofs(image: Uint8Array): Check {
  const tree = readErofs(image);
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const format = formatOf(view.getUint32(header.composefs_version, true));
  const inodes = view.getBigUint64(SUPERBLOCK_AT + superblock.inos, true);
  const written = writeErofs(tree, { format, algorithm: algorithmOf(tree) });
  return { format, inodes, divergence: firstDivergence(image, written) };
}

function formatOf(composefsVersion: number): ErofsFormat {
  const found = erofsFormats.find(name => formatRules[name].composefsVersion === composefsVersion);
  // The reader has rejected every other version.
  if (found === undefined) throw new TypeError(`composefs version ${composefsVersion} without a format`);
  return found;
}

/** The algorithm of the first digest in the tree. For a tree without digests, the image does not depend on it. */
function algorithmOf(tree: Directory): Algorithm {
  const directories = [tree];
  for (let next = directories.pop(); next !== undefined; next = directories.pop()) {
    for (const child of next.children.values()) {
      if (child.kind === 'directory') directories.push(child);
      if (child.kind !== 'external' || child.digest === undefined) continue;
      return child.digest.length === 64 ? 'fsverity-sha512-12' : 'fsverity-sha256-12';
    }
  }
  return 'fsverity-sha256-12';
}

function firstDivergence(image: Uint8Array, written: Iterable<Uint8Array>): Divergence | undefined {
  const chunks = written[Symbol.iterator]();
  let at = 0;
  for (let next = chunks.next(); next.done !== true; next = chunks.next()) {
    const chunk = next.value;
    const difference = firstDifference(chunk, image, at);
    if (difference !== undefined)
      return divergenceAt(image, at + difference, chunk.subarray(difference), chunks);
    at += chunk.length;
  }
  return at === image.length ? undefined : lengthDivergence(image, at, at);
}

/** Index of the first byte of `chunk` that differs from `image`, which is compared from byte `at` on. */
function firstDifference(chunk: Uint8Array, image: Uint8Array, at: number): number | undefined {
  for (let i = 0; i < chunk.length; i++) if (chunk[i] !== image[at + i]) return i;
  return undefined;
}

/** The difference at byte `at`. A writer writes `rest` from there on, followed by `chunks`. */
function divergenceAt(
  image: Uint8Array,
  at: number,
  rest: Uint8Array,
  chunks: Iterator<Uint8Array>,
): Divergence {
  const found = fieldAt(image, at);
  if (found === undefined) {
    let size = at + rest.length;
    for (let next = chunks.next(); next.done !== true; next = chunks.next()) size += next.value.length;
    return lengthDivergence(image, at, size);
  }
  const { structure, field } = found;
  const end = field.at + field.size;
  const expected = new Uint8Array(field.size);
  expected.set(image.subarray(field.at, at));
  let filled = at - field.at;
  for (let piece = rest; ; ) {
    const taken = piece.subarray(0, field.size - filled);
    expected.set(taken, filled);
    filled += taken.length;
    const next = filled < field.size ? chunks.next() : undefined;
    if (next === undefined || next.done === true) break;
    piece = next.value;
  }
  // A long sequence of bytes is shown from the first one that differs.
  const shown = { from: field.shown === 'bytes' && field.size > 16 ? at - field.at : 0 };
  return {
    at,
    where: structureName(structure),
    field: field.name,
    found: valueText(image.subarray(field.at, end), field.shown, shown),
    expected: valueText(expected.subarray(0, filled), field.shown, shown),
  };
}

function lengthDivergence(image: Uint8Array, at: number, size: number): Divergence {
  return {
    at,
    where: 'the image',
    field: 'length',
    found: `${image.length} bytes`,
    expected: `${size} bytes`,
  };
}
