/**
 * Builders of the sealing recipes: images as templates, and the texts that sealing inserts.
 *
 * A template is the text of a document as a function of what sealing adds. Without the additions it gives the input,
 * with them the expectation, so that no code here edits JSON as a sealer does.
 * @module
 */

import type { Case } from '../../../suite/case.ts';
import { verityDigest } from '../../../suite/verity.ts';
import { blobPath, digestOf, type Json, type LayerParts, LayoutBuilder } from '../../builder/layout.ts';
import { bytes } from '../../builder/tar.ts';
import { signatureOf, type TestKey } from '../../builder/test-keys.ts';
import { type Draft, type Recipe, stageOf } from '../../recipe.ts';
import { hello, trees } from '../image/parts.ts';

export type Hash = 'sha256' | 'sha512';

export const types = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const;

/** The key of a role, of the config or of the manifest (SEAL-002). */
export const key = (subject: string, hash: Hash = 'sha256') =>
  `composefs.${subject}.${subject === 'config' || subject === 'manifest' ? '' : 'erofs.v1.'}fsverity-${hash}-12`;

/** A member of a JSON object. */
export const member = (name: string, value: string) => `"${name}":"${value}"`;

/** The members of a published digest, and of its signature if a signer is given. */
export function published(subject: string, digest: string, signer?: TestKey): string {
  const hash = digest.length === 64 ? 'sha256' : 'sha512';
  const name = key(subject, hash);
  const digests = member(name, digest);
  if (signer === undefined) return digests;
  return `${digests},${member(`${name}.sig`, signatureOf(digest, signer).toString('base64'))}`;
}

/** What sealing adds: the members of each `annotations`, without braces. */
export interface Additions {
  readonly config: string;
  readonly layers: readonly string[];
  readonly manifest: string;
}

export const nothing: Additions = { config: '', layers: [], manifest: '' };

/** A member `annotations` with these members, or nothing if there are none. */
export const annotations = (members: string | undefined) =>
  members === undefined || members === '' ? '' : `,"annotations":{${members}}`;

/** Further members after existing ones, or nothing if there are none. */
export const more = (members: string) => (members === '' ? '' : `,${members}`);

/** An image to be sealed: its config, its layers, and the layout that holds their blobs. */
export interface Image {
  readonly config: string;
  readonly layers: readonly { readonly descriptor: string }[];
  readonly builder: LayoutBuilder;
}

/**
 * An image of these layers, with these members of the config, whose text is then changed by `change`. Descriptors are
 * without their closing brace, so that members can be added.
 */
export function image(
  layers: readonly LayerParts[] = [{ tar: hello }],
  config: Json = {},
  change = (text: string) => text,
): Image {
  const builder = new LayoutBuilder();
  const text = change(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: layers.map(({ tar }) => digestOf(tar)) },
      ...config,
    }),
  );
  builder.blob(types.config, text);
  return {
    builder,
    config: text,
    layers: layers.map(({ tar }) => ({
      descriptor: JSON.stringify(builder.blob(types.layer, tar)).slice(0, -1),
    })),
  };
}

/** The descriptor of a blob, without its closing brace. */
export function descriptor(mediaType: string, content: string): string {
  return JSON.stringify({ mediaType, digest: digestOf(content), size: bytes(content).length }).slice(0, -1);
}

/** A manifest as most tools write it. */
export function plain({ config, layers }: Image, add: Additions): string {
  const list = layers.map((layer, i) => `${layer.descriptor}${annotations(add.layers[i])}}`);
  return (
    `{"schemaVersion":2,"mediaType":"${types.manifest}",` +
    `"config":${descriptor(types.config, config)}${annotations(add.config)}},` +
    `"layers":[${list.join(',')}]${annotations(add.manifest)}}`
  );
}

/** What sealing adds to the image of the layer `hello`. */
export function helloAdditions(source: Image, hash: Hash = 'sha256', signer?: TestKey): Additions {
  return {
    config: published('config', verityDigest(bytes(source.config), hash), signer),
    layers: [],
    manifest: published('merged', trees.hello[hash], signer),
  };
}

/** An `index.json`; `lead` is the descriptor of the manifest, without its closing brace. */
export type IndexTemplate = (lead: string) => string;

/** An index with one entry. */
export const oneEntry: IndexTemplate = lead => `{"schemaVersion":2,"manifests":[${lead}}]}`;

/** The facts of a case, and its request. */
export interface Facts
  extends Pick<Draft, 'title' | 'requirements'>,
    Partial<Pick<Draft, 'needs' | 'tags' | 'class' | 'links' | 'confirmedBy'>> {
  /** Overrides of the default parameters. */
  readonly params?: Case['params'];
  /** Key and certificate of the request. Default: none. */
  readonly signer?: Partial<Pick<TestKey, 'key' | 'certificate'>>;
}

/** An image that is sealed inline. */
export interface Inline extends Facts {
  readonly image?: () => Image;
  /** The text of the manifest. Default: {@link plain}. */
  readonly manifest?: (source: Image, add: Additions) => string;
  /** What sealing adds. Default: {@link helloAdditions}. */
  readonly add?: (source: Image) => Additions;
  /** What is published before. Default: nothing. */
  readonly before?: (source: Image) => Additions;
  /** The text of `index.json`. Default: {@link oneEntry}. */
  readonly index?: IndexTemplate;
  /** The expected `index.json`, if it is not `index` of the sealed manifest. */
  readonly indexAfter?: (leadAfter: string, leadBefore: string) => string;
  /** Adds further blobs to the layout. */
  readonly build?: (builder: LayoutBuilder, manifest: string) => unknown;
  /** Media type of the manifest, before and after. */
  readonly mediaTypes?: readonly [string, string];
  readonly leftOut?: string;
  /** Present if new ECDSA signatures are written, so that any valid ones are correct. */
  readonly anySignature?: true;
  /** Hash function of the digest of the manifest in its descriptor. Default: SHA-256. */
  readonly hash?: Hash;
}

/** The descriptor of a manifest, without its closing brace. */
export function lead(mediaType: string, manifest: string, hash: Hash = 'sha256'): string {
  return JSON.stringify({
    mediaType,
    digest: digestOf(manifest, hash),
    size: bytes(manifest).length,
  }).slice(0, -1);
}

interface Before {
  readonly builder: LayoutBuilder;
  readonly text: string;
  readonly source: Image;
}

function input(facts: Inline, index: IndexTemplate): Before {
  const source = (facts.image ?? image)();
  const { builder } = source;
  const text = (facts.manifest ?? plain)(source, facts.before?.(source) ?? nothing);
  const [mediaType] = facts.mediaTypes ?? [types.manifest];
  builder.put(blobPath(digestOf(text, facts.hash)), text);
  facts.build?.(builder, text);
  builder.put('index.json', index(lead(mediaType, text, facts.hash)));
  return { builder, text, source };
}

/** The case `seal/<slug>` of `seal.inline`: the image is sealed. */
export function seals(slug: string, facts: Inline): Recipe {
  const index = facts.index ?? oneEntry;
  return {
    id: `seal/${slug}`,
    make: () => {
      const { builder, text, source } = input(facts, index);
      const [typeBefore, typeAfter] = facts.mediaTypes ?? [types.manifest, types.manifest];
      const after = (facts.manifest ?? plain)(source, (facts.add ?? helloAdditions)(source));
      const leadAfter = lead(typeAfter, after, facts.hash);
      const indexAfter = facts.indexAfter ?? ((leading: string) => index(leading));
      return draft('seal.inline', facts, builder, {
        expect: {
          outcome: 'accept',
          values: { manifest: digestOf(after, facts.hash), leftOut: facts.leftOut ?? 'none' },
          files: { manifest: 'expect/manifest.json', index: 'expect/index.json' },
          ...(facts.anySignature && { signedBy: 'in/certificate.pem' }),
        },
        files: {
          'expect/manifest.json': bytes(after),
          'expect/index.json': bytes(indexAfter(leadAfter, lead(typeBefore, text, facts.hash))),
        },
      });
    },
  };
}

/** The case `seal/<slug>` of `seal.inline`: the request is rejected with `code`. */
export function rejects(slug: string, code: string, control: string, facts: Inline): Recipe {
  return {
    id: `seal/${slug}`,
    make: () => {
      const { builder } = input(facts, facts.index ?? oneEntry);
      return draft('seal.inline', facts, builder, rejection(code, `seal/${control}`));
    },
  };
}

/** The text of an artifact; `subject` is a descriptor without its closing brace. */
export function artifactText(
  hash: Hash,
  entries: readonly (readonly [subject: string, digest: string])[],
  subject: string,
  signer?: TestKey,
): string {
  const layers = entries.map(([name, digest]) => {
    const begin =
      signer === undefined
        ? emptyDescriptor
        : descriptorOf('application/vnd.composefs.signature.v1+pkcs7', signatureOf(digest, signer));
    return `${begin}${annotations(member(key(name, hash), digest))}}`;
  });
  return (
    `{"schemaVersion":2,"mediaType":"${types.manifest}",` +
    `"artifactType":"application/vnd.composefs.metadata.v1","config":${emptyDescriptor}},` +
    `"layers":[${layers.join(',')}],"subject":${subject}}}`
  );
}

/** The empty descriptor, without its closing brace. */
export const emptyDescriptor =
  '{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2';

function descriptorOf(mediaType: string, content: Uint8Array): string {
  return JSON.stringify({ mediaType, digest: digestOf(content), size: content.length }).slice(0, -1);
}

/** The entry of `index.json` for an artifact. */
export function artifactEntry(text: string): string {
  return `${lead(types.manifest, text)},"artifactType":"application/vnd.composefs.metadata.v1"}`;
}

/** The entries of an artifact for the image of the layer `hello`. */
export function helloEntries(source: Image, manifest: string, hash: Hash = 'sha256') {
  return [
    ['manifest', verityDigest(bytes(manifest), hash)],
    ['config', verityDigest(bytes(source.config), hash)],
    ['merged', trees.hello[hash]],
  ] as const;
}

/** An image that gets an artifact. */
export interface Artifact extends Omit<Inline, 'add' | 'indexAfter' | 'leftOut'> {
  /** The entries. Default: {@link helloEntries}. */
  readonly entries?: (source: Image, manifest: string) => readonly (readonly [string, string])[];
  readonly by?: TestKey;
  /** Text of the artifact that exists already, and is expected instead of a new one. */
  readonly there?: (source: Image, manifest: string) => string;
}

/** The case `seal/<slug>` of `seal.artifact`: the image has an artifact afterwards. */
export function sealsWithArtifact(slug: string, facts: Artifact): Recipe {
  return {
    id: `seal/${slug}`,
    make: () => {
      const index = facts.index ?? oneEntry;
      const { builder, text, source } = input(facts, index);
      const { subject, indexBefore } = subjectAndIndex(facts, index, text);
      const hash = facts.params?.['algorithm']?.includes('sha512') ? 'sha512' : 'sha256';
      const there = facts.there?.(source, text);
      const artifact =
        there ??
        artifactText(
          hash,
          facts.entries?.(source, text) ?? helloEntries(source, text, hash),
          subject,
          facts.by,
        );
      const end = indexBefore.lastIndexOf(']');
      const indexAfter =
        there === undefined
          ? `${indexBefore.slice(0, end)},${artifactEntry(artifact)}${indexBefore.slice(end)}`
          : indexBefore;
      return draft('seal.artifact', facts, builder, {
        expect: {
          outcome: 'accept',
          values: { artifact: digestOf(artifact) },
          files: { artifact: 'expect/artifact.json', index: 'expect/index.json' },
        },
        files: { 'expect/artifact.json': bytes(artifact), 'expect/index.json': bytes(indexAfter) },
      });
    },
  };
}

/** The case `seal/<slug>` of `seal.artifact`: the request is rejected with `code`. */
export function rejectsArtifact(slug: string, code: string, control: string, facts: Artifact): Recipe {
  return {
    id: `seal/${slug}`,
    make: () => {
      const { builder } = input(facts, facts.index ?? oneEntry);
      return draft('seal.artifact', facts, builder, rejection(code, `seal/${control}`));
    },
  };
}

function subjectAndIndex(facts: Artifact, index: IndexTemplate, text: string) {
  const [mediaType] = facts.mediaTypes ?? [types.manifest];
  const subject = lead(mediaType, text, facts.hash);
  return { subject, indexBefore: index(subject) };
}

/** The expectation of a rejection with `code`. */
export function rejection(code: string, control: string): Pick<Draft, 'expect' | 'control' | 'files'> {
  return { expect: { outcome: 'reject', stage: stageOf(code), reasons: [code] }, control, files: {} };
}

const MKCOMPOSEFS = 'mkcomposefs 1.0.8 (digests of file systems, from dumpfiles)';
const FSVERITY = 'fsverity-utils 1.6 (digests of documents)';

/** A draft of a sealing case. */
export function draft(
  op: 'seal.inline' | 'seal.artifact',
  facts: Facts,
  builder: LayoutBuilder,
  rest: Pick<Draft, 'expect' | 'files' | 'control'>,
): Draft {
  const { title, requirements, needs, tags, links, signer, params } = facts;
  const files: Record<string, Uint8Array> = { ...rest.files };
  for (const [path, content] of Object.entries(builder.files)) files[`in/layout/${path}`] = content;
  const signerFiles: Record<string, string> = {};
  for (const name of ['key', 'certificate'] as const) {
    const pem = signer?.[name];
    if (pem === undefined) continue;
    signerFiles[name] = `in/${name}.pem`;
    files[`in/${name}.pem`] = bytes(pem);
  }
  const byOthers = rest.expect.outcome === 'accept' ? [MKCOMPOSEFS, FSVERITY] : [];
  return {
    title,
    op,
    requirements,
    ...(needs === undefined ? {} : { needs }),
    ...(tags === undefined ? {} : { tags }),
    ...(links === undefined ? {} : { links }),
    ...(facts.class === undefined ? {} : { class: facts.class }),
    input: { layout: 'in/layout', ...signerFiles },
    params: { algorithm: 'fsverity-sha256-12', roles: 'merged', ...params },
    ...rest,
    confirmedBy: [...byOthers, ...(facts.confirmedBy ?? [])],
    files,
  };
}
