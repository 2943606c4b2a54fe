/**
 * What sealing keeps: the spelling of values that are right, media types, entries of other documents, and artifacts.
 * @module
 */

import { verityDigest } from '../../../suite/verity.ts';
import { storedGzip } from '../../builder/compression.ts';
import { digestOf } from '../../builder/layout.ts';
import { bytes } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { hello, trees } from '../image/parts.ts';
import {
  type Additions,
  annotations,
  artifactEntry,
  artifactText,
  descriptor,
  helloAdditions,
  helloEntries,
  type Image,
  type Inline,
  image,
  lead,
  nothing,
  plain,
  published,
  rejects,
  seals,
  types,
} from './parts.ts';
import { policyMerged, withPolicy } from './policy.ts';

const list = (...entries: readonly string[]) => `{"schemaVersion":2,"manifests":[${entries.join(',')}]}`;

/** The digest of role merged with its first digit, a 6, as an escape. */
const escaped = published('merged', trees.hello.sha256).replace(':"6', ':"\\u0036');

/** A foreign annotation: its name has an escaped quotation mark, and its value ends in one and in a backslash. */
const foreign = String.raw`"org.example.\"a":"\"a, b\" \\"`;

/** A wrong digest, as left by a tool that inherits annotations. */
const stale = (source: Image): Additions => ({
  ...helloAdditions(source),
  manifest: published('merged', trees.bonjour.sha256),
});

/** Media types before and after conversion. */
interface Types {
  readonly manifest: string;
  readonly config: string;
  readonly layer: string;
}
const docker: Types = {
  manifest: types.dockerManifest,
  config: types.dockerConfig,
  layer: types.dockerLayer,
};
const oci: Types = { manifest: types.manifest, config: types.config, layer: `${types.layer}+gzip` };

/** An image of one compressed layer, with these media types before sealing and after it. */
function converted(before: Types, after: Types): Pick<Inline, 'manifest' | 'build' | 'mediaTypes' | 'needs'> {
  const compressed = storedGzip(hello);
  return {
    needs: ['compression.gzip'],
    mediaTypes: [before.manifest, after.manifest],
    build: builder => builder.blob(types.layer, compressed),
    manifest: ({ config }, add) => {
      const { manifest, config: configType, layer } = add === nothing ? before : after;
      return (
        `{"schemaVersion":2,"mediaType":"${manifest}","config":${descriptor(configType, config)}${annotations(add.config)}},` +
        `"layers":[{"mediaType":"${layer}","digest":"${digestOf(compressed)}","size":${compressed.length}}]${annotations(add.manifest)}}`
      );
    },
  };
}

/** An `index.json` with a media type of its own. */
const typed = (mediaType: string, ...entries: readonly string[]) =>
  list(...entries).replace('{', `{"mediaType":"${mediaType}",`);
const tagged = (leading: string, name: string) =>
  `${leading},"annotations":{"org.opencontainers.image.ref.name":"${name}"}}`;

/** The manifest with the stale digest, which an artifact of the layout describes. */
const staleText = () => plain(image(), stale(image()));

/** An artifact of that manifest, in which the digest of role merged is `merged`. */
const artifactOfStale = (merged: string) => {
  const text = staleText();
  const entries = helloEntries(image(), text).map(
    ([name, digest]) => [name, name === 'merged' ? merged : digest] as const,
  );
  return artifactText('sha256', entries, lead(types.manifest, text));
};

const replacedBesideArtifact = (merged: string): Pick<Inline, 'params' | 'before' | 'index' | 'build'> => ({
  params: { replace: 'true' },
  before: stale,
  index: leading => list(`${leading}}`, artifactEntry(artifactOfStale(merged))),
  build: builder => {
    builder.blob(types.manifest, artifactOfStale(merged));
    builder.blob('', '{}');
  },
});

export const recipes: readonly Recipe[] = [
  seals('value-escaped', {
    title: 'A correct digest keeps its escapes',
    requirements: ['SEAL-056', 'SEAL-011'],
    class: 'EDGE_CASE',
    before: source => ({ ...helloAdditions(source), manifest: escaped }),
    add: source => ({ ...helloAdditions(source), manifest: escaped }),
  }),
  seals('value-escaped-beside', {
    title: 'A correct digest keeps its escapes if others are added',
    requirements: ['SEAL-056', 'SEAL-012', 'SEAL-014'],
    class: 'EDGE_CASE',
    before: () => ({ ...nothing, manifest: escaped }),
    add: source => ({ ...helloAdditions(source), manifest: escaped }),
  }),
  seals('strings-escaped', {
    title: 'Strings with escaped quotation marks and backslashes are kept',
    requirements: ['SEAL-012', 'SEAL-014'],
    class: 'EDGE_CASE',
    before: () => ({ ...nothing, manifest: foreign }),
    add: source => {
      const { manifest, ...others } = helloAdditions(source);
      return { ...others, manifest: `${foreign},${manifest}` };
    },
  }),
  seals('policy-merged', {
    title: 'A missing SELinux policy has no effect without merged.bootable',
    requirements: ['SEAL-059', 'SEAL-009'],
    class: 'EDGE_CASE',
    image: withPolicy,
    add: source => ({
      config: published('config', verityDigest(bytes(source.config))),
      layers: [],
      manifest: published('merged', policyMerged),
    }),
  }),
  seals('convert-mixed', {
    title: 'Docker types in an OCI manifest are converted on request',
    requirements: ['SEAL-028'],
    class: 'EDGE_CASE',
    params: { convert: 'true' },
    ...converted({ ...oci, layer: docker.layer }, oci),
  }),
  seals('docker-types-kept', {
    title: 'Docker types in an OCI manifest are kept without a request',
    requirements: ['SEAL-012', 'SEAL-027'],
    class: 'EDGE_CASE',
    ...converted({ ...docker, manifest: types.manifest }, { ...docker, manifest: types.manifest }),
  }),
  seals('index-docker-type-kept', {
    title: 'The Docker media type of index.json is kept',
    requirements: ['SEAL-012', 'SEAL-028'],
    class: 'EDGE_CASE',
    index: leading => typed(types.dockerList, `${leading}}`),
  }),
  seals('docker-converted-index', {
    title: 'The Docker media type of index.json is converted on request',
    requirements: ['SEAL-028'],
    class: 'EDGE_CASE',
    params: { convert: 'true' },
    ...converted(docker, oci),
    index: leading =>
      typed(leading.includes(docker.manifest) ? types.dockerList : types.index, `${leading}}`),
  }),
  seals('docker-converted-tag', {
    title: 'A converted copy of an entry leaves the entry as it is',
    requirements: ['SEAL-022', 'SEAL-028'],
    class: 'EDGE_CASE',
    params: { convert: 'true', reference: 'a', tag: 'b' },
    ...converted(docker, oci),
    index: leading => typed(types.dockerList, tagged(leading, 'a')),
    indexAfter: (after, before) => typed(types.index, tagged(before, 'a'), tagged(after, 'b')),
  }),
  rejects('tag-empty', 'SEAL_TAG', 'tag-first', {
    title: 'An empty tag is rejected',
    requirements: ['SEAL-024'],
    params: { tag: '' },
  }),
  seals('index-entries-of-others', {
    title: 'Entries that are not images keep the digest of the former manifest',
    requirements: ['SEAL-017', 'SEAL-012'],
    class: 'EDGE_CASE',
    index: leading => withOthers(`${leading}}`, leading),
    indexAfter: (after, before) => withOthers(`${after}}`, before),
  }),
  seals('replace-with-artifact', {
    title: 'An artifact of the former manifest counts when digests are replaced',
    requirements: ['SEAL-060', 'SEAL-025'],
    class: 'EDGE_CASE',
    ...replacedBesideArtifact(trees.hello.sha256),
  }),
  rejects('replace-with-wrong-artifact', 'VERIFY_DIGEST', 'replace-with-artifact', {
    title: 'A wrong artifact is rejected even if digests are replaced',
    requirements: ['SEAL-060', 'SEAL-010'],
    ...replacedBesideArtifact(trees.bonjour.sha256),
  }),
  seals('replace-with-right-label', {
    title: 'A correct label stays when digests are replaced',
    requirements: ['SEAL-060'],
    params: { replace: 'true' },
    image: () =>
      image(undefined, { config: { Labels: { 'containers.composefs.fsverity': trees.hello.sha256 } } }),
  }),
  rejects('replace-with-wrong-label', 'VERIFY_DIGEST', 'replace-with-right-label', {
    title: 'A wrong label is rejected even if digests are replaced',
    requirements: ['SEAL-060', 'SEAL-010'],
    params: { replace: 'true' },
    image: () =>
      image(undefined, { config: { Labels: { 'containers.composefs.fsverity': trees.bonjour.sha256 } } }),
  }),
];

/** An index with an attestation and an entry of another type, both with the digest of the manifest before sealing. */
function withOthers(entry: string, before: string): string {
  const unknown = '"platform":{"architecture":"unknown","os":"unknown"}';
  return list(entry, `${before},${unknown}}`, `${before},"artifactType":"application/vnd.example"}`);
}
