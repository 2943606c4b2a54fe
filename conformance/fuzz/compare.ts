/**
 * One tree, written by the reference and by another implementation: where they differ, and whether that is known.
 * @module
 */

import { hex } from '../../reference/bytes.ts';
import { parseDumpfile } from '../../reference/dumpfile/parse.ts';
import { printDumpfile } from '../../reference/dumpfile/print.ts';
import type { ErofsFormat } from '../../reference/erofs/formats.ts';
import { writeErofs } from '../../reference/erofs/write.ts';
import { ComposefsError } from '../../reference/errors.ts';
import { fsverityDigest } from '../../reference/fsverity/digest.ts';
import { nodeSha2 } from '../../reference/hash/node.ts';
import type { Directory } from '../../reference/tree/inode.ts';
import { differenceText } from '../judge/difference.ts';
import { imageDifference } from '../judge/image-difference.ts';
import { mapImage } from '../map/decode.ts';
import { type Contested, contested } from '../random/contested.ts';
import { copy } from '../random/walk.ts';
import type { TreeWriter, Written } from '../run/tree-writer.ts';

/** Peers have no other. */
export const algorithm = 'fsverity-sha256-12';

/** What became of one tree. */
export type Comparison =
  | { readonly kind: 'same' }
  /** They differ, and no longer where these points are taken out. */
  | { readonly kind: 'known'; readonly points: readonly string[] }
  /** They differ without any known point: `tree` has none. */
  | { readonly kind: 'unknown'; readonly tree: Directory; readonly difference: string };

/** The points of the implementation of this name, and then those on which anybody may differ too. */
export function knownPoints(name: string): readonly (readonly Contested[])[] {
  const own = contested.filter(({ differ }) => differ.includes(name));
  return [own, contested.filter(point => own.includes(point) || point.differ.includes('*'))];
}

/** Compares, and where there is a difference, compares again without the known points: some of them, then more. */
export async function compare(
  tree: Directory,
  writer: TreeWriter,
  format: ErofsFormat,
  known: readonly (readonly Contested[])[],
): Promise<Comparison> {
  let rest = { tree, points: [] as readonly string[] };
  let difference = await firstDifference(tree, writer, format);
  if (difference === undefined) return { kind: 'same' };
  for (const points of known) {
    const next = without(tree, points);
    if (next.points.length === rest.points.length) continue;
    rest = next;
    const left = await firstDifference(rest.tree, writer, format);
    if (left === undefined) return { kind: 'known', points: rest.points };
    difference = left;
  }
  return { kind: 'unknown', tree: rest.tree, difference };
}

/** A copy of the tree without the known points, and which of them it had. */
export function without(
  tree: Directory,
  known: readonly Contested[],
): { readonly tree: Directory; readonly points: readonly string[] } {
  const rest = copy(tree);
  const points = known.filter(({ avoid }) => avoid(rest)).map(({ name }) => name);
  return { tree: rest, points };
}

/** The first difference of what the reference and `writer` make of the tree, for people; undefined where none is. */
export async function firstDifference(
  tree: Directory,
  writer: TreeWriter,
  format: ErofsFormat,
): Promise<string | undefined> {
  const dumpfile = Buffer.concat([...printDumpfile(tree)]);
  const ours = reference(dumpfile, format);
  const theirs = await writer.write(dumpfile);
  return difference(ours, theirs);
}

type Ours =
  | { readonly kind: 'written'; readonly image: Uint8Array }
  | { readonly kind: 'rejected'; readonly why: string };

function reference(dumpfile: Uint8Array, format: ErofsFormat): Ours {
  try {
    const image = Buffer.concat([...writeErofs(parseDumpfile(dumpfile), { format, algorithm })]);
    return { kind: 'written', image };
  } catch (error) {
    if (!(error instanceof ComposefsError)) throw error;
    return { kind: 'rejected', why: error.message };
  }
}

function difference(ours: Ours, theirs: Written): string | undefined {
  switch (theirs.kind) {
    case 'failed':
      return theirs.problem;
    case 'rejected':
      return ours.kind === 'rejected' ? undefined : `rejected, expected it to be accepted: ${theirs.why}`;
    case 'written': {
      if (ours.kind === 'rejected') return `accepted, expected a rejection: ${ours.why}`;
      const { image, digest } = theirs;
      return imageText(ours.image, image) ?? digestText(ours.image, digest);
    }
  }
}

function imageText(expected: Uint8Array, got: Uint8Array): string | undefined {
  if (Buffer.compare(expected, got) === 0) return undefined;
  const images = { name: 'image', expected, got, size: got.length };
  const found = imageDifference(images, mapImage(expected));
  if (found === undefined) return undefined;
  const { requirement } = found;
  return `${differenceText(found, 'image')}${requirement === undefined ? '' : ` (${requirement})`}`;
}

function digestText(image: Uint8Array, digest: string): string | undefined {
  const expected = hex(fsverityDigest(image, algorithm, nodeSha2));
  return digest === expected ? undefined : `digest of the image: expected ${expected}, got ${digest}`;
}
