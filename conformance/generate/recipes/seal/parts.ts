/**
 * What the recipes of sealing have in common: images as templates, and what is filled into them.
 *
 * A template is the text of a document as a function of what sealing adds. It is written once without the additions,
 * which is the input, and once with them, which is the expectation; no JSON is edited here.
 * @module
 */

import type { Case } from '../../../suite/case.ts';
import { blobPath, digestOf, type Json, type LayerParts, LayoutBuilder } from '../../builder/layout.ts';
import { bytes } from '../../builder/tar.ts';
import { signatureOf, type TestKey } from '../../builder/test-keys.ts';
import { smallVerity } from '../../builder/verity.ts';
import type { Draft, Recipe } from '../../recipe.ts';
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

/** Digests by their keys, one line each. */
export const key = (subject: string, hash: Hash = 'sha256') =>
  `composefs.${subject}.${subject === 'config' || subject === 'manifest' ? '' : 'erofs.v1.'}fsverity-${hash}-12`;

/** A member of a JSON object. */
export const member = (name: string, value: string) => `"${name}":"${value}"`;

/** A published digest, and its signature where a key is given. */
export function published(subject: string, digest: string, signer?: TestKey): string {
  const hash = digest.length === 64 ? 'sha256' : 'sha512';
  const name = key(subject, hash);
  const digests = member(name, digest);
  if (signer === undefined) return digests;
  return `${digests},${member(`${name}.sig`, signatureOf(digest, signer).toString('base64'))}`;
}

/** What sealing adds: members of `annotations`, without the braces. */
export interface Additions {
  readonly config: string;
  readonly layers: readonly string[];
  readonly manifest: string;
}

export const nothing: Additions = { config: '', layers: [], manifest: '' };

/** A member `annotations` of its own, where there is something in it. */
export const annotations = (members: string | undefined) =>
  members === undefined || members === '' ? '' : `,"annotations":{${members}}`;

/** More members behind others, where there are any. */
export const more = (members: string) => (members === '' ? '' : `,${members}`);

/** An image to be sealed: its blobs, and how its manifest is written. */
export interface Image {
  readonly config: string;
  readonly layers: readonly { readonly descriptor: string }[];
  readonly builder: LayoutBuilder;
}

/** The blobs of an image, with the beginnings of their descriptors. */
export function image(layers: readonly LayerParts[] = [{ tar: hello }], config: Json = {}): Image {
  const builder = new LayoutBuilder();
  const text = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: layers.map(({ tar }) => digestOf(tar)) },
    ...config,
  });
  builder.blob(types.config, text);
  return {
    builder,
    config: text,
    layers: layers.map(({ tar }) => ({
      descriptor: JSON.stringify(builder.blob(types.layer, tar)).slice(0, -1),
    })),
  };
}

/** The beginning of the descriptor of a blob. */
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

/** What the image of the layer `hello` gets. */
export function helloAdditions(of: Image, hash: Hash = 'sha256', signer?: TestKey): Additions {
  return {
    config: published('config', smallVerity(bytes(of.config), hash), signer),
    layers: [],
    manifest: published('merged', trees.hello[hash], signer),
  };
}

/** An `index.json` over the manifest that `lead` describes. */
export type IndexTemplate = (lead: string) => string;

/** One entry. */
export const oneEntry: IndexTemplate = lead => `{"schemaVersion":2,"manifests":[${lead}}]}`;

/** What a recipe says. */
export interface Facts
  extends Pick<Draft, 'title' | 'requirements'>,
    Partial<Pick<Draft, 'needs' | 'tags' | 'class' | 'links' | 'confirmedBy'>> {
  /** Over the usual ones. */
  readonly params?: Case['params'];
  /** Signs. */
  readonly signer?: Pick<TestKey, 'key' | 'certificate'>;
}

/** An image that is sealed inline. */
export interface Inline extends Facts {
  readonly image?: () => Image;
  /** The text of the manifest. Default: {@link plain}. */
  readonly manifest?: (of: Image, add: Additions) => string;
  /** What is added. Default: {@link helloAdditions}. */
  readonly add?: (of: Image) => Additions;
  /** What was there before. Default: nothing. */
  readonly before?: (of: Image) => Additions;
  /** The text of `index.json`; `lead` is the beginning of the descriptor of the manifest. */
  readonly index?: IndexTemplate;
  /** Expected index, where it is not `index` again. */
  readonly indexAfter?: (leadAfter: string, leadBefore: string) => string;
  /** Further blobs. */
  readonly build?: (builder: LayoutBuilder, manifest: string) => unknown;
  /** Media type of the manifest, before and after. */
  readonly mediaTypes?: readonly [string, string];
  readonly leftOut?: string;
  /** Hash function of the digest of the manifest. */
  readonly hash?: Hash;
}

/** The beginning of the descriptor of a manifest. */
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
  readonly of: Image;
}

function input(facts: Inline, index: IndexTemplate): Before {
  const of = (facts.image ?? image)();
  const { builder } = of;
  const text = (facts.manifest ?? plain)(of, facts.before?.(of) ?? nothing);
  const [mediaType] = facts.mediaTypes ?? [types.manifest];
  builder.put(blobPath(digestOf(text, facts.hash)), text);
  facts.build?.(builder, text);
  builder.put('index.json', index(lead(mediaType, text, facts.hash)));
  return { builder, text, of };
}

/** A case of `seal.inline` that succeeds. */
export function seals(slug: string, facts: Inline): Recipe {
  const index = facts.index ?? oneEntry;
  return {
    id: `seal/${slug}`,
    make: () => {
      const { builder, text, of } = input(facts, index);
      const [typeBefore, typeAfter] = facts.mediaTypes ?? [types.manifest, types.manifest];
      const after = (facts.manifest ?? plain)(of, (facts.add ?? helloAdditions)(of));
      const leadAfter = lead(typeAfter, after, facts.hash);
      const indexAfter = facts.indexAfter ?? ((leading: string) => index(leading));
      return draft('seal.inline', facts, builder, {
        expect: {
          outcome: 'accept',
          values: { manifest: digestOf(after, facts.hash), leftOut: facts.leftOut ?? 'none' },
          files: { manifest: 'expect/manifest.json', index: 'expect/index.json' },
        },
        files: {
          'expect/manifest.json': bytes(after),
          'expect/index.json': bytes(indexAfter(leadAfter, lead(typeBefore, text, facts.hash))),
        },
      });
    },
  };
}

/** A case of `seal.inline` that is refused with `code`. */
export function refuses(slug: string, code: string, control: string, facts: Inline): Recipe {
  return {
    id: `seal/${slug}`,
    make: () => {
      const { builder } = input(facts, facts.index ?? oneEntry);
      return draft('seal.inline', facts, builder, refusal(code, `seal/${control}`));
    },
  };
}

/** An artifact: the entries, and the descriptor of its subject. */
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

/** The beginning of the empty descriptor. */
export const emptyDescriptor =
  '{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2';

function descriptorOf(mediaType: string, content: Uint8Array): string {
  return JSON.stringify({ mediaType, digest: digestOf(content), size: content.length }).slice(0, -1);
}

/** The entry of `index.json` for an artifact. */
export function artifactEntry(text: string): string {
  return `${lead(types.manifest, text)},"artifactType":"application/vnd.composefs.metadata.v1"}`;
}

/** The entries of an artifact about the image of the layer `hello`. */
export function helloEntries(of: Image, manifest: string, hash: Hash = 'sha256') {
  return [
    ['manifest', smallVerity(bytes(manifest), hash)],
    ['config', smallVerity(bytes(of.config), hash)],
    ['merged', trees.hello[hash]],
  ] as const;
}

/** An image that gets an artifact. */
export interface Artifact extends Omit<Inline, 'add' | 'indexAfter' | 'leftOut'> {
  /** The entries. Default: {@link helloEntries}. */
  readonly entries?: (of: Image, manifest: string) => readonly (readonly [string, string])[];
  readonly by?: TestKey;
  /** Text of the artifact, where one is there already. */
  readonly there?: (of: Image, manifest: string) => string;
}

/** A case of `seal.artifact` that succeeds. */
export function sealsBeside(slug: string, facts: Artifact): Recipe {
  return {
    id: `seal/${slug}`,
    make: () => {
      const index = facts.index ?? oneEntry;
      const { builder, text, of } = input(facts, index);
      const { subject, indexBefore } = beside(facts, index, text);
      const hash = facts.params?.['algorithm']?.includes('sha512') ? 'sha512' : 'sha256';
      const there = facts.there?.(of, text);
      const artifact =
        there ??
        artifactText(hash, facts.entries?.(of, text) ?? helloEntries(of, text, hash), subject, facts.by);
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

/** A case of `seal.artifact` that is refused with `code`. */
export function refusesBeside(slug: string, code: string, control: string, facts: Artifact): Recipe {
  return {
    id: `seal/${slug}`,
    make: () => {
      const { builder } = input(facts, facts.index ?? oneEntry);
      return draft('seal.artifact', facts, builder, refusal(code, `seal/${control}`));
    },
  };
}

function beside(facts: Artifact, index: IndexTemplate, text: string) {
  const [mediaType] = facts.mediaTypes ?? [types.manifest];
  const subject = lead(mediaType, text, facts.hash);
  return { subject, indexBefore: index(subject) };
}

/** What a refusal expects. */
export function refusal(code: string, control: string): Pick<Draft, 'expect' | 'control' | 'files'> {
  const stage = code.slice(0, code.indexOf('_')).toLowerCase();
  return { expect: { outcome: 'reject', stage, reasons: [code] }, control, files: {} };
}

const MKCOMPOSEFS = 'mkcomposefs 1.0.8 (digests of file systems, from dumpfiles)';
const FSVERITY = 'fsverity-utils 1.6 (digests of documents)';

/** A case of sealing. */
export function draft(
  op: 'seal.inline' | 'seal.artifact',
  facts: Facts,
  builder: LayoutBuilder,
  rest: Pick<Draft, 'expect' | 'files' | 'control'>,
): Draft {
  const { title, requirements, needs, tags, links, signer, params } = facts;
  const files: Record<string, Uint8Array> = { ...rest.files };
  for (const [path, content] of Object.entries(builder.files)) files[`in/layout/${path}`] = content;
  if (signer !== undefined) {
    files['in/key.pem'] = bytes(signer.key);
    files['in/certificate.pem'] = bytes(signer.certificate);
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
    input: {
      layout: 'in/layout',
      ...(signer === undefined ? {} : { key: 'in/key.pem', certificate: 'in/certificate.pem' }),
    },
    params: { algorithm: 'fsverity-sha256-12', roles: 'merged', ...params },
    ...rest,
    confirmedBy: [...byOthers, ...(facts.confirmedBy ?? [])],
    files,
  };
}
