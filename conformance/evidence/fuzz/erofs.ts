/**
 * The area `erofs`: compares the images that are written of random trees.
 * @module
 */

import { hex } from '../../../reference/bytes.ts';
import { parseDumpfile } from '../../../reference/dumpfile/parse.ts';
import { printDumpfile } from '../../../reference/dumpfile/print.ts';
import type { ErofsFormat } from '../../../reference/erofs/format-rules.ts';
import { writeErofs } from '../../../reference/erofs/write.ts';
import { ComposefsError } from '../../../reference/errors.ts';
import { fsverityDigest } from '../../../reference/fsverity/digest.ts';
import { nodeSha2 } from '../../../reference/hash/node/sha2.ts';
import type { Directory } from '../../../reference/tree/inode.ts';
import { mapImage } from '../../generate/image-map/decode.ts';
import { randomTree, type Stream } from '../../generate/random-trees/random-tree.ts';
import { copyTree, names } from '../../generate/random-trees/traverse.ts';
import { differenceText } from '../../runner/compare/difference.ts';
import { imageDifference } from '../../runner/compare/image-difference.ts';
import type { TreeWriter, Written } from '../../runner/run/tree-writer.ts';
import { type Area, compareAnswers, type OtherAnswer, type ReferenceAnswer } from './area.ts';
import { shrinkTree } from './shrink-tree.ts';

/** The only algorithm that all other implementations support here. */
export const algorithm = 'fsverity-sha256-12';

/** The images in this format of the trees of this stream. */
export function erofsArea(stream: Stream, format: ErofsFormat): Area<Directory, TreeWriter> {
  return {
    words: { one: 'tree', many: 'trees', parts: 'names' },
    generate: seed => randomTree(stream, seed),
    copy: copyTree,
    size: tree => [...names(tree)].length,
    compare: async (tree, writer) => {
      const dumpfile = dumpfileOf(tree);
      return compareAnswers(
        referenceAnswer(dumpfile, format),
        otherAnswer(await writer.write(dumpfile)),
        difference,
      );
    },
    shrink: shrinkTree,
    show: tree => dumpfileOf(tree).toString('latin1').trimEnd().split('\n'),
    files: tree => ({ 'tree.dump': dumpfileOf(tree) }),
  };
}

function dumpfileOf(tree: Directory): Buffer {
  return Buffer.concat([...printDumpfile(tree)]);
}

function referenceAnswer(dumpfile: Uint8Array, format: ErofsFormat): ReferenceAnswer {
  try {
    const image = Buffer.concat([...writeErofs(parseDumpfile(dumpfile), { format, algorithm })]);
    return { kind: 'accepted', bytes: image };
  } catch (error) {
    if (!(error instanceof ComposefsError)) throw error;
    return { kind: 'rejected', why: error.message };
  }
}

type WrittenImage = Pick<Extract<Written, { kind: 'written' }>, 'digest' | 'image'>;

function otherAnswer(written: Written): OtherAnswer<WrittenImage> {
  return written.kind === 'written' ? { kind: 'accepted', answer: written } : written;
}

function difference(expected: Uint8Array, { image, digest }: WrittenImage): string | undefined {
  return describeImageDifference(expected, image) ?? describeDigestDifference(expected, digest);
}

function describeImageDifference(expected: Uint8Array, got: Uint8Array): string | undefined {
  if (Buffer.compare(expected, got) === 0) return undefined;
  const images = { name: 'image', expected, got, size: got.length };
  const found = imageDifference(images, mapImage(expected));
  if (found === undefined) return undefined;
  const { requirement } = found;
  return `${differenceText(found, 'image')}${requirement === undefined ? '' : ` (${requirement})`}`;
}

function describeDigestDifference(image: Uint8Array, digest: string): string | undefined {
  const expected = hex(fsverityDigest(image, algorithm, nodeSha2));
  return digest === expected ? undefined : `digest of the image: expected ${expected}, got ${digest}`;
}
