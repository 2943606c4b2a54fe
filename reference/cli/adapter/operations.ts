/**
 * The operations of the conformance suite, on top of the functions of the library.
 * @module
 */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { buildTree } from '../../build-tree.ts';
import { hex } from '../../bytes.ts';
import { readTocAnnotations } from '../../chunked/annotations.ts';
import { checkToc } from '../../chunked/check.ts';
import { type LayerIdentity, localIds } from '../../chunked/image-id.ts';
import { withBlobFile } from '../../chunked/node/layer.ts';
import { withDiskFile } from '../../ddi/node/disk-file.ts';
import { isSignedDdi, rootHashSigner } from '../../ddi/node/signature.ts';
import { readDdi } from '../../ddi/read.ts';
import { writeDdi } from '../../ddi/write.ts';
import { DumpfileParser } from '../../dumpfile/parse.ts';
import { printDumpfile } from '../../dumpfile/print.ts';
import { type ErofsFormat, erofsFormats } from '../../erofs/format-rules.ts';
import { readErofs } from '../../erofs/read.ts';
import { writeErofs } from '../../erofs/write.ts';
import { ComposefsError } from '../../errors.ts';
import { algorithm } from '../../fsverity/algorithm.ts';
import { FsVerity } from '../../fsverity/digest.ts';
import { formattedDigest } from '../../fsverity/formatted.ts';
import { parseSalt } from '../../fsverity/salt.ts';
import { nodeSha2 } from '../../hash/node/sha2.ts';
import { decompress } from '../../oci/compression.ts';
import { Expansion, type ExpansionLimits } from '../../oci/expansion.ts';
import { readChunksSync } from '../../oci/file.ts';
import { digestImage } from '../../oci/image-tree.ts';
import { parseJson } from '../../oci/json.ts';
import { layerCompression } from '../../oci/media-types.ts';
import { bootDigestText, parseCommandLine } from '../../seal/cmdline.ts';
import type { ExtraRole } from '../../seal/keys.ts';
import { type SealOptions, sealArtifact, sealInline } from '../../seal/node/seal.ts';
import { type Certificate, readCertificates, readSigner, type Signer } from '../../seal/node/signing.ts';
import { verifyImage } from '../../seal/node/verify.ts';
import type { Directory } from '../../tree/inode.ts';
import { roles, type TreeOptions, transforms, xattrPolicies } from '../../tree/options.ts';
import { measured, writeFile } from '../output.ts';
import { readFile } from '../source.ts';
import type { OperationAnswer, RequestLayer, RunRequest } from './protocol.ts';
import {
  content,
  joinItems,
  oneOf,
  optionalPath,
  param,
  path,
  selection,
  UnsupportedFeature,
} from './request.ts';
import { storeOperations } from './store-operations.ts';

/** The features that this adapter declares. */
export const features = [
  'digest.sha256-12',
  'digest.sha512-12',
  'digest.sha256-16',
  'digest.sha512-16',
  'digest.salt',
  'digest.formatted',
  'compression.gzip',
  'compression.zstd',
  'limits.expansion',
  'toc.zstd-chunked',
  'format.v0',
  'format.v1',
  'format.v2',
  'role.layer',
  'role.merged.bootable',
  'store.blobs',
  'store.repository',
  'xattrs.keep-user-xattrs',
];

/** Each operation by its name. Rejections are thrown. */
export const operations: Readonly<Record<string, (request: RunRequest) => Promise<OperationAnswer>>> = {
  'fsverity.digest': async request => {
    const name = algorithm(param(request, 'algorithm'));
    const verity = new FsVerity(name, nodeSha2, parseSalt(request.params['salt'] ?? ''));
    const data = path(request, 'data');
    for await (const chunk of readFile(data, { file: data }, readChunksSync)) verity.update(chunk);
    const digest = verity.digest();
    const formatted = hex(formattedDigest(digest, name));
    return { status: 'ok', values: { digest: hex(digest), formatted } };
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

  'erofs.read': async request => dumpfile(request, readErofs(await content(path(request, 'image')))),

  'layers.tree': async request => {
    const layers = request.input['layers'];
    if (typeof layers !== 'object') throw new Error('the request has no input "layers"');
    // LAYER-102: layers that are read again are not counted again.
    const again = { [Symbol.asyncIterator]: () => archives(layers, new Expansion(expansionLimits(request))) };
    return dumpfile(request, await buildTree(again, treeOptions(request)));
  },

  'image.digest': async request => {
    const digest = await digestImage(path(request, 'layout'), {
      ...treeOptions(request),
      ...expansionLimits(request),
      format: format(request),
      ...selection(request),
    });
    return { status: 'ok', values: { digest: hex(digest) } };
  },

  'seal.inline': async request => {
    const { params } = request;
    const sealed = await sealInline(path(request, 'layout'), {
      ...(await sealOptions(request)),
      tag: params['tag'],
      replace: params['replace'] === 'true',
      convert: params['convert'] === 'true',
    });
    const { images, index } = sealed;
    const manifests = numberedNames(
      'manifest',
      images.map(({ manifest }) => manifest.bytes),
    );
    return {
      status: 'ok',
      values: {
        manifest: joinImages(images.map(({ manifest }) => manifest.digest)),
        leftOut: joinImages(images.map(({ leftOut }) => joinItems(leftOut.map(String)))),
      },
      files: await writeDocuments(request, { ...manifests, index }),
    };
  },

  'seal.artifact': async request => {
    const { images, index } = await sealArtifact(path(request, 'layout'), await sealOptions(request));
    const artifacts = numberedNames(
      'artifact',
      images.map(({ artifact }) => artifact.bytes),
    );
    return {
      status: 'ok',
      values: { artifact: joinImages(images.map(({ artifact }) => artifact.digest)) },
      files: await writeDocuments(request, { ...artifacts, index }),
    };
  },

  verify: async request => {
    const { params } = request;
    const cmdline = optionalPath(request, 'cmdline');
    const { images } = await verifyImage(path(request, 'layout'), {
      ...selection(request),
      role: params['role'] === undefined ? undefined : oneOf(request, 'role', roles),
      algorithm: params['algorithm'] === undefined ? undefined : algorithm(param(request, 'algorithm')),
      trusted: await trustedCertificates(request),
      requireSignature: requiredSignature(request, ['true', 'manifest']),
      commandLine: cmdline === undefined ? undefined : await content(cmdline),
    });
    return {
      status: 'ok',
      values: {
        manifest: joinImages(images.map(({ manifest }) => manifest)),
        keys: joinImages(images.map(({ keys }) => joinItems(keys))),
        signed: joinImages(images.map(({ signed }) => joinItems(signed))),
      },
    };
  },

  'cmdline.parse': async request => {
    const digests = parseCommandLine(await content(path(request, 'cmdline')));
    return { status: 'ok', values: { digests: joinItems(digests.map(bootDigestText)) } };
  },

  'ddi.write': async request => {
    const signer = await requestSigner(optionalPath(request, 'key'), optionalPath(request, 'certificate'));
    const sign = signer && rootHashSigner(signer);
    const { rootHash, chunks } = writeDdi(await content(path(request, 'image')), { sha2: nodeSha2, sign });
    const ddi = 'image.raw';
    await writeFile(join(request.outDir, ddi), chunks);
    return { status: 'ok', values: { rootHash: hex(rootHash) }, files: { ddi } };
  },

  'ddi.read': async request => {
    const trusted = await trustedCertificates(request);
    const requireSignature = requiredSignature(request, ['true']) === true;
    const found = await withDiskFile(path(request, 'ddi'), disk => readDdi(disk, nodeSha2));
    const signed = isSignedDdi(found, { trusted, requireSignature });
    const image = 'image.erofs';
    await writeFile(join(request.outDir, image), [found.image]);
    return {
      status: 'ok',
      values: { rootHash: hex(found.rootHash), signed: String(signed) },
      files: { image },
    };
  },

  'toc.check': async request => {
    const layer = path(request, 'layer');
    const location = { file: layer };
    const compression = layerCompression(param(request, 'mediaType'), location);
    const values = parseJson(await content(path(request, 'annotations')), {});
    const annotations = readTocAnnotations(values as Record<string, string>, compression, location);
    if (annotations === undefined) return { status: 'ok', values: { toc: 'none' } };
    const found = await withBlobFile(layer, location, blob =>
      checkToc(blob, annotations, nodeSha2, location),
    );
    const { entries, chunks, tarSplit, diffId } = found;
    return {
      status: 'ok',
      values: { toc: 'zstd-chunked', entries: `${entries}`, chunks: `${chunks}`, tarSplit, diffId },
    };
  },

  'toc.id': async request => {
    const layers = param(request, 'layers')
      .split(',')
      .map(
        (item): LayerIdentity =>
          item.startsWith('toc=')
            ? { by: 'toc', digest: item.slice('toc='.length) }
            : { by: 'diff-id', digest: item },
      );
    const formula = oneOf(request, 'formula', ['with-config', 'without-config']);
    const ids = localIds(param(request, 'config'), layers, formula, nodeSha2);
    return { status: 'ok', values: { image: ids.image, layers: joinItems(ids.layers) } };
  },

  ...storeOperations,
};

/** The values of the images of all platforms as one value of an answer. */
function joinImages(values: readonly string[]): string {
  return values.join('/');
}

/** Names for the files of the images of all platforms: `name`, `name-2`, and so on. */
function numberedNames(name: string, files: readonly Uint8Array[]): Record<string, Uint8Array> {
  return Object.fromEntries(files.map((file, i) => [i === 0 ? name : `${name}-${i + 1}`, file]));
}

async function sealOptions(request: RunRequest): Promise<SealOptions> {
  const extra = (request.params['roles'] ?? 'merged').split(',').filter(role => role !== 'merged');
  return {
    ...selection(request),
    algorithm: algorithm(param(request, 'algorithm')),
    roles: extra.map((role): ExtraRole => {
      if (role === 'layer' || role === 'merged.bootable') return role;
      throw new UnsupportedFeature(`role.${role}`);
    }),
    signer: await requestSigner(optionalPath(request, 'key'), optionalPath(request, 'certificate')),
  };
}

async function requestSigner(
  key: string | undefined,
  certificate: string | undefined,
): Promise<Signer | undefined> {
  if (key === undefined && certificate === undefined) return undefined;
  // SEAL-041
  if (key === undefined || certificate === undefined) {
    const detail = 'a private key and its certificate must be given together';
    throw new ComposefsError('REQUEST_KEY', detail);
  }
  return readSigner(await content(key), await content(certificate), {});
}

/** Writes documents into the folder of the answer, and returns their file names. */
async function writeDocuments(
  { outDir }: RunRequest,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<Record<string, string>> {
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(outDir, `${name}.json`), [bytes]);
  return Object.fromEntries(Object.keys(files).map(name => [name, `${name}.json`]));
}

async function trustedCertificates(request: RunRequest): Promise<Certificate[]> {
  const certificates = optionalPath(request, 'certificates');
  return certificates === undefined ? [] : readCertificates(await content(certificates), {});
}

function requiredSignature(
  request: RunRequest,
  values: readonly ('true' | 'manifest')[],
): boolean | 'manifest' {
  if (request.params['requireSignature'] === undefined) return false;
  return oneOf(request, 'requireSignature', values) === 'true' || 'manifest';
}

function format(request: RunRequest): ErofsFormat {
  return oneOf(request, 'format', erofsFormats);
}

function treeOptions(request: RunRequest): TreeOptions {
  return {
    role: oneOf(request, 'role', roles),
    transform: oneOf(request, 'transform', transforms),
    xattrs: oneOf(request, 'xattrs', xattrPolicies),
    algorithm: algorithm(param(request, 'algorithm')),
    sha2: nodeSha2,
  };
}

function expansionLimits({ params }: RunRequest): ExpansionLimits {
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  return { maxExpansion: number(params['maxExpansion']), maxSize: number(params['maxSize']) };
}

async function readDumpfile(request: RunRequest): Promise<Directory> {
  const file = path(request, 'dumpfile');
  const parser = new DumpfileParser();
  for await (const chunk of readFile(file, { file })) parser.push(chunk);
  return parser.finish();
}

async function dumpfile(request: RunRequest, tree: Directory): Promise<OperationAnswer> {
  const name = 'tree.dump';
  await writeFile(join(request.outDir, name), printDumpfile(tree));
  return { status: 'ok', files: { dumpfile: name } };
}

async function* archives(
  layers: readonly RequestLayer[],
  expansion: Expansion,
): AsyncGenerator<AsyncIterable<Uint8Array>> {
  for (const [number, { path, mediaType }] of layers.entries()) {
    const location = { layer: number, file: path };
    const content = decompress(readFile(path, location), layerCompression(mediaType, location), location);
    const { size } = statSync(path);
    yield expansion.limited(content, size, location);
  }
}
