/**
 * The documents of an image: layout, index, manifest, config.
 * @module
 */

import { blobPath, type Json, type LayoutBuilder } from '../../builder/layout.ts';
import { concat } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { accepts, hello, rejects, trees } from './parts.ts';

type Parts = Omit<Parameters<LayoutBuilder['image']>[0], 'layers'>;

/** The image `hello` with changed documents. */
function image(layout: LayoutBuilder, parts: Parts = {}): LayoutBuilder {
  return layout.index(layout.image({ layers: [{ tar: hello }], ...parts }));
}

/** The image `hello` with this text as its config. */
function configText(layout: LayoutBuilder, content: string | Uint8Array): LayoutBuilder {
  const descriptor = layout.blob('application/vnd.oci.image.config.v1+json', content);
  return image(layout, { manifest: { config: descriptor } });
}

/** The text of the correct config, with `more` before its members. */
function config(layout: LayoutBuilder, more = ''): string {
  const { digest } = layout.blob('application/vnd.oci.image.layer.v1.tar', hello);
  const rootfs = { type: 'layers', diff_ids: [digest] };
  return `{${more}"architecture":"amd64","os":"linux","rootfs":${JSON.stringify(rootfs)}}`;
}

function rootfs(layout: LayoutBuilder, more: Json): LayoutBuilder {
  const { digest } = layout.blob('application/vnd.oci.image.layer.v1.tar', hello);
  return image(layout, { config: { rootfs: { type: 'layers', diff_ids: [digest], ...more } } });
}

export const recipes: readonly Recipe[] = [
  rejects('layout-marker-missing', 'IMAGE_LAYOUT', 'one-layer', {
    title: 'A directory without oci-layout is rejected as a layout',
    requirements: ['LAYER-001'],
    build: layout => image(layout).remove('oci-layout'),
  }),
  rejects('layout-version', 'IMAGE_LAYOUT', 'one-layer', {
    title: 'A layout version other than 1.0.0 is rejected',
    requirements: ['LAYER-001'],
    build: layout => image(layout).put('oci-layout', '{"imageLayoutVersion":"2.0.0"}'),
  }),
  rejects('index-missing', 'IMAGE_LAYOUT', 'one-layer', {
    title: 'A directory without index.json is rejected as a layout',
    requirements: ['LAYER-002'],
    build: layout => image(layout).remove('index.json'),
  }),
  accepts('json-white-space', trees.hello, {
    title: 'Documents can contain white space and escapes',
    byComposefsRs: true,
    requirements: ['LAYER-003'],
    build: layout =>
      configText(
        layout,
        `\r\n\t${config(layout, '"os.version" : "\\u0031\\n",')} \n`.replaceAll(',', ',\n  '),
      ),
  }),
  rejects('json-cut-off', 'IMAGE_JSON', 'json-white-space', {
    title: 'A truncated config is rejected',
    requirements: ['LAYER-003'],
    build: layout => configText(layout, config(layout).slice(0, -1)),
  }),
  rejects('json-byte-order-mark', 'IMAGE_JSON', 'json-white-space', {
    title: 'A config that begins with a byte order mark is rejected',
    requirements: ['LAYER-003'],
    class: 'EDGE_CASE',
    build: layout => configText(layout, `\ufeff${config(layout)}`),
  }),
  rejects('json-not-utf8', 'IMAGE_JSON', 'json-white-space', {
    title: 'A config with a byte that is not UTF-8 is rejected',
    requirements: ['LAYER-003'],
    build: layout =>
      configText(layout, concat('{"author":"', new Uint8Array([0xe9]), '",', config(layout).slice(1))),
  }),
  rejects('json-member-twice', 'IMAGE_JSON', 'json-white-space', {
    title: 'A config with a duplicate member is rejected',
    requirements: ['LAYER-003'],
    class: 'HOSTILE',
    build: layout => configText(layout, config(layout, '"rootfs":{"type":"layers","diff_ids":[]},')),
  }),
  rejects('json-member-twice-by-escape', 'IMAGE_JSON', 'json-white-space', {
    title: 'A config with a duplicate member, once escaped, is rejected',
    requirements: ['LAYER-003'],
    class: 'HOSTILE',
    build: layout => configText(layout, config(layout, '"\\u0072ootfs":{"type":"layers","diff_ids":[]},')),
  }),
  accepts('unknown-members', trees.hello, {
    title: 'Unknown members have no effect',
    byComposefsRs: true,
    requirements: ['LAYER-004'],
    build: layout =>
      image(layout, {
        config: {
          created: '2020-01-01T00:00:00Z',
          config: { Labels: { note: 'x', Note: 'y' } },
          extra: [1, { a: 1, A: null }],
        },
        manifest: { annotations: { note: 'x' }, extra: true },
        descriptor: { urls: ['https://images.example/hello'], extra: {} },
      }),
  }),
  accepts('media-type-member-missing', trees.hello, {
    title: 'A manifest without a media type of its own is accepted',
    byComposefsRs: true,
    requirements: ['LAYER-006'],
    build: layout => image(layout, { manifest: { mediaType: undefined } }),
  }),
  rejects('manifest-schema-version', 'IMAGE_SCHEMA', 'one-layer', {
    title: 'A manifest with schemaVersion 1 is rejected',
    requirements: ['LAYER-004'],
    build: layout => image(layout, { manifest: { schemaVersion: 1 } }),
  }),
  rejects('manifest-without-layers', 'IMAGE_SCHEMA', 'no-layers', {
    title: 'A manifest without the member layers is rejected',
    requirements: ['LAYER-004'],
    build: layout => image(layout, { manifest: { layers: undefined } }),
  }),
  rejects('descriptor-size-negative', 'IMAGE_SCHEMA', 'one-layer', {
    title: 'A negative descriptor size is rejected',
    requirements: ['LAYER-004'],
    build: layout => image(layout, { configDescriptor: { size: -1 } }),
  }),
  rejects('descriptor-size-text', 'IMAGE_SCHEMA', 'one-layer', {
    title: 'A descriptor size that is a string is rejected',
    requirements: ['LAYER-004'],
    build: layout => image(layout, { configDescriptor: { size: '123' } }),
  }),
  ...(
    [
      ['fraction', 'a fraction', (text: string) => `${text}.0`],
      ['exponent', 'an exponent', (text: string) => `${text}e0`],
    ] as const
  ).map(([slug, what, spell]) =>
    rejects(`descriptor-size-${slug}`, 'IMAGE_SCHEMA', 'one-layer', {
      title: `A descriptor size with ${what} is rejected`,
      requirements: ['LAYER-004'],
      class: 'EDGE_CASE',
      links: ['https://pkg.go.dev/encoding/json#Unmarshal'],
      build: layout => {
        const { digest } = layout.image({ layers: [{ tar: hello }] });
        const manifest = new TextDecoder().decode(layout.files[blobPath(digest)]);
        const spelled = manifest.replace(/"size":(\d+)/, (_, digits: string) => `"size":${spell(digits)}`);
        layout.remove(blobPath(digest));
        return layout.index(layout.blob('application/vnd.oci.image.manifest.v1+json', spelled));
      },
    }),
  ),
  rejects('rootfs-type', 'IMAGE_SCHEMA', 'one-layer', {
    title: 'A config whose rootfs is not of type layers is rejected',
    requirements: ['LAYER-004'],
    build: layout => rootfs(layout, { type: 'squashfs' }),
  }),
  rejects('member-in-other-case', 'IMAGE_SCHEMA', 'unknown-members', {
    title: 'A manifest with a member Layers next to layers is rejected',
    requirements: ['LAYER-005'],
    class: 'HOSTILE',
    links: ['https://pkg.go.dev/encoding/json#Unmarshal'],
    build: layout => image(layout, { manifest: { Layers: [] } }),
  }),
  rejects('member-with-long-s', 'IMAGE_SCHEMA', 'unknown-members', {
    title: 'A manifest with a second member layers, with a long s, is rejected',
    requirements: ['LAYER-005'],
    class: 'HOSTILE',
    links: ['https://pkg.go.dev/encoding/json#Unmarshal'],
    build: layout => image(layout, { manifest: { 'layer\u017f': [] } }),
  }),
  rejects('manifest-with-manifests', 'IMAGE_SCHEMA', 'unknown-members', {
    title: 'A manifest that is also an index is rejected',
    requirements: ['LAYER-006'],
    class: 'HOSTILE',
    links: ['https://github.com/opencontainers/image-spec/security/advisories/GHSA-77vh-xpmg-72qh'],
    build: layout => image(layout, { manifest: { manifests: [] } }),
  }),
  rejects('index-with-layers', 'IMAGE_SCHEMA', 'nested-index', {
    title: 'An index that is also a manifest is rejected',
    requirements: ['LAYER-006'],
    class: 'HOSTILE',
    links: ['https://github.com/opencontainers/image-spec/security/advisories/GHSA-77vh-xpmg-72qh'],
    build: layout => {
      const manifests = [layout.image({ layers: [{ tar: hello }] })];
      return layout.index(
        layout.blob(
          'application/vnd.oci.image.index.v1+json',
          JSON.stringify({ schemaVersion: 2, manifests, layers: [] }),
        ),
      );
    },
  }),
  rejects('media-type-contradicted', 'IMAGE_SCHEMA', 'media-type-member-missing', {
    title: 'A manifest whose media type differs from its descriptor is rejected',
    requirements: ['LAYER-006'],
    class: 'HOSTILE',
    build: layout =>
      image(layout, { manifest: { mediaType: 'application/vnd.docker.distribution.manifest.v2+json' } }),
  }),
  rejects('config-media-type', 'IMAGE_MEDIA_TYPE', 'one-layer', {
    title: 'A config with the media type of an empty descriptor is rejected',
    requirements: ['LAYER-021'],
    build: layout => image(layout, { configDescriptor: { mediaType: 'application/vnd.oci.empty.v1+json' } }),
  }),
];
