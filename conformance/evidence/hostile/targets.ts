/**
 * What hostile input is given to: each target makes one input from random numbers, and gives it to the reference.
 * @module
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildTree } from '../../../reference/build-tree.ts';
import { readTocAnnotations } from '../../../reference/chunked/annotations.ts';
import { checkToc } from '../../../reference/chunked/check.ts';
import { withBlobFile } from '../../../reference/chunked/node/layer.ts';
import { withDiskFile } from '../../../reference/ddi/node/disk-file.ts';
import { isSignedDdi } from '../../../reference/ddi/node/signature.ts';
import { readDdi } from '../../../reference/ddi/read.ts';
import { DumpfileParser } from '../../../reference/dumpfile/parse.ts';
import { printDumpfile } from '../../../reference/dumpfile/print.ts';
import { checkErofs } from '../../../reference/erofs/check.ts';
import { erofsFormats } from '../../../reference/erofs/format-rules.ts';
import { inspectErofs } from '../../../reference/erofs/inspect.ts';
import { readErofs } from '../../../reference/erofs/read.ts';
import { imageDigest, writeErofs } from '../../../reference/erofs/write.ts';
import { ComposefsError } from '../../../reference/errors.ts';
import { algorithms } from '../../../reference/fsverity/algorithm.ts';
import { nodeSha2 } from '../../../reference/hash/node/sha2.ts';
import { lintImage } from '../../../reference/lint/lint.ts';
import { decompress } from '../../../reference/oci/compression.ts';
import { digestImage } from '../../../reference/oci/image-tree.ts';
import { parseJson } from '../../../reference/oci/json.ts';
import { annotatedManifest, config, index, manifest, validated } from '../../../reference/oci/schemas.ts';
import { parseCommandLine } from '../../../reference/seal/cmdline.ts';
import { JsonText } from '../../../reference/seal/json-text.ts';
import { sealArtifact, sealInline } from '../../../reference/seal/node/seal.ts';
import { isSignedBy, readCertificates, readSigner, sign } from '../../../reference/seal/node/signing.ts';
import { verifyImage } from '../../../reference/seal/node/verify.ts';
import { roles, xattrPolicies } from '../../../reference/tree/options.ts';
import { testKeys } from '../../generate/builder/test-keys.ts';
import type { RandomBytes } from '../../generate/random-trees/random-bytes.ts';
import { hostileChunkedLayer } from './chunked-layers.ts';
import { runCommand } from './command.ts';
import { hostileDiskImage } from './disk-images.ts';
import { mutatedLayout } from './layouts.ts';
import { mutated, mutatedJson } from './mutate.ts';
import type { Target } from './target.ts';

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function drawn(seeds: readonly Uint8Array[], random: RandomBytes): Uint8Array {
  return mutated(random.pick(seeds), random.pick(seeds), random);
}

/** Corrects the checksums of the headers of an archive; without that, few mutants would be read any further. */
function withChecksums(archive: Uint8Array): Uint8Array {
  const bytes = Buffer.from(archive);
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    const block = bytes.subarray(at, at + 512);
    if (!block.includes('ustar', 257)) continue;
    block.fill(' ', 148, 156);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  }
  return bytes;
}

function compressionOf(blob: Uint8Array): 'gzip' | 'zstd' | undefined {
  if (blob[0] === 0x1f && blob[1] === 0x8b) return 'gzip';
  return blob[0] === 0x28 && blob[1] === 0xb5 ? 'zstd' : undefined;
}

/** Each target by its name. */
export const targets: Readonly<Record<string, Target>> = {
  layers: async (random, { seeds }) => {
    const archives = Array.from({ length: random.below(3) }, () => random.pick(seeds.tars));
    const archive = drawn(seeds.tars, random);
    archives.push(random.once(4) ? archive : withChecksums(archive));
    const role = random.pick(roles);
    const sources = {
      *[Symbol.iterator]() {
        for (const each of role === 'layer' ? archives.slice(-1) : archives) yield once(each);
      },
    };
    const algorithm = random.pick(algorithms);
    const transform = role === 'layer' ? 'none' : 'oci';
    const options = {
      role,
      transform,
      xattrs: random.pick(xattrPolicies),
      algorithm,
      sha2: nodeSha2,
    } as const;
    const tree = await buildTree(sources, options);
    for (const _ of printDumpfile(tree));
    imageDigest(tree, { format: random.pick(erofsFormats), algorithm, sha2: nodeSha2 });
  },

  compression: async (random, { seeds }) => {
    const compressed = seeds.blobs.filter(blob => compressionOf(blob) !== undefined);
    const blob = random.pick(compressed);
    const compression = compressionOf(blob) ?? 'gzip';
    for await (const _ of decompress(once(mutated(blob, random.pick(compressed), random)), compression, {}));
  },

  dumpfile: async (random, { seeds }) => {
    const parser = new DumpfileParser();
    parser.push(drawn(seeds.dumpfiles, random));
    const tree = parser.finish();
    for (const _ of printDumpfile(tree));
    const algorithm = random.pick(algorithms);
    readErofs(Buffer.concat([...writeErofs(tree, { format: random.pick(erofsFormats), algorithm })]));
  },

  image: async (random, { seeds }) => {
    const image = drawn(seeds.images, random);
    for (const _ of inspectErofs(image));
    for (const _ of printDumpfile(readErofs(image)));
    checkErofs(image);
  },

  json: async (random, { seeds }) => {
    const seed = random.pick(seeds.documents);
    const text = random.once(2)
      ? mutatedJson(JSON.parse(Buffer.from(seed).toString('utf8')), random)
      : mutated(seed, random.pick(seeds.documents), random);
    const value = parseJson(text, {});
    const edited = new JsonText(text);
    if (edited.root.kind === 'object') edited.set([], { added: 'x' });
    const rejections = [
      () => validated(index, value, {}),
      () => validated(manifest, value, {}),
      () => validated(annotatedManifest, value, {}),
      () => validated(config, value, {}),
    ].map(read => rejectionOf(read));
    if (!rejections.includes(undefined)) throw rejections[0];
  },

  signature: async random => {
    const { key, certificate } = random.pick([testKeys.rsa, testKeys.p256]);
    const [keyText, text] = [Buffer.from(key), Buffer.from(certificate)];
    const digest = Buffer.from(random.bytes(32)).toString('hex');
    const signature = sign(digest, 'fsverity-sha256-12', readSigner(keyText, text, {}));
    const changed = mutated(signature, text, random);
    isSignedBy(changed, digest, 'fsverity-sha256-12', readCertificates(text, {}), {});
  },

  keys: async (random, { seeds }) => {
    const pem = pemWithDamage(random.pick(seeds.pems), random);
    const rejections = [
      () => readCertificates(pem, {}),
      () => readSigner(pem, pem, {}),
      () => readSigner(Buffer.from(testKeys.rsa.key), pem, {}),
      () => readSigner(pem, Buffer.from(testKeys.rsa.certificate), {}),
    ].map(read => rejectionOf(read));
    if (!rejections.includes(undefined)) throw rejections[0];
  },

  'kernel command line': async (random, { seeds }) => {
    parseCommandLine(drawn(seeds.commandLines, random));
  },

  layout: async (random, { seeds, folder }) => {
    const layout = mutatedLayout(random.pick(seeds.layouts), random.pick(seeds.layouts), random);
    for (const [name, bytes] of layout) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    }
    const algorithm = random.pick(algorithms);
    const trusted = readCertificates(Buffer.from(testKeys.rsa.certificate), {});
    const tree = { role: 'merged', transform: 'oci', xattrs: 'allowlist-only', algorithm } as const;
    const all: readonly (() => Promise<unknown>)[] = [
      () => digestImage(folder, { ...tree, format: 'v1' }),
      () => lintImage(folder, {}),
      () => verifyImage(folder, { trusted }),
      () => sealInline(folder, { algorithm, roles: ['layer', 'merged.bootable'] }),
      () => sealArtifact(folder, { algorithm }),
    ];
    const rejections = [];
    for (const use of all) rejections.push(await use().then(() => undefined, rejectedWith));
    if (!rejections.includes(undefined)) throw rejections[0];
  },

  chunked: async (random, { folder }) => {
    const { blob, annotations } = hostileChunkedLayer(random);
    const path = join(folder, 'layer');
    writeFileSync(path, blob);
    const location = { file: path };
    const table = readTocAnnotations(annotations, 'zstd', location);
    if (table === undefined) return;
    await withBlobFile(path, location, layer => checkToc(layer, table, nodeSha2, location));
  },

  ddi: async (random, { seeds, folder }) => {
    const path = join(folder, 'image.raw');
    writeFileSync(path, hostileDiskImage(random, seeds.images));
    const found = await withDiskFile(path, disk => readDdi(disk, nodeSha2));
    const trusted = readCertificates(Buffer.from(testKeys.rsa.certificate), {});
    isSignedDdi(found, { trusted, requireSignature: random.once(2) });
  },

  command: (random, surroundings) => runCommand(random, surroundings),
};

function rejectionOf(run: () => unknown): ComposefsError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return rejectedWith(error);
  }
}

/** The error of a use, if it is a rejection: the other uses are tried too. */
function rejectedWith(error: unknown): ComposefsError {
  if (error instanceof ComposefsError) return error;
  throw error;
}

/** Damages a text in PEM, or the bytes in it. */
function pemWithDamage(pem: Uint8Array, random: RandomBytes): Uint8Array {
  if (random.once(3)) return mutated(pem, pem, random);
  const text = Buffer.from(pem).toString('latin1');
  return Buffer.from(
    text.replace(/(-----BEGIN [A-Z ]+-----)([^-]*)(-----END)/, (_, begin, body, end) => {
      const der = mutated(Buffer.from(body, 'base64'), Buffer.from(body, 'base64'), random);
      return `${begin}\n${Buffer.from(der).toString('base64')}\n${end}`;
    }),
    'latin1',
  );
}
