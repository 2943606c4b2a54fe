/**
 * Indexes above a sealed manifest, tags of the result, replacement of digests, and Docker images.
 * @module
 */

import { verityDigest } from '../../../suite/verity.ts';
import { storedGzip } from '../../builder/compression.ts';
import { digestOf, platform } from '../../builder/layout.ts';
import { bytes } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { hello, trees } from '../image/parts.ts';
import {
  type Additions,
  annotations,
  descriptor,
  helloAdditions,
  type Image,
  type Inline,
  image,
  key,
  lead,
  member,
  nothing,
  plain,
  published,
  rejects,
  seals,
  types,
} from './parts.ts';

const refName = 'org.opencontainers.image.ref.name';
const tagged = (leading: string, name: string) => `${leading},"annotations":{"${refName}":"${name}"}}`;
const list = (...entries: readonly string[]) => `{"schemaVersion":2,"manifests":[${entries.join(',')}]}`;

/** An entry for an image whose blobs are missing and need not be read. */
const other = (more: object) =>
  JSON.stringify({ mediaType: types.manifest, digest: `sha256:${'0'.repeat(64)}`, size: 2, ...more });

const amd64 = '"platform":{"architecture":"amd64","os":"linux"}';
const arm64 = '"platform":{"architecture":"arm64","os":"linux"}';

/** A layout whose `index.json` leads to the manifest through `depth` indexes. */
function nested(depth: number): Pick<Inline, 'index' | 'build' | 'indexAfter'> {
  const wrap = (leading: string): string[] => {
    const texts = [
      `{"schemaVersion":2, "manifests":[${other(platform('linux', 's390x'))},${leading} } ], "x":[]}`,
    ];
    for (let i = 1; i < depth; i++) texts.push(list(`${lead(types.index, texts.at(-1) ?? '')},"y":1}`));
    return texts;
  };
  const top = (leading: string) => list(`${lead(types.index, wrap(leading).at(-1) ?? '')}}`);
  return {
    index: top,
    build: (builder, manifest) => {
      for (const text of wrap(lead(types.manifest, manifest))) builder.blob(types.index, text);
    },
  };
}

/** The manifest of a Docker image, or its conversion to OCI. */
function docker({ config, layers }: Image, add: Additions, oci = false): string {
  const [layer = { descriptor: '' }] = layers;
  const compressed = storedGzip(hello);
  const layerType = oci ? `${types.layer}+gzip` : types.dockerLayer;
  const layerText = JSON.stringify({
    mediaType: layerType,
    size: compressed.length,
    digest: digestOf(compressed),
  });
  const configText = descriptor(oci ? types.config : types.dockerConfig, config);
  return (
    `{"schemaVersion":2,"mediaType":"${oci ? types.manifest : types.dockerManifest}",` +
    `"config":${configText}${annotations(add.config)}},"layers":[${layer && layerText}]${annotations(add.manifest)}}`
  );
}

const dockerImage = {
  manifest: (source, add) => docker(source, add, add !== nothing),
  build: builder => builder.blob(types.layer, storedGzip(hello)),
  mediaTypes: [types.dockerManifest, types.manifest],
} as const satisfies Partial<Inline>;

/** A wrong digest, as left by a tool that inherits annotations. */
const stale = published('merged', trees.bonjour.sha256);

/** A manifest whose annotations are `before`, and after sealing `after`, with the new keys instead of `@`. */
const replaced = (before: string, after: string): Pick<Inline, 'manifest' | 'params'> => ({
  params: { replace: 'true' },
  manifest: (source, add) =>
    `{"schemaVersion":2,"config":${descriptor(types.config, source.config)}${annotations(add.config)}},` +
    `"layers":[${source.layers[0]?.descriptor}}],"annotations":{${add === nothing ? before : `${after.replace('@', add.manifest)}`}}}`,
});

export const recipes: readonly Recipe[] = [
  seals('index-tagged', {
    title: 'The tagged entry leads to the sealed manifest and is kept otherwise',
    requirements: ['SEAL-017', 'SEAL-012'],
    index: leading =>
      `{ "schemaVersion" : 2, "manifests" : [ ${leading}, "platform":{"os":"linux","architecture":"amd64"},` +
      `"annotations":{"${refName}":"latest","a":"\\/"} } ], "annotations":{} }`,
  }),
  seals('index-two-tags', {
    title: 'Without a reference, both tags lead to the sealed manifest',
    requirements: ['SEAL-017'],
    class: 'EDGE_CASE',
    index: leading => list(tagged(leading, 'a'), tagged(leading, 'b')),
  }),
  seals('index-one-of-two-tags', {
    title: 'A tag that is not requested still leads to the unsealed image',
    requirements: ['SEAL-017'],
    params: { reference: 'a' },
    index: leading => list(tagged(leading, 'a'), tagged(leading, 'b')),
    indexAfter: (after, before) => list(tagged(after, 'a'), tagged(before, 'b')),
  }),
  seals('index-nested', {
    title: 'An index above a sealed manifest is updated',
    requirements: ['SEAL-017', 'SEAL-012'],
    params: { platform: 'linux/amd64' },
    ...nested(1),
  }),
  seals('index-nested-deep', {
    title: 'Four indexes above a sealed manifest are updated',
    requirements: ['SEAL-017'],
    class: 'LIMIT',
    params: { platform: 'linux/amd64' },
    ...nested(4),
  }),
  seals('index-data', {
    title: 'A copy of the manifest in the data of its descriptor is updated',
    requirements: ['SEAL-018'],
    class: 'EDGE_CASE',
    index: leading => {
      const size = /"size":(\d+)/.exec(leading)?.[1];
      const source = image();
      const texts = [plain(source, nothing), plain(source, helloAdditions(source))];
      const text = texts.find(each => String(bytes(each).length) === size) ?? '';
      return list(`${leading},"data":"${Buffer.from(text).toString('base64')}"}`);
    },
  }),
  seals('index-sha512', {
    title: 'A manifest named by SHA-512 keeps SHA-512 in its descriptor',
    requirements: ['SEAL-017'],
    class: 'EDGE_CASE',
    hash: 'sha512',
  }),
  seals('index-digest-first', {
    title: 'Members of a descriptor can be in any order',
    requirements: ['SEAL-013', 'SEAL-017'],
    index: leading => {
      const { mediaType, digest, size } = JSON.parse(`${leading}}`);
      return list(`{"size": ${size} ,"x":{"size":1},"digest":\t"${digest}","mediaType":"${mediaType}"}`);
    },
  }),
  seals('tag-new', {
    title: 'A new tag adds an entry and keeps the unsealed image',
    requirements: ['SEAL-022'],
    params: { reference: 'latest', tag: 'sealed' },
    index: leading => list(tagged(leading, 'latest')),
    indexAfter: (after, before) => list(tagged(before, 'latest'), tagged(after, 'sealed')),
  }),
  seals('tag-first', {
    title: 'An entry without annotations gets them with its tag',
    requirements: ['SEAL-022', 'SEAL-016'],
    params: { tag: 'v1.0_x-y/z@1+2:3' },
    index: leading => list(`${leading} }`),
    indexAfter: (after, before) =>
      list(`${before} }`, `${after},"annotations":{"${refName}":"v1.0_x-y/z@1+2:3"} }`),
  }),
  seals('tag-there', {
    title: 'A new tag replaces the entry that has this tag',
    requirements: ['SEAL-022'],
    params: { reference: 'latest', tag: 'sealed' },
    index: leading =>
      list(other({ annotations: { [refName]: 'sealed' } }), tagged(leading, 'latest'), other({ x: 1 })),
    indexAfter: (after, before) => list(tagged(after, 'sealed'), tagged(before, 'latest'), other({ x: 1 })),
  }),
  seals('tag-same', {
    title: 'The tag that the image already has adds no entry',
    requirements: ['SEAL-022', 'SEAL-017'],
    params: { tag: 'latest' },
    index: leading => list(tagged(leading, 'latest')),
  }),
  seals('tag-of-sealed', {
    title: 'A sealed image can get a second tag',
    requirements: ['SEAL-022', 'SEAL-011'],
    class: 'EDGE_CASE',
    params: { tag: 'b' },
    before: source => helloAdditions(source),
    index: leading => list(tagged(leading, 'a')),
    indexAfter: after => list(tagged(after, 'a'), tagged(after, 'b')),
  }),
  seals('tag-unselected-beside', {
    title: 'An entry for a platform that is not requested is not selected',
    requirements: ['SEAL-022', 'SEAL-023'],
    class: 'EDGE_CASE',
    params: { platform: 'linux/amd64', tag: 'sealed' },
    index: leading => list(`${leading},${amd64}}`, `${leading},${arm64}}`),
    indexAfter: (after, before) =>
      list(
        `${before},${amd64}}`,
        `${before},${arm64}}`,
        `${after},${amd64},"annotations":{"${refName}":"sealed"}}`,
      ),
  }),
  rejects('tag-two-chosen', 'IMAGE_AMBIGUOUS', 'tag-new', {
    title: 'A new tag for two selected entries is rejected',
    requirements: ['SEAL-023'],
    params: { tag: 'sealed' },
    index: leading => list(tagged(leading, 'a'), tagged(leading, 'b')),
  }),
  rejects('tag-two-chosen-one-with-it', 'IMAGE_AMBIGUOUS', 'tag-new', {
    title: 'A tag that only one of two selected entries has is rejected',
    requirements: ['SEAL-022', 'SEAL-023'],
    params: { tag: 'sealed' },
    index: leading => list(tagged(leading, 'sealed'), tagged(leading, 'b')),
  }),
  rejects('tag-two-there', 'IMAGE_AMBIGUOUS', 'tag-there', {
    title: 'A new tag that two entries already have is rejected',
    requirements: ['SEAL-023'],
    params: { reference: 'a', tag: 'b' },
    index: leading =>
      list(tagged(leading, 'a'), ...[1, 2].map(x => other({ annotations: { [refName]: 'b' }, x }))),
  }),
  rejects('tag-malformed', 'SEAL_TAG', 'tag-first', {
    title: 'A tag with a number sign is rejected',
    requirements: ['SEAL-024'],
    params: { tag: 'a#b' },
  }),
  seals('replace-only', {
    title: 'A wrong digest is replaced on request',
    requirements: ['SEAL-025', 'SEAL-026'],
    ...replaced(stale, '@'),
  }),
  seals('replace-first', {
    title: 'A member removed at the beginning takes its comma with it',
    requirements: ['SEAL-026'],
    ...replaced(`${stale} , "org.example.a":"a" `, '"org.example.a":"a",@ '),
  }),
  seals('replace-middle', {
    title: 'A member removed in the middle takes the comma after it with it',
    requirements: ['SEAL-026'],
    ...replaced(
      ` "org.example.a" : "a" , ${stale} ,\n"org.example.b":"b" `,
      ' "org.example.a" : "a" , "org.example.b":"b",@ ',
    ),
  }),
  seals('replace-last', {
    title: 'A member removed at the end takes the comma before it with it',
    requirements: ['SEAL-026'],
    ...replaced(` "org.example.a":"a" , ${stale} `, ' "org.example.a":"a",@ '),
  }),
  seals('replace-all-kinds', {
    title: 'Signatures, other algorithms, cases and older names are removed',
    requirements: ['SEAL-025', 'SEAL-026'],
    ...replaced(
      [
        stale,
        member(`${key('merged')}.sig`, 'AAAA'),
        member('composefs.future', 'x'),
        published('merged.bootable', trees.bonjour.sha512),
        member(key('layer').toUpperCase(), 'x'),
        member('containers.composefs-digest', 'x'),
      ].join(','),
      `${member('composefs.future', 'x')},@`,
    ),
  }),
  seals('replace-everywhere', {
    title: 'Keys are removed from the config and layer descriptors',
    requirements: ['SEAL-025'],
    params: { replace: 'true' },
    before: source => ({
      config: published('config', verityDigest(bytes(source.config), 'sha512')),
      layers: [published('layer', trees.bonjour.sha256)],
      manifest: '',
    }),
    manifest: (source, add) =>
      add.layers.length > 0
        ? plain(source, add)
        : plain(source, { ...add, layers: ['@'] }).replace('{@}', '{}'),
  }),
  seals('replace-subject', {
    title: 'Keys are removed from the subject of the manifest',
    requirements: ['SEAL-025'],
    class: 'EDGE_CASE',
    params: { replace: 'true' },
    manifest: (source, add) => {
      const subject = `{"mediaType":"${types.manifest}","digest":"sha256:${'0'.repeat(64)}","size":2,"annotations":{`;
      const inside = add === nothing ? stale : '';
      return plain(source, add).replace('"layers":', `"subject":${subject}${inside}}},"layers":`);
    },
  }),
  seals('replace-nothing', {
    title: 'Replacing digests in an unsealed image removes nothing',
    requirements: ['SEAL-025'],
    params: { replace: 'true' },
  }),
  seals('replace-sealed', {
    title: 'Replacing correct digests changes nothing',
    requirements: ['SEAL-025', 'SEAL-011'],
    params: { replace: 'true' },
    before: source => helloAdditions(source),
  }),
  seals('replace-in-empty', {
    title: 'Replacing digests in empty annotations removes nothing',
    requirements: ['SEAL-025', 'SEAL-026', 'SEAL-016'],
    class: 'EDGE_CASE',
    ...replaced('', '@'),
  }),
  rejects('docker', 'SEAL_DOCKER', 'docker-converted', {
    title: 'A Docker manifest is rejected',
    requirements: ['SEAL-027'],
    ...dockerImage,
  }),
  seals('docker-converted', {
    title: 'A Docker manifest is converted on request',
    requirements: ['SEAL-028', 'SEAL-019'],
    needs: ['compression.gzip'],
    params: { convert: 'true' },
    ...dockerImage,
  }),
  seals('docker-config-converted', {
    title: 'An older media type of a Docker config is converted',
    requirements: ['SEAL-028', 'LAYER-112'],
    needs: ['compression.gzip'],
    params: { convert: 'true' },
    ...dockerImage,
    manifest: (source, add) =>
      dockerImage.manifest(source, add).replace(types.dockerConfig, 'application/octet-stream'),
  }),
  seals('annotations-null', {
    title: 'Annotations that are null are replaced',
    requirements: ['SEAL-016', 'LAYER-110'],
    class: 'EDGE_CASE',
    manifest: (source, add) =>
      add === nothing ? plain(source, add).replace(/\}$/, ',"annotations":null}') : plain(source, add),
  }),
  seals('docker-list-converted', {
    title: 'A Docker manifest list above a converted manifest is converted',
    requirements: ['SEAL-028'],
    needs: ['compression.gzip'],
    params: { convert: 'true', platform: 'linux/amd64' },
    ...dockerImage,
    build: (builder, manifest) => {
      builder.blob(types.layer, storedGzip(hello));
      builder.blob(types.dockerList, dockerList(lead(types.dockerManifest, manifest), types.dockerList));
    },
    index: leading => {
      const type = leading.includes(types.dockerManifest) ? types.dockerList : types.index;
      return list(`${lead(type, dockerList(leading, type))}}`);
    },
  }),
  seals('convert-oci', {
    title: 'An OCI manifest does not change when it is converted',
    requirements: ['SEAL-028'],
    params: { convert: 'true' },
  }),
];

/** A manifest list with an image for a second platform, which is not converted. */
function dockerList(leading: string, type: string): string {
  const s390x = other({ mediaType: types.dockerManifest, ...platform('linux', 's390x') });
  const amd64 = `${leading},${JSON.stringify(platform('linux', 'amd64')).slice(1)}`;
  return `{"schemaVersion":2,"mediaType":"${type}","manifests":[${amd64},${s390x}]}`;
}
