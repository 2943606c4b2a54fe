/**
 * What there is to judge in the vectors.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, expectedResult } from '../../suite/case.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';

/** A digest that a case expects. */
export interface ExpectedDigest {
  readonly test: Case;
  /** `fsverity-sha256-12` and the like. */
  readonly algorithm: string;
  /** Salt in hex, where there is one. */
  readonly salt: string | undefined;
  readonly value: string;
}

/** An image that stands for a tree. */
export interface TreeImage {
  readonly test: Case;
  readonly image: string;
  readonly dumpfile: string;
  /** `v1` and the like. */
  readonly format: string;
}

/** Everything in the vectors that a judge can look at. */
export interface Subjects {
  /** What a writer has to make, and images that a reader has to read. */
  readonly trees: readonly TreeImage[];
  /** Images that a reader has to refuse. */
  readonly refused: readonly { readonly test: Case; readonly image: string }[];
  /** Images with the digest that a writer has to give them. */
  readonly images: readonly (ExpectedDigest & { readonly image: string })[];
  /** Files with the digest that a digester has to give them. */
  readonly files: readonly ExpectedDigest[];
}

/** Where a composefs header has the version of the format. */
const VERSION_AT = 12;

/** The subjects of `suite`, in the order of its cases. */
export function subjectsOf(suite: Suite): Subjects {
  const trees: TreeImage[] = [];
  const refused: { test: Case; image: string }[] = [];
  const images: (ExpectedDigest & { image: string })[] = [];
  const files: ExpectedDigest[] = [];
  for (const test of suite.cases) {
    const at = (path: string) => join(caseFolder(suite, test), path);
    const { op, input, params } = test;
    const accepted = expectedResult(test);
    const value = accepted?.values?.['digest'];
    const { algorithm = '', salt, format = '' } = params;
    if (op === 'fsverity.digest' && value !== undefined) files.push({ test, algorithm, salt, value });
    if (op === 'erofs.write' && accepted?.files?.['image'] !== undefined) {
      const image = at(accepted.files['image']);
      trees.push({ test, image, dumpfile: at(pathOf(input['dumpfile'])), format });
      if (value !== undefined) images.push({ test, algorithm, salt, value, image });
    }
    if (op === 'erofs.read') {
      const image = at(pathOf(input['image']));
      const dumpfile = accepted?.files?.['dumpfile'];
      if (accepted === undefined) refused.push({ test, image });
      else if (dumpfile !== undefined) {
        trees.push({ test, image, dumpfile: at(dumpfile), format: formatOf(readFileSync(image)) });
      }
    }
  }
  return { trees, refused, images, files };
}

function pathOf(input: Case['input'][string] | undefined): string {
  if (typeof input !== 'string') throw new Error('an image and a dumpfile are files of their case');
  return input;
}

function formatOf(image: Uint8Array): string {
  return `v${new DataView(image.buffer, image.byteOffset).getUint32(VERSION_AT, true)}`;
}
