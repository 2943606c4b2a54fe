/**
 * The trees that layers give: the kernel shows each one, from an image that the reference writes from the expected
 * dumpfile. The kernel reads no archive, so it confirms that the tree is one that an image can hold, and that the files of
 * the layers have the digests in it.
 * @module
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDumpfile } from '../../../reference/dumpfile/parse.ts';
import { writeErofs } from '../../../reference/erofs/write.ts';
import { algorithm } from '../../../reference/fsverity/algorithm.ts';
import { type Case, expectedResult } from '../../suite/case.ts';
import { wholePath } from '../../suite/case-file.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import type { KernelCheck } from './check.ts';
import { type ImageInput, layerContents } from './image-inputs.ts';
import { imageCheck } from './images.ts';

/** Cases whose tree no image can hold, and the requirement that says so. */
export const withoutImage: Readonly<Record<string, string>> = {
  'layers/xattr-limits': 'DUMP-050',
  'merge/device-zero': 'EROFS-002',
};

const FORMAT = 'v1';

/** A tree, and the cases that expect it. */
export interface TreeInput {
  readonly tests: readonly Case[];
  readonly image: ImageInput;
}

/** The different trees that cases expect of layers. */
export async function treeInputs(suite: Suite): Promise<TreeInput[]> {
  const byTree = new Map<string, { readonly test: Case; readonly dumpfile: Buffer }[]>();
  for (const test of suite.cases) {
    const path = wholePath(expectedResult(test)?.files?.['dumpfile']);
    if (test.op !== 'layers.tree' || path === undefined || test.id in withoutImage) continue;
    const dumpfile = readFileSync(join(caseFolder(suite, test), path));
    const key = `${test.params['algorithm']} ${treeName(dumpfile)}`;
    byTree.set(key, [...(byTree.get(key) ?? []), { test, dumpfile }]);
  }
  return Promise.all(
    [...byTree.values()].map(async ([first, ...others]) => {
      if (first === undefined) throw new Error('a tree has no case');
      const image = await imageOf(suite, first.test, first.dumpfile);
      return { tests: [first, ...others].map(({ test }) => test), image };
    }),
  );
}

async function imageOf(suite: Suite, test: Case, dumpfile: Uint8Array): Promise<ImageInput> {
  const name = algorithm(test.params['algorithm'] ?? '');
  const image = Buffer.concat([...writeErofs(parseDumpfile(dumpfile), { format: FORMAT, algorithm: name })]);
  const contents = await layerContents(layerPaths(suite, test));
  return { test, image, dumpfile, format: FORMAT, algorithm: name, digest: undefined, contents };
}

/** The files of the layers of a case. */
export function layerPaths(suite: Suite, test: Case): string[] {
  const { layers } = test.input;
  if (!Array.isArray(layers)) throw new Error(`${test.id} has no layers`);
  return layers.map(({ path }) => join(caseFolder(suite, test), path));
}

/** What a record calls a tree: the SHA-256 of its dumpfile. */
function treeName(dumpfile: Uint8Array): string {
  return createHash('sha256').update(dumpfile).digest('hex');
}

/** The check of the image of a tree, with a finding for each of its cases. */
export function treeCheck({ tests, image }: TreeInput, number: number, files: string): KernelCheck {
  const { jobs, judge } = imageCheck(image, `tree-${number}`, files);
  const about = tests.map(({ id }) => ({ topic: 'trees', name: id }) as const);
  return {
    jobs,
    unanswered: about,
    judge: answers =>
      judge(answers).flatMap(({ result }) =>
        about.map(each => ({ ...each, result, observed: treeName(image.dumpfile) })),
      ),
  };
}
