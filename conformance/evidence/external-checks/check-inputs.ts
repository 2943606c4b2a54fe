/**
 * The images, digests and files of the vectors that external programs can check.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, expectedResult } from '../../suite/case.ts';
import { wholePath } from '../../suite/case-file.ts';
import { mappedImage } from '../../suite/read-image-map.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';

/** A digest that a case expects. */
export interface ExpectedDigest {
  readonly test: Case;
  /** For example `fsverity-sha256-12`. */
  readonly algorithm: string;
  /** The salt in hexadecimal, if the case has one. */
  readonly salt: string | undefined;
  readonly value: string;
}

/** An image, and the tree that it represents. */
export interface TreeImage {
  readonly test: Case;
  readonly image: string;
  readonly dumpfile: string;
  /** For example `v1`. */
  readonly format: string;
}

/** Everything in the vectors that an external program can check. */
export interface CheckInputs {
  /** Images that a writer has to write, and images that a reader has to accept. */
  readonly trees: readonly TreeImage[];
  /** Images that a reader has to reject. */
  readonly rejected: readonly { readonly test: Case; readonly image: string }[];
  /** Images with the digest that a writer has to compute. */
  readonly images: readonly (ExpectedDigest & { readonly image: string })[];
  /** Files with the digest that a digester has to compute. */
  readonly files: readonly ExpectedDigest[];
}

/** The offset of the format version in a composefs header. */
const VERSION_AT = 12;

/** The inputs from `suite`, in the order of its cases. */
export function checkInputsOf(suite: Suite): CheckInputs {
  const trees: TreeImage[] = [];
  const rejected: { test: Case; image: string }[] = [];
  const images: (ExpectedDigest & { image: string })[] = [];
  const files: ExpectedDigest[] = [];
  for (const test of suite.cases) {
    const at = (path: string) => join(caseFolder(suite, test), path);
    const { op, input, params } = test;
    const accepted = expectedResult(test);
    const value = accepted?.values?.['digest'];
    const { algorithm = '', salt, format = '' } = params;
    if (op === 'fsverity.digest' && value !== undefined) files.push({ test, algorithm, salt, value });
    const written = mappedImage(test);
    if (written !== undefined) {
      const image = at(written);
      trees.push({ test, image, dumpfile: at(pathOf(input['dumpfile'])), format });
      if (value !== undefined) images.push({ test, algorithm, salt, value, image });
    }
    if (op === 'erofs.read') {
      const image = at(pathOf(input['image']));
      const dumpfile = wholePath(accepted?.files?.['dumpfile']);
      if (accepted === undefined) rejected.push({ test, image });
      else if (dumpfile !== undefined) {
        trees.push({ test, image, dumpfile: at(dumpfile), format: formatOf(readFileSync(image)) });
      }
    }
  }
  return { trees, rejected, images, files };
}

function pathOf(input: Case['input'][string] | undefined): string {
  if (typeof input !== 'string') throw new Error('an image or a dumpfile of a case has to be one file');
  return input;
}

function formatOf(image: Uint8Array): string {
  return `v${new DataView(image.buffer, image.byteOffset).getUint32(VERSION_AT, true)}`;
}
