/**
 * Builders of multi-platform images, for recipes of sealing and of verification.
 * @module
 */

import { blobPath, digestOf, type Json, LayoutBuilder, platform } from '../../builder/layout.ts';
import { signatureOf, type TestKey } from '../../builder/test-keys.ts';
import { bonjour, hello, trees } from '../image/parts.ts';
import {
  type Additions,
  artifactText,
  type Hash,
  helloAdditions,
  helloEntries,
  type Image,
  image,
  lead,
  nothing,
  plain,
  published,
  types,
} from './parts.ts';

/** The image of one platform. */
export interface PlatformImage {
  readonly source: () => Image;
  /** What sealing adds to it. */
  readonly additions: (source: Image, hash?: Hash, signer?: TestKey) => Additions;
  /** Digest of role merged. */
  readonly merged: string;
}

/** The layer `hello`, for amd64. */
export const amd64: PlatformImage = {
  source: () => image(),
  additions: helloAdditions,
  merged: trees.hello.sha256,
};

/** The layer `bonjour`, for arm64. */
export const arm64: PlatformImage = {
  source: () => image([{ tar: bonjour }], { architecture: 'arm64' }),
  additions: (source, hash = 'sha256', signer) => ({
    ...helloAdditions(source, hash, signer),
    manifest: published('merged', trees.bonjour[hash], signer),
  }),
  merged: trees.bonjour.sha256,
};

/**
 * `index.json` and the indexes below it, as a function of the descriptors of the manifests (without closing braces).
 */
export type Indexes = (leads: readonly string[]) => {
  readonly top: string;
  readonly below?: readonly string[];
};

export const list = (...entries: readonly string[]) =>
  `{"schemaVersion":2,"manifests":[${entries.join(',')}]}`;

/** An entry with a platform. */
export const forPlatform = (leading: string, architecture: string) =>
  `${leading},${JSON.stringify(platform('linux', architecture)).slice(1)}`;

/** An entry with a tag. */
export const tagged = (leading: string, name: string) =>
  `${leading},"annotations":{"org.opencontainers.image.ref.name":"${name}"}}`;

/** An attestation, as build tools list it next to its image. */
export const attestation = `{"mediaType":"${types.manifest}","digest":"sha256:${'5'.repeat(64)}","size":2,"annotations":{"vnd.docker.reference.type":"attestation-manifest"},"platform":{"architecture":"unknown","os":"unknown"}}`;

/** An entry with an `artifactType`, which is not an image. */
const otherKind = `{"mediaType":"${types.manifest}","artifactType":"application/vnd.example","digest":"sha256:${'6'.repeat(64)}","size":2}`;

/** One index below `index.json`, with both platforms and the other entries that build tools add. */
export const below: Indexes = belowFor('amd64', 'arm64');

/** As {@link below}, but each image is listed for the platform of the other one. */
export const exchanged: Indexes = belowFor('arm64', 'amd64');

function belowFor(firstArchitecture: string, secondArchitecture: string): Indexes {
  return ([first = '', second = '']) => {
    const index =
      `{"schemaVersion":2, "mediaType":"${types.index}","manifests":[ ${forPlatform(first, firstArchitecture)},\n` +
      ` ${attestation}, ${forPlatform(second, secondArchitecture)}, ${otherKind} ], "annotations":{"org.example.a":"a"} }`;
    return { top: list(tagged(lead(types.index, index), 'latest')), below: [index] };
  };
}

/** Both platforms in `index.json` itself. */
export const flat: Indexes = ([first = '', second = '']) => ({
  top: list(forPlatform(first, 'amd64'), forPlatform(second, 'arm64')),
});

/** Images of the layer `hello` for these platforms, in `index.json` itself. */
export function forPlatforms(...platforms: readonly Json[]): {
  readonly images: readonly PlatformImage[];
  readonly indexes: Indexes;
} {
  return {
    images: platforms.map(each => ({ ...amd64, source: () => image([{ tar: hello }], each) })),
    indexes: leads => ({
      top: list(...leads.map((leading, i) => `${leading},"platform":${JSON.stringify(platforms[i])}}`)),
    }),
  };
}

/** Platforms: each differs from the next one, or from the second one, in one member. */
export const variants: readonly Json[] = [
  { architecture: 'arm', os: 'linux', variant: 'v6' },
  { architecture: 'arm', os: 'linux', variant: 'v7' },
  { architecture: 'arm', os: 'linux', 'os.version': '1', variant: 'v7' },
  { architecture: 'arm', os: 'freebsd', variant: 'v7' },
];

/** A layout with these manifests and indexes. */
export function layoutOf(
  images: readonly Image[],
  texts: readonly string[],
  indexes: Indexes,
): LayoutBuilder {
  const builder = new LayoutBuilder();
  for (const each of images)
    for (const [path, content] of Object.entries(each.builder.files)) builder.put(path, content);
  for (const text of texts) builder.put(blobPath(digestOf(text)), text);
  const { top, below: inner = [] } = indexes(texts.map(text => lead(types.manifest, text)));
  for (const text of inner) builder.put(blobPath(digestOf(text)), text);
  return builder.put('index.json', top);
}

/** The manifest of an image with these additions. */
export const manifestOf = (source: Image, add: Additions = nothing) => plain(source, add);

/** The artifact of an image, and the signatures in it. */
export function artifactOf(
  { merged }: PlatformImage,
  source: Image,
  manifest: string,
  signer?: TestKey,
): { text: string; blobs: readonly Uint8Array[] } {
  const [manifestEntry, config] = helloEntries(source, manifest);
  const entries = [manifestEntry, config, ['merged', merged] as const];
  return {
    text: artifactText('sha256', entries, lead(types.manifest, manifest), signer),
    blobs: signer === undefined ? [] : entries.map(([, digest]) => signatureOf(digest, signer)),
  };
}
