/**
 * Multi-platform images: all of them are verified, or the one that is requested.
 * @module
 */

import { digestOf } from '../../builder/layout.ts';
import { bytes } from '../../builder/tar.ts';
import { type TestKey, testKeys } from '../../builder/test-keys.ts';
import type { Draft, Recipe } from '../../recipe.ts';
import { bonjour, trees } from '../image/parts.ts';
import {
  type Additions,
  artifactEntry,
  image,
  lead,
  nothing,
  published,
  rejection,
  types,
} from '../seal/parts.ts';
import {
  amd64,
  arm64,
  artifactOf,
  below,
  exchanged,
  flat,
  forPlatform,
  forPlatforms,
  type Indexes,
  layoutOf,
  list,
  manifestOf,
  type PlatformImage,
  tagged,
  variants,
} from '../seal/platform-images.ts';
import { artifactKeys, inlineKeys } from './parts.ts';

const { rsa } = testKeys;
/** The image of {@link arm64}, with a config for amd64. */
const sameAsFirst: PlatformImage = { ...arm64, source: () => image([{ tar: bonjour }]) };

/** A layout of two platforms, and the request. */
interface Facts extends Pick<Draft, 'title' | 'requirements'>, Partial<Pick<Draft, 'needs' | 'class'>> {
  readonly params?: Readonly<Record<string, string>>;
  /** Default: {@link amd64} and {@link arm64}. */
  readonly images?: readonly PlatformImage[];
  /** Default: {@link below}. */
  readonly indexes?: Indexes;
  /** Changes what is published inline. Default: everything that sealing adds. */
  readonly add?: (sealed: Additions, number: number) => Additions;
  readonly by?: TestKey;
  readonly trusted?: readonly TestKey[];
  readonly commandLine?: string;
  /** Whether each image also has an artifact. */
  readonly artifacts?: boolean;
  /** Parameters that depend on the manifests. */
  readonly layoutParams?: (texts: readonly string[]) => Readonly<Record<string, string>>;
}

/** The images are verified: both, or those with the numbers in `chosen`. */
function verified(
  slug: string,
  facts: Facts & {
    readonly keys?: readonly string[];
    readonly signed?: readonly string[];
    readonly chosen?: readonly number[];
  },
): Recipe {
  const listed = (values: readonly string[]) => (values.length === 0 ? 'none' : [...values].sort().join(','));
  return recipe(slug, facts, texts => {
    const chosen = facts.chosen ?? [0, 1];
    const each = (value: string) => chosen.map(() => value).join('/');
    return {
      expect: {
        outcome: 'accept',
        values: {
          manifest: chosen.map(i => digestOf(texts[i] ?? '')).join('/'),
          keys: each(listed(facts.keys ?? inlineKeys)),
          signed: each(listed(facts.signed ?? [])),
        },
      },
      files: {},
      confirmedBy: [
        'mkcomposefs 1.0.8 (digests of file systems, from dumpfiles)',
        'fsverity-utils 1.6 (digests of documents)',
      ],
    };
  });
}

function rejected(slug: string, code: string, control: string, facts: Facts): Recipe {
  return recipe(slug, facts, () => rejection(code, `verify/${control}`));
}

function recipe(
  slug: string,
  facts: Facts,
  expectation: (texts: readonly string[]) => Pick<Draft, 'expect' | 'control' | 'files' | 'confirmedBy'>,
): Recipe {
  return {
    id: `verify/${slug}`,
    make: () => {
      const { title, requirements, needs, images: platforms = [amd64, arm64], indexes = below } = facts;
      const sources = platforms.map(({ source }) => source());
      const texts = sources.map((source, i) => {
        const sealed = platforms[i]?.additions(source, 'sha256', facts.by) ?? nothing;
        return manifestOf(source, facts.add?.(sealed, i) ?? sealed);
      });
      const builder = layoutOf(sources, texts, indexes);
      if (facts.artifacts) {
        const artifacts = sources.map((source, i) =>
          artifactOf(platforms[i] ?? amd64, source, texts[i] ?? '', facts.by),
        );
        for (const { text, blobs } of artifacts)
          for (const blob of [text, '{}', ...blobs]) builder.blob('', blob);
        const top = String.fromCharCode(...(builder.files['index.json'] ?? []));
        const entries = artifacts.map(({ text }) => `,${artifactEntry(text)}`).join('');
        builder.put('index.json', top.replace(/\]\}$/, `${entries}]}`));
      }
      const files: Record<string, Uint8Array> = {};
      for (const [path, content] of Object.entries(builder.files)) files[`in/layout/${path}`] = content;
      const input: Record<string, string> = { layout: 'in/layout' };
      if (facts.trusted !== undefined) {
        input['certificates'] = 'in/trusted.pem';
        files['in/trusted.pem'] = bytes(facts.trusted.map(({ certificate }) => certificate).join(''));
      }
      if (facts.commandLine !== undefined) {
        input['cmdline'] = 'in/cmdline';
        files['in/cmdline'] = bytes(facts.commandLine);
      }
      return {
        title,
        op: 'verify',
        requirements,
        ...(needs === undefined ? {} : { needs }),
        ...(facts.class === undefined ? {} : { class: facts.class }),
        ...expectation(texts),
        input,
        params: { ...facts.params, ...facts.layoutParams?.(texts) },
        files,
      };
    },
  };
}

const indexDigest =
  (hash: 'sha256' | 'sha512', indexes: Indexes = below) =>
  (texts: readonly string[]) => {
    const [inner = ''] = indexes(texts.map(text => lead(types.manifest, text))).below ?? [];
    return { manifestDigest: digestOf(inner, hash) };
  };

/** One index of both platforms, under two tags. */
const bothTags: Indexes = ([first = '', second = '']) => {
  const inner = list(forPlatform(first, 'amd64'), forPlatform(second, 'arm64'));
  return { top: list(...['a', 'b'].map(name => tagged(lead(types.index, inner), name))), below: [inner] };
};

/** Two tags, each with an index of its own over one image. */
const twoIndexes: Indexes = leads => {
  const inner = leads.map(leading => list(`${leading}}`));
  return {
    top: list(...inner.map((text, i) => tagged(lead(types.index, text), ['a', 'b'][i] ?? ''))),
    below: inner,
  };
};

/** The index of both platforms, and next to it the first image for a different platform. */
const besideIndex: Indexes = leads => {
  const { top, below: inner = [] } = below(leads);
  const entry = forPlatform(leads[0] ?? '', 's390x').slice(0, -1);
  const tag = '"annotations":{"org.opencontainers.image.ref.name":"latest"}';
  return { top: top.replace(/\]\}$/, `,${entry},${tag}}]}`), below: inner };
};

/** The index of both platforms, and after it one of the first image alone. */
const sharedImage: Indexes = ([first = '', second = '']) => {
  const inner = [
    list(forPlatform(first, 'amd64'), forPlatform(second, 'arm64')),
    list(forPlatform(first, 'amd64')),
  ];
  return { top: list(...inner.map(text => `${lead(types.index, text)}}`)), below: inner };
};

const without = (number: number) => (sealed: Additions, i: number) =>
  i === number ? { ...sealed, manifest: '' } : sealed;

export const recipes: readonly Recipe[] = [
  verified('platforms', {
    title: 'The images of all platforms are verified',
    requirements: ['VERIFY-051', 'VERIFY-001', 'VERIFY-005'],
  }),
  verified('platforms-flat', {
    title: 'Two platforms in index.json itself are verified',
    requirements: ['VERIFY-051'],
    indexes: flat,
  }),
  verified('platforms-one', {
    title: 'A platform that is not requested is not verified',
    requirements: ['VERIFY-001', 'VERIFY-051'],
    params: { platform: 'linux/amd64' },
    add: without(1),
    chosen: [0],
  }),
  verified('platform-other-annotations', {
    title: 'Annotations of an image for a different platform are not checked',
    requirements: ['LAYER-019', 'VERIFY-014'],
    class: 'EDGE_CASE',
    params: { platform: 'linux/amd64' },
    indexes: ([first = '', second = '']) => ({ top: list(forPlatform(first, 'amd64'), `${second}}`) }),
    add: (sealed, i) => (i === 1 ? { ...sealed, manifest: '"org.example":1' } : sealed),
    chosen: [0],
  }),
  verified('platforms-artifacts', {
    title: 'Each platform can have an artifact',
    requirements: ['VERIFY-051', 'VERIFY-018'],
    add: () => nothing,
    artifacts: true,
    keys: artifactKeys,
  }),
  verified('platforms-signed', {
    title: 'The signed digests of all platforms are verified',
    requirements: ['VERIFY-051', 'VERIFY-037'],
    params: { requireSignature: 'true' },
    by: rsa,
    trusted: [rsa],
    signed: inlineKeys,
  }),
  verified('platforms-index-digest', {
    title: 'The index of all platforms can be requested by its digest',
    requirements: ['VERIFY-003', 'VERIFY-051'],
    layoutParams: indexDigest('sha256'),
  }),
  verified('platforms-index-digest-sha512', {
    title: 'The index can be requested by its SHA-512 digest',
    requirements: ['VERIFY-003'],
    class: 'EDGE_CASE',
    layoutParams: indexDigest('sha512'),
  }),
  verified('platforms-index-digest-two-tags', {
    title: 'All images below an index are verified if it has two tags',
    requirements: ['VERIFY-003', 'VERIFY-051'],
    class: 'EDGE_CASE',
    indexes: bothTags,
    layoutParams: indexDigest('sha256', bothTags),
  }),
  rejected('platforms-both-tags', 'IMAGE_AMBIGUOUS', 'platforms-index-digest-two-tags', {
    title: 'An index with two tags is rejected if the request has no digest',
    requirements: ['VERIFY-001', 'VERIFY-051'],
    class: 'EDGE_CASE',
    indexes: bothTags,
  }),
  verified('platforms-index-digest-one', {
    title: 'An index digest can be requested together with a platform',
    requirements: ['VERIFY-003'],
    params: { platform: 'linux/arm64' },
    layoutParams: indexDigest('sha256'),
    chosen: [1],
  }),
  verified('platforms-index-digest-second', {
    title: 'A pinned index selects the images that another index lists as well',
    requirements: ['VERIFY-003', 'LAYER-115', 'VERIFY-051'],
    class: 'EDGE_CASE',
    indexes: sharedImage,
    layoutParams: texts => {
      const [, second = ''] = sharedImage(texts.map(text => lead(types.manifest, text))).below ?? [];
      return { manifestDigest: digestOf(second) };
    },
    // If the first index were pinned, the second image would be rejected.
    add: without(1),
    chosen: [0],
  }),
  rejected('platforms-second-unpublished', 'VERIFY_UNPUBLISHED', 'platforms', {
    title: 'A platform without a digest of role merged is rejected',
    requirements: ['VERIFY-051', 'VERIFY-006'],
    add: without(1),
  }),
  rejected('platforms-second-wrong', 'VERIFY_DIGEST', 'platforms', {
    title: 'A platform with the digest of a different platform is rejected',
    requirements: ['VERIFY-051', 'VERIFY-005'],
    class: 'HOSTILE',
    add: (sealed, i) => (i === 1 ? { ...sealed, manifest: published('merged', trees.hello.sha256) } : sealed),
  }),
  rejected('platforms-second-unsigned', 'VERIFY_UNSIGNED', 'platforms-signed', {
    title: 'A platform with an unsigned digest is rejected',
    requirements: ['VERIFY-051', 'VERIFY-037'],
    class: 'HOSTILE',
    params: { requireSignature: 'true' },
    by: rsa,
    trusted: [rsa],
    add: (sealed, i) =>
      i === 1 ? { ...sealed, manifest: published('merged', trees.bonjour.sha256) } : sealed,
  }),
  verified('platforms-manifest-digest', {
    title: 'The digest of one manifest selects its image of two platforms',
    requirements: ['VERIFY-003', 'VERIFY-051', 'LAYER-115'],
    layoutParams: ([, second = '']) => ({ manifestDigest: digestOf(second) }),
    add: without(0),
    chosen: [1],
  }),
  verified('same-manifest-second-size', {
    title: 'A wrong size in a second entry for the only image has no effect',
    requirements: ['VERIFY-001', 'LAYER-020'],
    class: 'EDGE_CASE',
    images: [amd64],
    indexes: ([first = '']) => ({ top: list(`${first}}`, `${first}}`.replace(/"size":[0-9]+/, '"size":1')) }),
    chosen: [0],
  }),
  rejected('platforms-same', 'IMAGE_AMBIGUOUS', 'platforms-flat', {
    title: 'Two images for one platform are rejected',
    requirements: ['VERIFY-051', 'SEAL-046'],
    indexes: leads => ({ top: list(...leads.map(leading => forPlatform(leading, 'amd64'))) }),
  }),
  rejected('platform-of-two-variants', 'IMAGE_AMBIGUOUS', 'platforms-variants', {
    title: 'A platform that two images have in different variants is rejected',
    requirements: ['VERIFY-001', 'VERIFY-051'],
    params: { platform: 'linux/arm' },
    ...forPlatforms(...variants.slice(0, 2)),
  }),
  verified('platforms-variants', {
    title: 'Platforms that differ in system, version or variant are verified',
    requirements: ['VERIFY-051', 'SEAL-046'],
    class: 'EDGE_CASE',
    ...forPlatforms(...variants),
    chosen: [0, 1, 2, 3],
  }),
  rejected('platforms-same-in-configs', 'IMAGE_AMBIGUOUS', 'platforms-flat', {
    title: 'Two images of one platform, which only configs give, are rejected',
    requirements: ['VERIFY-051', 'SEAL-046'],
    images: [amd64, sameAsFirst],
    indexes: leads => ({ top: list(...leads.map(leading => `${leading}}`)) }),
  }),
  rejected('platforms-other-index', 'VERIFY_MANIFEST', 'platforms-index-digest-one', {
    title: 'The digest of an index for a different image is rejected',
    requirements: ['VERIFY-003'],
    class: 'HOSTILE',
    indexes: twoIndexes,
    params: { reference: 'b' },
    layoutParams: indexDigest('sha256', twoIndexes),
  }),
  rejected('platforms-digest-tag-unknown', 'IMAGE_REFERENCE', 'platforms-index-digest', {
    title: 'A digest of the layout and a tag that it does not have are rejected',
    requirements: ['VERIFY-003', 'LAYER-029'],
    class: 'EDGE_CASE',
    params: { reference: 'unknown' },
    layoutParams: indexDigest('sha256'),
  }),
  verified('platform-signed', {
    title: 'The signed image of the requested platform is verified',
    requirements: ['VERIFY-054', 'VERIFY-037'],
    params: { platform: 'linux/amd64', requireSignature: 'true' },
    by: rsa,
    trusted: [rsa],
    signed: inlineKeys,
    chosen: [0],
  }),
  rejected('platform-against-config', 'VERIFY_PLATFORM', 'platforms-one', {
    title: 'An image that is listed for a platform other than its own is rejected',
    requirements: ['VERIFY-054'],
    class: 'HOSTILE',
    params: { platform: 'linux/amd64' },
    indexes: exchanged,
  }),
  rejected('platform-against-config-signed', 'VERIFY_PLATFORM', 'platform-signed', {
    title: 'A signed image that is listed for a different platform is rejected',
    requirements: ['VERIFY-054'],
    class: 'HOSTILE',
    params: { platform: 'linux/amd64', requireSignature: 'true' },
    indexes: exchanged,
    by: rsa,
    trusted: [rsa],
  }),
  rejected('platforms-against-configs', 'VERIFY_PLATFORM', 'platforms', {
    title: 'Images that are listed for the platforms of each other are rejected',
    requirements: ['VERIFY-054', 'VERIFY-051'],
    class: 'HOSTILE',
    indexes: exchanged,
  }),
  verified('platform-against-config-pinned', {
    title: 'A pinned index decides which image is for a platform',
    requirements: ['VERIFY-054', 'VERIFY-003'],
    params: { platform: 'linux/amd64' },
    indexes: exchanged,
    layoutParams: indexDigest('sha256', exchanged),
    chosen: [1],
  }),
  verified('platforms-against-configs-pinned', {
    title: 'A pinned index decides which images are for which platforms',
    requirements: ['VERIFY-054', 'VERIFY-003', 'VERIFY-051'],
    indexes: exchanged,
    layoutParams: indexDigest('sha512', exchanged),
  }),
  rejected('platform-against-config-manifest', 'VERIFY_PLATFORM', 'platform-against-config-pinned', {
    title: 'A pinned manifest that is listed for a different platform is rejected',
    requirements: ['VERIFY-054', 'VERIFY-003'],
    class: 'HOSTILE',
    params: { platform: 'linux/amd64' },
    indexes: exchanged,
    layoutParams: ([, second = '']) => ({ manifestDigest: digestOf(second) }),
  }),
  verified('platform-against-config-beside', {
    title: 'An entry next to a pinned index has no effect',
    requirements: ['VERIFY-054', 'LAYER-115'],
    class: 'HOSTILE',
    indexes: besideIndex,
    layoutParams: indexDigest('sha256', besideIndex),
  }),
  rejected('platforms-two-tags', 'IMAGE_AMBIGUOUS', 'platforms', {
    title: 'Two tagged images are rejected instead of verified as platforms',
    requirements: ['VERIFY-001', 'VERIFY-051'],
    indexes: twoIndexes,
  }),
  rejected('platforms-cmdline', 'IMAGE_AMBIGUOUS', 'platforms', {
    title: 'A command line for two platforms is rejected',
    requirements: ['VERIFY-051'],
    needs: ['role.merged.bootable'],
    commandLine: `composefs.digest=v1-sha256-12:${trees.hello.sha256}`,
  }),
];
