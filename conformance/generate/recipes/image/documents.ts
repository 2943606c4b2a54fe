/**
 * The documents of an image: layout, index, manifest, config.
 * @module
 */

import { blobPath, type Json, type LayoutBuilder } from '../../builder/layout.ts';
import { concat } from '../../builder/tar.ts';
import { either, type Recipe } from '../../recipe.ts';
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

/** The image `hello` with these members in `index.json`. */
function indexJson(layout: LayoutBuilder, more: Json): LayoutBuilder {
  const manifests = [layout.image({ layers: [{ tar: hello }] })];
  return layout.put('index.json', JSON.stringify({ schemaVersion: 2, ...more, manifests }));
}

/** The image `hello` with a config that is nested `depth` deep, in a member without effect. */
function nestedConfig(layout: LayoutBuilder, depth: number): LayoutBuilder {
  const deep = `${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}`;
  return configText(layout, config(layout, `"x":${deep},`));
}

/** An image with a layer of no bytes, whose size is written like this. */
function emptyLayer(layout: LayoutBuilder, size: string): LayoutBuilder {
  const { digest } = layout.image({ layers: [{ tar: new Uint8Array() }] });
  const manifest = new TextDecoder().decode(layout.files[blobPath(digest)]);
  layout.remove(blobPath(digest));
  const written = manifest.replace('"size":0', `"size":${size}`);
  return layout.index(layout.blob('application/vnd.oci.image.manifest.v1+json', written));
}

/** A config that is nested deeper than every implementation reads it. */
function nestedDeeper(depth: number): Recipe {
  const slug = `nesting-${depth}`;
  return {
    id: `image/${slug}`,
    make: async () => {
      const { input, params, files, ...rest } = await accepts(slug, trees.hello, {
        title: `A document that is nested ${depth.toLocaleString('en')} deep is read or rejected`,
        requirements: ['LAYER-114'],
        class: depth > 1000 ? 'HOSTILE' : 'LIMIT',
        build: layout => nestedConfig(layout, depth),
      }).make();
      if (rest.expect.outcome !== 'accept') throw new Error(`${slug} has no digest`);
      const { outcome: _, ...ifAccept } = rest.expect;
      const may = { because: 'A document that is nested so deeply can be rejected.', code: 'IMAGE_LIMIT' };
      return { ...rest, input, params, files, control: 'image/nesting-100', expect: either(may, ifAccept) };
    },
  };
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
  rejects('layout-version-absent', 'IMAGE_SCHEMA', 'one-layer', {
    title: 'A file oci-layout without a version is rejected',
    requirements: ['LAYER-001', 'LAYER-004'],
    build: layout => image(layout).put('oci-layout', '{}'),
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
  accepts('json-surrogate-pair', trees.hello, {
    title: 'A config can have an escaped surrogate pair',
    requirements: ['LAYER-003'],
    class: 'EDGE_CASE',
    build: layout => configText(layout, config(layout, '"author":"\\\\ud800 \\ud83d\\ude00",')),
  }),
  ...(
    [
      ['high', 'high surrogate', '"author":"\\ud83d",'],
      ['low', 'low surrogate', '"author":"\\ude00\\ud83d\\ude00",'],
      ['in-name', 'surrogate in a name', '"\\ud83d":"",'],
    ] as const
  ).map(([slug, what, more]) =>
    rejects(`json-surrogate-${slug}`, 'IMAGE_JSON', 'json-surrogate-pair', {
      title: `A config with an unpaired ${what} is rejected`,
      requirements: ['LAYER-003'],
      class: 'MALFORMED',
      build: layout => configText(layout, config(layout, more)),
    }),
  ),
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
  accepts('config-media-type-member', trees.hello, {
    title: 'A mediaType in a config, and names of other objects, have no effect',
    requirements: ['LAYER-004', 'LAYER-005', 'LAYER-006'],
    class: 'EDGE_CASE',
    build: layout => image(layout, { config: { mediaType: 'x', Size: 1, Layers: [], 'con\u212aig': 1 } }),
  }),
  accepts('index-json-media-type', trees.hello, {
    title: 'The mediaType of index.json can be any string',
    requirements: ['LAYER-006'],
    class: 'EDGE_CASE',
    build: layout => indexJson(layout, { mediaType: 'application/vnd.docker.distribution.manifest.v2+json' }),
  }),
  rejects('index-json-media-type-number', 'IMAGE_SCHEMA', 'index-json-media-type', {
    title: 'A mediaType of index.json that is not a string is rejected',
    requirements: ['LAYER-004'],
    build: layout => indexJson(layout, { mediaType: 1 }),
  }),
  rejects('manifests-in-other-case', 'IMAGE_SCHEMA', 'unknown-members', {
    title: 'A manifest with a member Manifests is rejected',
    requirements: ['LAYER-005'],
    class: 'HOSTILE',
    build: layout => image(layout, { manifest: { Manifests: [] } }),
  }),
  rejects('rootfs-member-in-other-case', 'IMAGE_SCHEMA', 'config-media-type-member', {
    title: 'A rootfs with a member Diff_IDs next to diff_ids is rejected',
    requirements: ['LAYER-005'],
    class: 'HOSTILE',
    build: layout => rootfs(layout, { Diff_IDs: [] }),
  }),
  accepts('null-optional', trees.hello, {
    title: 'Optional members that are null are absent',
    requirements: ['LAYER-110'],
    class: 'EDGE_CASE',
    links: ['https://github.com/moby/moby/issues/27568'],
    params: { platform: 'linux/amd64' },
    build: layout =>
      image(layout, {
        config: { variant: null, 'os.version': null, 'os.features': null },
        manifest: { mediaType: null, annotations: null },
        descriptor: { annotations: null, artifactType: null, platform: null },
        configDescriptor: { annotations: null },
      }),
  }),
  accepts('null-layers', trees.empty, {
    title: 'Layers and diff_ids that are null are empty',
    requirements: ['LAYER-110'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/opencontainers/image-spec/issues/1013'],
    build: layout =>
      layout.index(
        layout.image({
          layers: [],
          manifest: { layers: null },
          config: { rootfs: { type: 'layers', diff_ids: null } },
        }),
      ),
  }),
  ...(
    [
      ['config', { manifest: { config: null } }],
      ['size', { configDescriptor: { size: null } }],
      ['annotation', { descriptor: { annotations: { a: null } } }],
      ['manifests', { manifest: { manifests: null } }],
    ] as const
  ).map(([what, parts]) =>
    rejects(`null-${what}`, 'IMAGE_SCHEMA', 'null-optional', {
      title: `A member that is null is rejected: ${what}`,
      requirements: what === 'manifests' ? ['LAYER-006'] : ['LAYER-110', 'LAYER-004'],
      class: 'EDGE_CASE',
      build: layout => image(layout, parts),
    }),
  ),
  rejects('null-element', 'IMAGE_SCHEMA', 'one-layer', {
    title: 'An entry of index.json that is null is rejected',
    requirements: ['LAYER-110', 'LAYER-004'],
    class: 'EDGE_CASE',
    build: layout => {
      const manifests = [layout.image({ layers: [{ tar: hello }] }), null];
      return layout.put('index.json', JSON.stringify({ schemaVersion: 2, manifests }));
    },
  }),
  rejects('null-document', 'IMAGE_SCHEMA', 'null-optional', {
    title: 'A config that is null is rejected',
    requirements: ['LAYER-004'],
    class: 'EDGE_CASE',
    build: layout => configText(layout, 'null'),
  }),
  accepts('nesting-100', trees.hello, {
    title: 'A document that is nested 100 deep is read',
    requirements: ['LAYER-111'],
    class: 'LIMIT',
    build: layout => nestedConfig(layout, 100),
  }),
  ...[101, 20_000].map(nestedDeeper),
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
  accepts('descriptor-size-zero', trees.empty, {
    title: 'A layer of no bytes has size 0',
    requirements: ['LAYER-004', 'LAYER-011'],
    class: 'EDGE_CASE',
    build: layout => emptyLayer(layout, '0'),
  }),
  rejects('descriptor-size-minus-zero', 'IMAGE_SCHEMA', 'descriptor-size-zero', {
    title: 'The size -0 is rejected for a layer of no bytes',
    requirements: ['LAYER-004'],
    class: 'EDGE_CASE',
    build: layout => emptyLayer(layout, '-0'),
  }),
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
  accepts('members-with-other-long-s', trees.hello, {
    title: 'U+017F counts as a case variant of no letter but s',
    byComposefsRs: true,
    requirements: ['LAYER-005'],
    class: 'EDGE_CASE',
    build: layout =>
      image(layout, {
        config: { '\u017fs': 1, 'architectur\u017f': 1, '\u017footfs': 1 },
        manifest: { '\u017fayers': [], 'con\u017fig': {}, 'mediaT\u017fpe': '' },
        descriptor: { 'di\u017fest': '', 'si\u017fe': 0, '\u017flatform': '' },
      }),
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
  rejects('docker-config-other', 'IMAGE_MEDIA_TYPE', 'docker-config-json', {
    title: 'A Docker manifest with the config of an artifact is rejected',
    requirements: ['LAYER-112', 'LAYER-021'],
    build: layout =>
      image(layout, {
        types: 'docker',
        configDescriptor: { mediaType: 'application/vnd.oci.empty.v1+json' },
      }),
  }),
  ...(
    [
      ['octet-stream', 'application/octet-stream'],
      ['json', 'application/json'],
      ['html', 'text/html'],
      ['empty', ''],
      ['missing', undefined],
      ['null', null],
    ] as const
  ).flatMap(([slug, mediaType]) => [
    accepts(`docker-config-${slug}`, trees.hello, {
      title: `A Docker manifest can have a config of this media type: ${slug}`,
      requirements: ['LAYER-112'],
      class: 'KNOWN_BUG',
      links: ['https://github.com/moby/moby/pull/30083'],
      build: layout => image(layout, { types: 'docker', configDescriptor: { mediaType } }),
    }),
    rejects(
      `oci-config-${slug}`,
      typeof mediaType === 'string' ? 'IMAGE_MEDIA_TYPE' : 'IMAGE_SCHEMA',
      `docker-config-${slug}`,
      {
        title: `An OCI manifest with such a config is rejected: ${slug}`,
        requirements: ['LAYER-112', typeof mediaType === 'string' ? 'LAYER-021' : 'LAYER-004'],
        build: layout => image(layout, { configDescriptor: { mediaType } }),
      },
    ),
  ]),
];
