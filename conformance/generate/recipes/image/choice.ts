/**
 * Image selection: tags, platforms, nested indexes.
 * @module
 */

import { type Json, type LayoutBuilder, platform, tag } from '../../builder/layout.ts';
import type { Recipe } from '../../recipe.ts';
import { accepts, bonjour, hello, rejects, trees } from './parts.ts';

function twoTags(layout: LayoutBuilder): LayoutBuilder {
  return layout.index(
    layout.image({ layers: [{ tar: hello }], descriptor: tag('english') }),
    layout.image({ layers: [{ tar: bonjour }], descriptor: tag('french') }),
  );
}

function twoPlatforms(layout: LayoutBuilder): LayoutBuilder {
  return layout.index(
    layout.nested([
      layout.image({ layers: [{ tar: hello }], descriptor: platform('linux', 'amd64') }),
      layout.image({ layers: [{ tar: bonjour }], descriptor: platform('linux', 'arm64', 'v8') }),
    ]),
  );
}

/** An image below `depth` indexes. */
function nested(layout: LayoutBuilder, depth: number): LayoutBuilder {
  let descriptor = layout.image({ layers: [{ tar: hello }] });
  for (let i = 0; i < depth; i++) descriptor = layout.nested([descriptor]);
  return layout.index(descriptor);
}

function withOtherEntry(layout: LayoutBuilder, more: Json): LayoutBuilder {
  return layout.index(
    layout.image({ layers: [{ tar: hello }], descriptor: platform('linux', 'amd64') }),
    layout.image({ layers: [{ tar: bonjour }], descriptor: more }),
  );
}

export const recipes: readonly Recipe[] = [
  accepts('tag-of-several', trees.hello, {
    title: 'A tag selects one of two images',
    byComposefsRs: true,
    requirements: ['LAYER-014'],
    params: { reference: 'english' },
    build: twoTags,
  }),
  accepts('tag-of-several-other', trees.bonjour, {
    title: 'A second tag selects the other image',
    byComposefsRs: true,
    requirements: ['LAYER-014'],
    params: { reference: 'french' },
    build: twoTags,
  }),
  accepts('tag-with-slash-and-colon', trees.hello, {
    title: 'A tag can be a whole image name',
    requirements: ['LAYER-014'],
    params: { reference: 'registry.example/demo/hello:1.0' },
    build: layout =>
      layout.index(
        layout.image({ layers: [{ tar: hello }], descriptor: tag('registry.example/demo/hello:1.0') }),
        layout.image({ layers: [{ tar: bonjour }], descriptor: tag('1.0') }),
      ),
  }),
  accepts('tag-in-lower-case', trees.bonjour, {
    title: 'A tag that differs from the reference in case is a different one',
    byComposefsRs: true,
    requirements: ['LAYER-014'],
    class: 'EDGE_CASE',
    params: { reference: 'french' },
    build: layout =>
      layout.index(
        layout.image({ layers: [{ tar: hello }], descriptor: tag('French') }),
        layout.image({ layers: [{ tar: bonjour }], descriptor: tag('french') }),
      ),
  }),
  rejects('tag-unknown', 'IMAGE_REFERENCE', 'tag-of-several', {
    title: 'A reference that no image has as a tag is rejected',
    requirements: ['LAYER-029'],
    params: { reference: 'german' },
    build: twoTags,
  }),
  rejects('tag-of-nested-index-entry', 'IMAGE_REFERENCE', 'tag-of-several', {
    title: 'A tag inside a nested index is rejected as a reference',
    requirements: ['LAYER-014'],
    class: 'EDGE_CASE',
    params: { reference: 'english' },
    build: layout =>
      layout.index(layout.nested([layout.image({ layers: [{ tar: hello }], descriptor: tag('english') })])),
  }),
  rejects('several-tags-none-asked', 'IMAGE_AMBIGUOUS', 'tag-of-several', {
    title: 'Two tagged images without a reference are rejected',
    requirements: ['LAYER-020', 'LAYER-015'],
    build: twoTags,
  }),
  rejects('one-of-two-tagged-none-asked', 'IMAGE_AMBIGUOUS', 'one-image-tag-not-asked', {
    title: 'An image with a tag and one without are rejected without a reference',
    requirements: ['LAYER-020', 'LAYER-015'],
    class: 'EDGE_CASE',
    build: layout =>
      layout.index(
        layout.image({ layers: [{ tar: hello }], descriptor: tag('english') }),
        layout.image({ layers: [{ tar: bonjour }] }),
      ),
  }),
  accepts('one-image-tag-not-asked', trees.hello, {
    title: 'Without a reference, the only image is selected, even with a tag',
    byComposefsRs: true,
    requirements: ['LAYER-015'],
    build: layout => layout.index(layout.image({ layers: [{ tar: hello }], descriptor: tag('english') })),
  }),
  accepts('same-manifest-twice', trees.hello, {
    title: 'One manifest with two tags is one image',
    byComposefsRs: true,
    requirements: ['LAYER-020'],
    class: 'EDGE_CASE',
    build: layout =>
      layout.index(
        layout.image({ layers: [{ tar: hello }], descriptor: tag('english') }),
        layout.image({ layers: [{ tar: hello }], descriptor: tag('latest') }),
      ),
  }),
  rejects('index-empty', 'IMAGE_REFERENCE', 'one-layer', {
    title: 'An index.json without entries is rejected',
    requirements: ['LAYER-029'],
    build: layout => layout.index(),
  }),
  accepts('platform-of-several', trees.hello, {
    title: 'A platform selects one of two images',
    requirements: ['LAYER-019'],
    params: { platform: 'linux/amd64' },
    build: twoPlatforms,
  }),
  accepts('platform-of-two-systems', trees.hello, {
    title: 'A platform selects the image for its operating system',
    requirements: ['LAYER-019'],
    params: { platform: 'linux/amd64' },
    build: layout => withOtherEntry(layout, platform('windows', 'amd64')),
  }),
  accepts('platform-without-variant', trees.bonjour, {
    title: 'A platform without a variant selects any variant',
    requirements: ['LAYER-019'],
    params: { platform: 'linux/arm64' },
    build: twoPlatforms,
  }),
  accepts('platform-with-variant', trees.bonjour, {
    title: 'A platform with a variant selects only that variant',
    requirements: ['LAYER-019'],
    params: { platform: 'linux/arm64/v8' },
    build: twoPlatforms,
  }),
  rejects('platform-other-variant', 'IMAGE_PLATFORM', 'platform-with-variant', {
    title: 'A variant that no image has is rejected',
    requirements: ['LAYER-019', 'LAYER-024'],
    params: { platform: 'linux/arm64/v9' },
    build: twoPlatforms,
  }),
  rejects('platform-unknown', 'IMAGE_PLATFORM', 'platform-of-several', {
    title: 'A platform that no image has is rejected',
    requirements: ['LAYER-024'],
    params: { platform: 'linux/riscv64' },
    build: twoPlatforms,
  }),
  rejects('several-platforms-none-asked', 'IMAGE_AMBIGUOUS', 'platform-of-several', {
    title: 'Two platforms without a requested one are rejected on any machine',
    requirements: ['LAYER-020'],
    build: twoPlatforms,
  }),
  rejects('platform-one-word', 'REQUEST_PLATFORM', 'platform-of-several', {
    title: 'A platform without an architecture is rejected',
    requirements: ['LAYER-030'],
    params: { platform: 'linux' },
    build: twoPlatforms,
  }),
  accepts('platform-from-config', trees.bonjour, {
    title: 'The config gives the platform if the index entry has none',
    requirements: ['LAYER-019'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/bootc-dev/ocidir-rs/issues/73'],
    params: { platform: 'linux/s390x' },
    build: layout =>
      layout.index(
        layout.image({ layers: [{ tar: hello }] }),
        layout.image({ layers: [{ tar: bonjour }], config: { architecture: 's390x' } }),
      ),
  }),
  accepts('tag-and-platform', trees.bonjour, {
    title: 'The tag of an index and a platform in it select one image',
    requirements: ['LAYER-014', 'LAYER-016', 'LAYER-019'],
    params: { reference: 'many', platform: 'linux/arm64' },
    build: layout =>
      layout.index(
        layout.nested(
          [
            layout.image({ layers: [{ tar: hello }], descriptor: platform('linux', 'amd64') }),
            layout.image({ layers: [{ tar: bonjour }], descriptor: platform('linux', 'arm64') }),
          ],
          'oci',
          tag('many'),
        ),
        layout.image({
          layers: [{ tar: hello }],
          descriptor: { ...platform('linux', 'arm64'), ...tag('one') },
        }),
      ),
  }),
  accepts('nested-index', trees.hello, {
    title: 'The entries of an index below index.json are considered',
    byComposefsRs: true,
    requirements: ['LAYER-016'],
    build: layout => nested(layout, 1),
  }),
  accepts('nested-index-docker', trees.hello, {
    title: 'A Docker manifest list is an index',
    requirements: ['LAYER-016'],
    build: layout =>
      layout.index(layout.nested([layout.image({ layers: [{ tar: hello }], types: 'docker' })], 'docker')),
  }),
  accepts('nested-index-four-deep', trees.hello, {
    title: 'The entries of four nested indexes are considered',
    requirements: ['LAYER-016'],
    class: 'LIMIT',
    build: layout => nested(layout, 4),
  }),
  rejects('nested-index-five-deep', 'IMAGE_LIMIT', 'nested-index-four-deep', {
    title: 'A fifth nested index is rejected',
    requirements: ['LAYER-017'],
    class: 'LIMIT',
    build: layout => nested(layout, 5),
  }),
  accepts('attestation-beside', trees.hello, {
    title: 'An entry for the platform unknown/unknown is not an image',
    byComposefsRs: true,
    requirements: ['LAYER-018'],
    class: 'EDGE_CASE',
    links: ['https://docs.docker.com/build/metadata/attestations/attestation-storage/'],
    build: layout =>
      withOtherEntry(layout, {
        ...platform('unknown', 'unknown'),
        annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
      }),
  }),
  accepts('artifact-beside', trees.hello, {
    title: 'An entry with an unknown artifactType is not an image',
    byComposefsRs: true,
    requirements: ['LAYER-018'],
    class: 'EDGE_CASE',
    build: layout => withOtherEntry(layout, { artifactType: 'application/vnd.example.sbom.v1+json' }),
  }),
  accepts('unknown-media-type-beside', trees.hello, {
    title: 'An entry with an unknown media type is not an image',
    byComposefsRs: true,
    requirements: ['LAYER-018'],
    class: 'EDGE_CASE',
    build: layout =>
      layout.index(
        layout.image({ layers: [{ tar: hello }] }),
        layout.blob('application/vnd.example.note.v1', 'not an image\n'),
      ),
  }),
  rejects('only-artifact', 'IMAGE_REFERENCE', 'artifact-beside', {
    title: 'A layout that contains only artifacts is rejected',
    requirements: ['LAYER-018', 'LAYER-029'],
    build: layout =>
      layout.index(
        layout.image({
          layers: [{ tar: hello }],
          descriptor: { artifactType: 'application/vnd.example.sbom.v1+json' },
        }),
      ),
  }),
];
