/**
 * The images that cases accept, with the trees that they represent and the contents of their objects.
 * @module
 */

import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { printDumpfile } from '../../../reference/dumpfile/print.ts';
import { type ErofsFormat, erofsFormats } from '../../../reference/erofs/format-rules.ts';
import { writeErofs } from '../../../reference/erofs/write.ts';
import { ComposefsError } from '../../../reference/errors.ts';
import { type Algorithm, algorithm } from '../../../reference/fsverity/algorithm.ts';
import { decompress } from '../../../reference/oci/compression.ts';
import { imageTree } from '../../../reference/oci/image-tree.ts';
import { readTar } from '../../../reference/tar/read.ts';
import { roles, transforms, xattrPolicies } from '../../../reference/tree/options.ts';
import { WorkDirectories } from '../../runner/run/work-directory.ts';
import { type Case, expectedResult } from '../../suite/case.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import { checkInputsOf } from '../external-checks/check-inputs.ts';

/** An image that a case accepts. */
export interface ImageInput {
  readonly test: Case;
  readonly image: Uint8Array;
  /** The tree, as a dumpfile. */
  readonly dumpfile: Uint8Array;
  readonly format: string;
  readonly algorithm: Algorithm;
  /** The digest that the case expects; undefined for an image that is only read. */
  readonly digest: string | undefined;
  /** The contents of regular files of the layers; undefined if the case has no layers. */
  readonly contents: readonly Uint8Array[] | undefined;
}

/** The images in the cases, and those of the layouts in the cases, which the reference writes. */
export async function imageInputs(suite: Suite): Promise<ImageInput[]> {
  const stored = checkInputsOf(suite).trees.map(
    ({ test, image, dumpfile, format }): ImageInput => ({
      test,
      image: readFileSync(image),
      dumpfile: readFileSync(dumpfile),
      format,
      algorithm: algorithm(test.params['algorithm'] ?? 'fsverity-sha256-12'),
      digest: expectedResult(test)?.values?.['digest'],
      contents: undefined,
    }),
  );
  const work = WorkDirectories.create(false);
  try {
    const built: ImageInput[] = [];
    for (const test of suite.cases.filter(({ op }) => op === 'image.digest')) {
      const digest = expectedResult(test)?.values?.['digest'];
      if (digest === undefined) continue;
      const folder = work.prepare(test, caseFolder(suite, test));
      built.push(await builtImage(test, digest, String(folder.input['layout'])));
      folder.remove();
    }
    return [...stored, ...built];
  } finally {
    work.remove();
  }
}

async function builtImage(test: Case, digest: string, layout: string): Promise<ImageInput> {
  const { params } = test;
  const name = algorithm(params['algorithm'] ?? '');
  const format = oneOf(erofsFormats, params['format']);
  const tree = await imageTree(layout, {
    role: oneOf(roles, params['role']),
    transform: oneOf(transforms, params['transform']),
    xattrs: oneOf(xattrPolicies, params['xattrs']),
    algorithm: name,
    reference: params['reference'],
    platform: params['platform'],
    manifestDigest: params['manifestDigest'],
  });
  const joined = (chunks: Iterable<Uint8Array>) => Uint8Array.from(Buffer.concat([...chunks]));
  return {
    test,
    image: joined(writeErofs(tree, { format: format as ErofsFormat, algorithm: name })),
    dumpfile: joined(printDumpfile(tree)),
    format,
    algorithm: name,
    digest,
    contents: await layerContents(blobsOf(layout)),
  };
}

function oneOf<T extends string>(values: readonly T[], value: string | undefined): T {
  const found = values.find(each => each === value);
  if (found === undefined) throw new Error(`unexpected parameter ${value}`);
  return found;
}

function blobsOf(layout: string): string[] {
  const blobs = join(layout, 'blobs');
  const names = readdirSync(blobs, { recursive: true, encoding: 'utf8' }).sort();
  return names.map(name => join(blobs, name));
}

/** The contents of the regular files in layers. Other paths have none. */
export async function layerContents(paths: readonly string[]): Promise<Uint8Array[]> {
  const contents: Uint8Array[] = [];
  for (const path of paths) {
    try {
      for await (const entry of readTar(decompress(createReadStream(path), compressionOf(path), {}))) {
        if (entry.kind !== 'file') continue;
        const chunks: Uint8Array[] = [];
        for await (const chunk of entry.content) chunks.push(Uint8Array.from(chunk));
        contents.push(Buffer.concat(chunks));
      }
    } catch (error) {
      // A folder, or a blob that is not a layer.
      if (!(error instanceof ComposefsError) && !(error instanceof Error && 'code' in error)) throw error;
    }
  }
  return contents;
}

/** The compression of a layer, from its first bytes. */
export function compressionOf(path: string): 'gzip' | 'zstd' | 'none' {
  const magic = readFileSync(path).subarray(0, 2).toString('hex');
  return magic === '1f8b' ? 'gzip' : magic === '28b5' ? 'zstd' : 'none';
}
