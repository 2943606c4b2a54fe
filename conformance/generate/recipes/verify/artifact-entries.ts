/**
 * Which entries of an index lead to an artifact, and what is not read of an artifact that is ignored.
 * @module
 */

import { digestOf } from '../../builder/layout.ts';
import { bytes } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import {
  artifactEntry,
  artifactText,
  emptyDescriptor,
  helloAdditions,
  image,
  key,
  lead,
  plain,
  types,
} from '../seal/parts.ts';
import {
  type ArtifactParts,
  artifact,
  artifactKeys,
  bare,
  changed,
  type Facts,
  inlineKeys,
  merged,
  rejected,
  verified,
} from './parts.ts';

const mergedKey = key('merged');
const metadata = '"artifactType":"application/vnd.composefs.metadata.v1"';
const emptyBlob = `blobs/sha256/${/[0-9a-f]{64}/.exec(emptyDescriptor)?.[0]}`;

/** An entry for a blob that is missing, without its closing brace. */
const missing = (mediaType: string) =>
  `{"mediaType":"${mediaType}","digest":"sha256:${'3'.repeat(64)}","size":2`;

/** An index whose image has the tag `a`, so that the other entries are read only to find artifacts. */
const beside =
  (...entries: readonly string[]) =>
  (leading: string) =>
    `{"schemaVersion":2,"manifests":[${[`${leading},"annotations":{"org.opencontainers.image.ref.name":"a"}}`, ...entries].join(',')}]}`;
const params = { reference: 'a' };
/** The digest of the image of the layer `hello` without inline digests. */
const bareDigest = { manifestDigest: digestOf(plain(image(), bare())) };

/** A correct artifact whose keys and media types are those of a later version. */
const later = (text: string) =>
  text.replaceAll('fsverity-sha256-12', 'fsverity-sha3-12').replaceAll('empty', 'none');

/** The text of an entry with a size that is one more than that of the artifact. */
const longer = (entry: string) =>
  entry.replace(/"size":(\d+)/, (_, size: string) => `"size":${Number(size) + 1}`);

/** `right`, listed in an index whose entry has these members. */
function nested(right: ArtifactParts, members: string): ArtifactParts {
  const index = `{"schemaVersion":2,"manifests":[${artifactEntry(right.text)}]}`;
  return { ...right, blobs: [bytes(index)], entry: `${lead(types.index, index)},${members}}` };
}

/** An artifact whose entries in the index have no type, and the size of the artifact or a wrong one. */
function untypedEntries(...sizes: readonly ('right' | 'wrong')[]) {
  return {
    class: 'EDGE_CASE',
    params,
    add: bare,
    index: beside(),
    artifacts: (source, manifest) => {
      const right = artifact()(source, manifest);
      const entry = `${lead(types.manifest, right.text)}}`;
      return sizes.map(size => ({ ...right, entry: size === 'right' ? entry : longer(entry) }));
    },
  } satisfies Partial<Facts>;
}

export const recipes: readonly Recipe[] = [
  ...(
    [
      [
        'empty-typed-manifest-missing',
        'manifest under the type of its config',
        types.manifest,
        '"artifactType":"application/vnd.oci.empty.v1+json"',
      ],
      [
        'docker-typed-artifact-missing',
        'Docker manifest with the type of an artifact',
        types.dockerManifest,
        metadata,
      ],
      [
        'other-typed-manifest-missing',
        'manifest with an empty artifactType',
        types.manifest,
        '"artifactType":""',
      ],
      ['untyped-index-missing', 'index that is read only for artifacts', types.index, '"x":1'],
    ] as const
  ).map(([slug, what, mediaType, member]) =>
    verified(slug, {
      title: `A missing ${what} is ignored`,
      requirements: ['VERIFY-018'],
      class: 'EDGE_CASE',
      params,
      index: beside(`${missing(mediaType)},${member}}`),
    }),
  ),
  verified('artifact-manifest-digest', {
    title: 'An artifact of an image that is requested by its digest is read',
    requirements: ['VERIFY-018', 'VERIFY-003'],
    params: bareDigest,
    add: bare,
    artifacts: (source, manifest) => [artifact()(source, manifest)],
    keys: artifactKeys,
  }),
  rejected('artifact-manifest-digest-broken', 'IMAGE_JSON', 'artifact-manifest-digest', {
    title: 'A broken artifact is rejected if the image is requested by its digest',
    requirements: ['VERIFY-053'],
    class: 'EDGE_CASE',
    params: bareDigest,
    add: bare,
    artifacts: changed(text => text.replace('"schemaVersion":2', '"schemaVersion":2,"schemaVersion":2')),
  }),
  rejected('artifact-missing-listed-twice', 'IMAGE_BLOB', 'untyped-manifest-missing', {
    title: 'A missing manifest is rejected if one of its entries is an artifact',
    requirements: ['VERIFY-018', 'VERIFY-002'],
    class: 'EDGE_CASE',
    params,
    index: beside(`${missing(types.manifest)}}`, `${missing(types.manifest)},${metadata}}`),
  }),
  verified('artifact-first-entry', {
    title: 'An artifact is read by the first of its entries',
    requirements: ['VERIFY-063'],
    class: 'EDGE_CASE',
    add: bare,
    artifacts: (source, manifest) => {
      const right = artifact()(source, manifest);
      return [right, { ...right, entry: longer(artifactEntry(right.text)) }];
    },
    keys: artifactKeys,
  }),
  verified('artifact-entry-of-nested-index-first', {
    title: 'An entry in an index comes before the entries after the index',
    requirements: ['VERIFY-063', 'VERIFY-018'],
    class: 'EDGE_CASE',
    add: bare,
    artifacts: (source, manifest) => {
      const right = artifact()(source, manifest);
      return [
        nested(right, '"platform":{"os":"unknown"},"artifactType":"application/vnd.example"'),
        { ...right, entry: longer(artifactEntry(right.text)) },
      ];
    },
    keys: artifactKeys,
  }),
  rejected('artifact-entry-before-nested-index', 'IMAGE_SIZE', 'artifact-entry-of-nested-index-first', {
    title: 'An entry before an index comes before the entries in the index',
    requirements: ['VERIFY-063', 'VERIFY-002'],
    class: 'EDGE_CASE',
    add: bare,
    artifacts: (source, manifest) => {
      const right = artifact()(source, manifest);
      return [{ ...right, entry: longer(artifactEntry(right.text)) }, nested(right, '"x":1')];
    },
  }),
  rejected('artifact-first-entry-wrong', 'IMAGE_SIZE', 'artifact-first-entry', {
    title: 'A wrong size in the first entry of an artifact is rejected',
    requirements: ['VERIFY-063', 'VERIFY-002'],
    class: 'EDGE_CASE',
    add: bare,
    artifacts: (source, manifest) => {
      const right = artifact()(source, manifest);
      return [{ ...right, entry: longer(artifactEntry(right.text)) }, right];
    },
  }),
  verified('artifact-typed-entry-later', {
    title: 'An entry with the type of an artifact counts before one without',
    requirements: ['VERIFY-063'],
    class: 'EDGE_CASE',
    params,
    add: bare,
    index: beside(),
    artifacts: (source, manifest) => {
      const right = artifact()(source, manifest);
      return [{ ...right, entry: longer(`${lead(types.manifest, right.text)}}`) }, right];
    },
    keys: artifactKeys,
  }),
  verified('artifact-untyped-entries', {
    title: 'Of two entries without a type, the first leads to the artifact',
    requirements: ['VERIFY-063'],
    ...untypedEntries('right', 'wrong'),
    keys: artifactKeys,
  }),
  rejected('artifact-untyped-entries-wrong', 'VERIFY_UNPUBLISHED', 'artifact-untyped-entries', {
    title: 'A wrong first entry without a type leads to no artifact',
    requirements: ['VERIFY-063', 'VERIFY-018'],
    ...untypedEntries('wrong', 'right'),
  }),
  verified('artifact-of-another-version-blob-missing', {
    title: 'The blobs of an artifact without a known key are not read',
    requirements: ['VERIFY-061', 'VERIFY-020'],
    class: 'EDGE_CASE',
    artifacts: changed(later),
    build: builder => builder.remove(emptyBlob),
  }),
  rejected('artifact-merged-alone-blob-missing', 'IMAGE_BLOB', 'artifact-merged-alone', {
    title: 'An artifact with one entry and without the empty blob is rejected',
    requirements: ['VERIFY-002', 'VERIFY-061'],
    class: 'EDGE_CASE',
    add: bare,
    artifacts: (_, manifest) => [
      { text: artifactText('sha256', [['merged', merged]], lead(types.manifest, manifest)) },
    ],
    build: builder => builder.remove(emptyBlob),
  }),
  ...(
    [
      [4, 'is found', true],
      [5, 'is ignored', false],
    ] as const
  ).map(([depth, what, isFound]) =>
    verified(`artifact-below-${depth}-indexes`, {
      title: `An artifact ${what} in an index ${depth} levels below index.json`,
      requirements: ['VERIFY-018'],
      class: 'LIMIT',
      params,
      add: isFound ? bare : helloAdditions,
      index: beside(),
      artifacts: (source, manifest) => {
        const right = artifact()(source, manifest);
        const indexes: string[] = [];
        for (let i = 0; i < depth; i++) {
          const inner = indexes.at(-1);
          const entry = inner === undefined ? artifactEntry(right.text) : `${lead(types.index, inner)}}`;
          indexes.push(`{"schemaVersion":2,"manifests":[${entry}]}`);
        }
        return [
          {
            ...right,
            blobs: indexes.map(text => bytes(text)),
            entry: `${lead(types.index, indexes.at(-1) ?? '')}}`,
          },
        ];
      },
      keys: isFound ? artifactKeys : inlineKeys,
    }),
  ),
  rejected('artifact-of-another-version-place', 'VERIFY_PLACE', 'artifact-of-another-version', {
    title: 'A known key of an artifact is rejected without others in its entries',
    requirements: ['VERIFY-020', 'VERIFY-023'],
    class: 'EDGE_CASE',
    artifacts: changed(text => later(text).replace(/\}$/, `,"annotations":{"${mergedKey}":"${merged}"}}`)),
  }),
  rejected('artifact-of-another-version-key-case', 'VERIFY_KEY', 'artifact-of-another-version', {
    title: 'A key in a different case is rejected without known keys',
    requirements: ['VERIFY-020', 'VERIFY-025'],
    class: 'EDGE_CASE',
    artifacts: changed(text =>
      later(text).replace(`"${mergedKey.replace('sha256', 'sha3')}"`, `"${mergedKey.toUpperCase()}"`),
    ),
  }),
  rejected('artifact-signature-alone', 'VERIFY_ARTIFACT', 'artifact', {
    title: 'An artifact entry with a signature key alone is rejected',
    requirements: ['VERIFY-021', 'VERIFY-062'],
    add: bare,
    artifacts: changed(text =>
      text.replace(
        '],"subject"',
        `,${emptyDescriptor},"annotations":{"${key('merged.bootable')}.sig":"AAAA"}}],"subject"`,
      ),
    ),
  }),
  rejected('artifact-entry-of-signature-alone', 'VERIFY_ARTIFACT', 'artifact-of-another-version', {
    title: 'An artifact whose only known key is a signature key is rejected',
    requirements: ['VERIFY-021', 'VERIFY-062'],
    class: 'EDGE_CASE',
    artifacts: changed(text =>
      later(text).replace(
        `"${mergedKey.replace('sha256', 'sha3')}":"${merged}"`,
        `"${mergedKey}.sig":"AAAA"`,
      ),
    ),
  }),
];
