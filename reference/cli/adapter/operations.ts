/**
 * The operations of the conformance suite, over the same functions that everybody calls.
 * @module
 */

import { join } from 'node:path';
import { hex } from '../../bytes.ts';
import { DumpfileParser } from '../../dumpfile/parse.ts';
import { printDumpfile } from '../../dumpfile/print.ts';
import { readErofs } from '../../erofs/read.ts';
import { type ErofsFormat, writeErofs } from '../../erofs/write.ts';
import { algorithm } from '../../fsverity/algorithm.ts';
import { FsVerity } from '../../fsverity/digest.ts';
import { nodeSha2 } from '../../hash/node.ts';
import { decompress } from '../../oci/compression.ts';
import { digestImage } from '../../oci/image.ts';
import { layerCompression } from '../../oci/media-types.ts';
import { buildTree } from '../../tree/build.ts';
import type { Directory } from '../../tree/inode.ts';
import { roles, type TreeOptions, transforms, xattrPolicies } from '../../tree/options.ts';
import { measured, writeFile } from '../output.ts';
import { readFile } from '../source.ts';
import type { LayerInput, Outcome, RunRequest } from './protocol.ts';

/** Features that a case may need. */
export const features = [
  'digest.sha256-12',
  'digest.sha512-12',
  'compression.gzip',
  'compression.zstd',
  'format.v1',
  'role.layer',
  'xattrs.keep-user-xattrs',
];

/** A request wants what is not there. */
export class Unsupported extends Error {
  readonly feature: string;

  constructor(feature: string) {
    super(`${feature} is not supported`);
    this.feature = feature;
  }
}

/** What each operation does. Refusals are thrown. */
export const operations: Readonly<Record<string, (request: RunRequest) => Promise<Outcome>>> = {
  'fsverity.digest': async request => {
    const verity = new FsVerity(algorithm(param(request, 'algorithm')), nodeSha2);
    const data = path(request, 'data');
    for await (const chunk of readFile(data, { file: data })) verity.update(chunk);
    return { status: 'ok', values: { digest: hex(verity.digest()) } };
  },

  'dumpfile.canonical': async request => dumpfile(request, await readDumpfile(request)),

  'erofs.write': async request => {
    const options = { format: format(request), algorithm: algorithm(param(request, 'algorithm')) };
    const tree = await readDumpfile(request);
    const verity = new FsVerity(options.algorithm, nodeSha2);
    const image = 'image.erofs';
    await writeFile(join(request.outDir, image), measured(writeErofs(tree, options), verity));
    return { status: 'ok', values: { digest: hex(verity.digest()) }, files: { image } };
  },

  'erofs.read': async request => {
    const chunks: Uint8Array[] = [];
    const image = path(request, 'image');
    for await (const chunk of readFile(image, { file: image })) chunks.push(chunk);
    return dumpfile(request, readErofs(Buffer.concat(chunks)));
  },

  'layers.tree': async request => {
    const layers = request.input['layers'];
    if (typeof layers !== 'object') throw new Error('the request has no input "layers"');
    return dumpfile(request, await buildTree(archives(layers), treeOptions(request)));
  },

  'image.digest': async request => {
    const digest = await digestImage(path(request, 'layout'), {
      ...treeOptions(request),
      format: format(request),
      reference: request.params['reference'],
      platform: request.params['platform'],
    });
    return { status: 'ok', values: { digest: hex(digest) } };
  },
};

function param({ params }: RunRequest, name: string): string {
  const value = params[name];
  if (value === undefined) throw new Error(`the request has no parameter "${name}"`);
  return value;
}

function path({ input }: RunRequest, name: string): string {
  const value = input[name];
  if (typeof value !== 'string') throw new Error(`the request has no input "${name}"`);
  return value;
}

function format(request: RunRequest): ErofsFormat {
  const name = param(request, 'format');
  if (name !== 'v1') throw new Unsupported(`format.${name}`);
  return name;
}

function treeOptions(request: RunRequest): TreeOptions {
  return {
    role: known(request, 'role', roles),
    transform: known(request, 'transform', transforms),
    xattrs: known(request, 'xattrs', xattrPolicies),
    algorithm: algorithm(param(request, 'algorithm')),
    sha2: nodeSha2,
  };
}

function known<T extends string>(request: RunRequest, name: string, values: readonly T[]): T {
  const value = param(request, name);
  const found = values.find(each => each === value);
  if (found === undefined) throw new Unsupported(`${name}.${value}`);
  return found;
}

async function readDumpfile(request: RunRequest): Promise<Directory> {
  const file = path(request, 'dumpfile');
  const parser = new DumpfileParser();
  for await (const chunk of readFile(file, { file })) parser.push(chunk);
  return parser.finish();
}

async function dumpfile(request: RunRequest, tree: Directory): Promise<Outcome> {
  const name = 'tree.dump';
  await writeFile(join(request.outDir, name), printDumpfile(tree));
  return { status: 'ok', files: { dumpfile: name } };
}

async function* archives(layers: readonly LayerInput[]): AsyncGenerator<AsyncIterable<Uint8Array>> {
  for (const [number, { path, mediaType }] of layers.entries()) {
    const place = { layer: number, file: path };
    yield decompress(readFile(path, place), layerCompression(mediaType, place), place);
  }
}
