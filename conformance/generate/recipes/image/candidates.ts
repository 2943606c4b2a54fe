/**
 * Image selection: manifest digests, features of platforms, and entries that are not looked at.
 * @module
 */

import { type Descriptor, digestOf, type Json, LayoutBuilder, platform, tag } from '../../builder/layout.ts';
import { bytes } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { accepts, bonjour, one, other, type Parts, rejects, signature, trees } from './parts.ts';

/** Two images without a tag or a platform, as a tool leaves them behind when a tag moves. */
const untagged = (layout: LayoutBuilder) => layout.index(one(layout), other(layout));

/** An index for two platforms, and next to it the image of one of them under a tag. */
function pinnedIndex(layout: LayoutBuilder): { index: Descriptor } {
  const listed = [
    other(layout, { descriptor: platform('linux', 'amd64') }),
    one(layout, { descriptor: platform('linux', 'arm64') }),
  ];
  const index = layout.nested(listed);
  layout.index(
    { ...index, ...tag('many') },
    other(layout, { config: { author: 'x' }, descriptor: { ...platform('linux', 'arm64'), ...tag('one') } }),
  );
  return { index };
}

/** Two indexes: the first lists two images, and the second one of them. */
function sharedImage(layout: LayoutBuilder): { second: Descriptor } {
  const shared = one(layout, { descriptor: platform('linux', 'amd64') });
  const first = layout.nested([shared, other(layout, { descriptor: platform('linux', 'arm64') })]);
  const second = layout.nested([shared]);
  layout.index(first, second);
  return { second };
}

/** The digest of a blob that `build` writes. */
function digestIn(build: (layout: LayoutBuilder) => { digest: string }): string {
  return build(new LayoutBuilder()).digest;
}
const oneDigest = digestIn(one);

/** The SHA-512 digest of the manifest of {@link one}. */
function oneSha512(): string {
  const layout = new LayoutBuilder();
  const { digest } = one(layout);
  return digestOf(layout.files[`blobs/${digest.replace(':', '/')}`] ?? '', 'sha512');
}

const withFeatures = (...features: readonly string[]): Json => ({
  platform: { architecture: 'amd64', os: 'linux', 'os.features': features },
});

/** One platform twice, once with a feature. */
const plainAndErofs = (layout: LayoutBuilder) =>
  layout.index(
    one(layout, { descriptor: platform('linux', 'amd64') }),
    other(layout, { descriptor: withFeatures('erofs') }),
  );
/** One image, which needs two features. */
const twoFeatures = (layout: LayoutBuilder) =>
  layout.index(one(layout, { descriptor: withFeatures('b+', 'a', 'b+') }));

/** A manifest whose config is not that of an image. */
const untyped = (layout: LayoutBuilder) =>
  other(layout, { configDescriptor: { mediaType: 'application/vnd.oci.empty.v1+json' } });

/** The image, and a descriptor of a manifest that the layout does not have. */
const besideMissing = (more: Json) => (layout: LayoutBuilder) =>
  layout.index(one(layout, { descriptor: platform('linux', 'amd64') }), {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: `sha256:${'7'.repeat(64)}`,
    size: 500,
    ...more,
  });
const amd64 = { platform: 'linux/amd64' };

/** An index with an image for amd64, which index.json also lists for arm64 and before it. */
const listedElsewhere = (layout: LayoutBuilder) => {
  const index = layout.nested([one(layout, { descriptor: platform('linux', 'amd64') })]);
  layout.index(one(layout, { descriptor: platform('linux', 'arm64') }), index);
  return index;
};

/** An index with an index of the image, and next to it a different image. */
const outerIndex = (layout: LayoutBuilder) => {
  const index = layout.nested([layout.nested([one(layout)])]);
  layout.index(index, other(layout));
  return index;
};

/** An index of one platform twice, once with a feature. */
const indexWithFeature = (layout: LayoutBuilder) => {
  const index = layout.nested([
    one(layout, { descriptor: platform('linux', 'amd64') }),
    other(layout, { descriptor: withFeatures('erofs') }),
  ]);
  layout.index(index);
  return index;
};

/** An index with an entry for a second index that does not have the media type of one, and that index. */
const listedAsOther = (layout: LayoutBuilder) => {
  const second = layout.nested([other(layout)]);
  const index = layout.nested([one(layout), { ...second, mediaType: 'application/vnd.example' }]);
  layout.index(index, second);
  return index;
};

function pinnedElsewhere(): readonly Recipe[] {
  const manifestDigest = digestIn(listedElsewhere);
  return [
    accepts('manifest-digest-of-index-with-feature', trees.hello, {
      title: 'An image that needs a feature is ignored in a pinned index',
      requirements: ['LAYER-116', 'LAYER-115'],
      class: 'EDGE_CASE',
      params: { manifestDigest: digestIn(indexWithFeature) },
      build: indexWithFeature,
    }),
    accepts('manifest-digest-of-index-with-other-type', trees.hello, {
      title: 'An entry of a pinned index with an unknown media type is not one',
      requirements: ['LAYER-115', 'LAYER-016'],
      class: 'EDGE_CASE',
      params: { manifestDigest: digestIn(listedAsOther) },
      build: listedAsOther,
    }),
    accepts('manifest-digest-of-index-entry', trees.hello, {
      title: 'An image is selected for the platform that a pinned index gives',
      requirements: ['LAYER-115', 'LAYER-019'],
      params: { manifestDigest, platform: 'linux/amd64' },
      build: listedElsewhere,
    }),
    rejects('manifest-digest-of-index-entry-beside', 'IMAGE_PLATFORM', 'manifest-digest-of-index-entry', {
      title: 'An entry next to a pinned index is not considered',
      requirements: ['LAYER-115', 'LAYER-024'],
      class: 'HOSTILE',
      params: { manifestDigest, platform: 'linux/arm64' },
      build: listedElsewhere,
    }),
  ];
}

/** The image for amd64, and a different one without a platform, whose config is for arm64. */
const besideArm64 = (parts: Parts) => (layout: LayoutBuilder) =>
  layout.index(
    one(layout, { descriptor: platform('linux', 'amd64') }),
    other(layout, { ...parts, config: { architecture: 'arm64', ...parts.config } }),
  );

export const recipes: readonly Recipe[] = [
  accepts('manifest-digest-of-two', trees.hello, {
    title: 'A manifest digest selects one of two images without a tag',
    requirements: ['LAYER-115'],
    links: ['https://github.com/containers/skopeo/issues/1513'],
    params: { manifestDigest: oneDigest },
    build: untagged,
  }),
  rejects('two-without-tag', 'IMAGE_AMBIGUOUS', 'manifest-digest-of-two', {
    title: 'Two images without a tag or a platform are rejected',
    requirements: ['LAYER-020', 'LAYER-113'],
    build: untagged,
  }),
  accepts('manifest-digest-sha512', trees.hello, {
    title: 'A manifest digest can differ in its hash function from the entry',
    requirements: ['LAYER-115'],
    class: 'EDGE_CASE',
    params: { manifestDigest: oneSha512() },
    build: untagged,
  }),
  accepts('manifest-digest-of-index', trees.hello, {
    title: 'The digest of an index and a platform select an image below it',
    requirements: ['LAYER-115', 'LAYER-019'],
    params: {
      manifestDigest: digestIn(layout => pinnedIndex(layout).index),
      platform: 'linux/arm64',
    },
    build: pinnedIndex,
  }),
  accepts('manifest-digest-of-second-index', trees.hello, {
    title: 'A pinned index selects an image that another index lists first',
    requirements: ['LAYER-115'],
    class: 'EDGE_CASE',
    params: { manifestDigest: digestIn(layout => sharedImage(layout).second) },
    build: sharedImage,
  }),
  accepts('manifest-digest-of-outer-index', trees.hello, {
    title: 'The digest of an index selects the image of an index inside it',
    requirements: ['LAYER-115'],
    class: 'EDGE_CASE',
    params: { manifestDigest: digestIn(outerIndex) },
    build: outerIndex,
  }),
  ...pinnedElsewhere(),
  rejects('manifest-digest-of-index-json', 'IMAGE_REFERENCE', 'manifest-digest-of-two', {
    title: 'The digest of index.json selects nothing',
    requirements: ['LAYER-115', 'LAYER-029'],
    class: 'EDGE_CASE',
    params: {
      manifestDigest: digestOf(untagged(new LayoutBuilder()).files['index.json'] ?? ''),
    },
    build: untagged,
  }),
  rejects('manifest-digest-and-tag', 'IMAGE_REFERENCE', 'manifest-digest-of-two', {
    title: 'A manifest digest under a tag that is not requested is rejected',
    requirements: ['LAYER-115', 'LAYER-029'],
    params: { manifestDigest: oneDigest, reference: 'b' },
    build: layout =>
      layout.index(one(layout, { descriptor: tag('a') }), other(layout, { descriptor: tag('b') })),
  }),
  rejects('manifest-digest-form', 'IMAGE_DIGEST_FORM', 'manifest-digest-of-two', {
    title: 'A manifest digest in upper case is rejected',
    requirements: ['LAYER-118'],
    params: { manifestDigest: oneDigest.toUpperCase().replace('SHA', 'sha') },
    build: untagged,
  }),
  accepts('features-not-requested', trees.hello, {
    title: 'An image that needs a feature is ignored for a plain platform',
    requirements: ['LAYER-019'],
    links: ['https://github.com/containerd/containerd/pull/14012'],
    params: amd64,
    build: plainAndErofs,
  }),
  accepts('features-no-platform', trees.hello, {
    title: 'Without a platform, an image that needs a feature is ignored',
    requirements: ['LAYER-116'],
    build: plainAndErofs,
  }),
  accepts('features-requested', trees.bonjour, {
    title: 'A platform with a feature selects the image that needs it',
    requirements: ['LAYER-019', 'LAYER-030'],
    params: { platform: 'linux(+erofs)/amd64' },
    build: plainAndErofs,
  }),
  accepts('features-as-set', trees.hello, {
    title: 'Features are compared as a set, with their escapes resolved',
    requirements: ['LAYER-019', 'LAYER-030'],
    class: 'EDGE_CASE',
    params: { platform: 'linux(+a+b%2B+a)/amd64' },
    build: twoFeatures,
  }),
  rejects('features-some', 'IMAGE_PLATFORM', 'features-as-set', {
    title: 'A platform with only one of two features is rejected',
    requirements: ['LAYER-019', 'LAYER-024'],
    params: { platform: 'linux(+a)/amd64' },
    build: twoFeatures,
  }),
  rejects('features-more', 'IMAGE_PLATFORM', 'features-as-set', {
    title: 'A platform with a feature that no image needs is rejected',
    requirements: ['LAYER-019', 'LAYER-024'],
    class: 'EDGE_CASE',
    params: { platform: 'linux(+a+b%2B+c)/amd64' },
    build: twoFeatures,
  }),
  rejects('features-with-comma', 'IMAGE_PLATFORM', 'features-as-set', {
    title: 'A feature with a comma is not two features',
    requirements: ['LAYER-019', 'LAYER-024'],
    class: 'EDGE_CASE',
    params: { platform: 'linux(+a+b)/amd64' },
    build: layout => layout.index(one(layout, { descriptor: withFeatures('a,b') })),
  }),
  rejects('features-alone', 'IMAGE_PLATFORM', 'features-as-set', {
    title: 'Without a platform, the only image is rejected if it needs features',
    requirements: ['LAYER-116', 'LAYER-024'],
    build: twoFeatures,
  }),
  accepts('features-by-digest', trees.hello, {
    title: 'A manifest digest selects an image, whatever features it needs',
    requirements: ['LAYER-116', 'LAYER-115'],
    params: { manifestDigest: oneDigest },
    build: twoFeatures,
  }),
  accepts('features-in-config', trees.hello, {
    title: 'Without a platform in the request, features in a config do not count',
    requirements: ['LAYER-116'],
    class: 'EDGE_CASE',
    build: layout => layout.index(one(layout, { config: { 'os.features': ['erofs'] } })),
  }),
  rejects('features-in-config-requested', 'IMAGE_PLATFORM', 'features-in-config', {
    title: 'Features in a config count if its entry has no platform',
    requirements: ['LAYER-019'],
    class: 'EDGE_CASE',
    params: amd64,
    build: layout => layout.index(one(layout, { config: { 'os.features': ['erofs'] } })),
  }),
  ...[
    'linux()/amd64',
    'linux(+)/amd64',
    'linux(10)/amd64',
    'linux(+%)/amd64',
    'linux(+a/amd64',
    'linux(+%FF)/amd64',
    'linux/amd64/v1/x',
    'linux/amd64/',
    '/amd64',
    'linux/',
  ].map((text, i) =>
    rejects(`platform-malformed-${i + 1}`, 'REQUEST_PLATFORM', 'features-as-set', {
      title: `The platform ${text} is rejected`,
      requirements: ['LAYER-030'],
      params: { platform: text },
      build: twoFeatures,
    }),
  ),
  accepts('signature-beside', trees.hello, {
    title: 'A manifest with other layers is ignored next to an image',
    requirements: ['LAYER-113'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/sigstore/cosign/issues/4694', 'https://github.com/cri-o/cri-o/issues/9135'],
    build: layout => layout.index(one(layout, { descriptor: tag('a') }), signature(layout, tag('a.sig'))),
  }),
  accepts('other-layer-beside', trees.hello, {
    title: 'A manifest with one unknown layer type is ignored next to an image',
    requirements: ['LAYER-113'],
    class: 'EDGE_CASE',
    build: layout => {
      const note = { tar: bytes('note'), descriptor: { mediaType: 'application/vnd.example.note.v1' } };
      layout.index(layout.image({ layers: [{ tar: bonjour }, note] }), one(layout));
    },
  }),
  rejects('signature-alone', 'IMAGE_MEDIA_TYPE', 'signature-beside', {
    title: 'A manifest with other layers is rejected as the only image',
    requirements: ['LAYER-022', 'LAYER-113'],
    build: layout => layout.index(signature(layout)),
  }),
  accepts('config-type-beside', trees.hello, {
    title: 'A manifest without an image config is ignored next to an image',
    requirements: ['LAYER-113'],
    build: layout => layout.index(untyped(layout), one(layout)),
  }),
  rejects('only-others', 'IMAGE_AMBIGUOUS', 'signature-beside', {
    title: 'Several manifests that are not those of images are rejected',
    requirements: ['LAYER-020', 'LAYER-113'],
    class: 'EDGE_CASE',
    build: layout => layout.index(untyped(layout), signature(layout)),
  }),
  rejects('signature-beside-missing', 'IMAGE_BLOB', 'signature-beside', {
    title: 'A manifest that is missing is not ignored next to a signature',
    requirements: ['LAYER-113', 'LAYER-010'],
    class: 'EDGE_CASE',
    build: layout =>
      layout.index(signature(layout), {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: `sha256:${'7'.repeat(64)}`,
        size: 500,
      }),
  }),
  accepts('other-digest-form', trees.hello, {
    title: 'The digest of an entry for a different platform can be any string',
    requirements: ['LAYER-009'],
    class: 'EDGE_CASE',
    params: amd64,
    build: besideMissing({ ...platform('linux', 'arm64'), digest: `blake3:${'7'.repeat(64)}` }),
  }),
  accepts('other-missing', trees.hello, {
    title: 'The manifest for a different platform can be missing',
    requirements: ['LAYER-019'],
    params: amd64,
    build: besideMissing(platform('linux', 'arm64')),
  }),
  rejects('without-platform-missing', 'IMAGE_BLOB', 'other-missing', {
    title: 'A missing manifest whose entry has no platform is rejected',
    requirements: ['LAYER-019', 'LAYER-010'],
    class: 'EDGE_CASE',
    params: amd64,
    build: besideMissing({}),
  }),
  rejects('platform-empty', 'IMAGE_PLATFORM', 'one-layer', {
    title: 'A platform without an architecture is not completed from the config',
    requirements: ['LAYER-019', 'LAYER-024'],
    class: 'EDGE_CASE',
    params: amd64,
    build: layout => layout.index(one(layout, { descriptor: { platform: { os: 'linux' } } })),
  }),
  ...(
    [
      ['unknown-platform', 'the platform unknown', platform('unknown', 'unknown')],
      ['artifact-type', 'an artifactType', { artifactType: 'application/vnd.example' }],
    ] as const
  ).map(([slug, what, more]) =>
    accepts(`nested-index-${slug}`, trees.hello, {
      title: `An index with ${what} in its entry is considered`,
      requirements: ['LAYER-016'],
      class: 'EDGE_CASE',
      build: layout => layout.index(layout.nested([one(layout)], 'oci', more)),
    }),
  ),
  accepts('other-layer-count', trees.hello, {
    title: 'The diff_ids of an image for a different platform are not counted',
    requirements: ['LAYER-019'],
    class: 'EDGE_CASE',
    params: amd64,
    build: besideArm64({ config: { rootfs: { type: 'layers', diff_ids: ['x', 'y'] } } }),
  }),
  rejects('config-type-for-platform', 'IMAGE_PLATFORM', 'platform-from-config', {
    title: 'A manifest without an image config is not for the platform in it',
    requirements: ['LAYER-019', 'LAYER-024'],
    class: 'EDGE_CASE',
    params: { platform: 'linux/arm64' },
    build: besideArm64({ configDescriptor: { mediaType: 'application/vnd.oci.empty.v1+json' } }),
  }),
  accepts('artifact-type-of-config', trees.hello, {
    title: 'An entry with the artifactType of a config is an image',
    requirements: ['LAYER-018'],
    class: 'EDGE_CASE',
    build: layout =>
      layout.index(one(layout, { descriptor: { artifactType: 'application/vnd.oci.image.config.v1+json' } })),
  }),
  ...(
    [
      ['empty', 'an empty artifactType', ''],
      ['json', 'the artifactType application/json', 'application/json'],
    ] as const
  ).map(([slug, what, artifactType]) =>
    rejects(`artifact-type-${slug}`, 'IMAGE_REFERENCE', 'artifact-type-of-config', {
      title: `An entry with ${what} is not an image`,
      requirements: ['LAYER-018', 'LAYER-029'],
      class: 'EDGE_CASE',
      build: layout => layout.index(one(layout, { types: 'docker', descriptor: { artifactType } })),
    }),
  ),
];
