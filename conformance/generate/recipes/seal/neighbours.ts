/**
 * Documents of other tools next to an image: signatures that refer to it, and the same image for another snapshotter.
 * @module
 */

import { digestOf, type LayoutBuilder } from '../../builder/layout.ts';
import { bytes } from '../../builder/tar.ts';
import { trees } from '../image/parts.ts';
import {
  annotations,
  descriptor,
  emptyDescriptor,
  type IndexTemplate,
  lead,
  member,
  published,
  types,
} from './parts.ts';

/** A manifest that refers to an image, and its blob. */
export interface Neighbour {
  readonly artifactType: string;
  /** The blob of its only layer; nothing reads it. */
  readonly blob: string;
  /** The text for an image; `leading` is the descriptor of its manifest, without the closing brace. */
  readonly text: (leading: string) => string;
}

function neighbour(
  artifactType: string,
  {
    mediaType,
    blob,
    ofLayer = '',
    ofAll,
  }: Readonly<Record<'mediaType' | 'blob' | 'ofAll', string>> & {
    readonly ofLayer?: string;
  },
): Neighbour {
  const layer = `${descriptor(mediaType, blob)}${annotations(ofLayer)}}`;
  return {
    artifactType,
    blob,
    text: leading =>
      `{"schemaVersion":2,"mediaType":"${types.manifest}","artifactType":"${artifactType}",` +
      `"config":${emptyDescriptor}},"layers":[${layer}],"subject":${leading}}${annotations(ofAll)}}`,
  };
}

/**
 * A dm-verity signature of the Notary Project, which names a layer by an annotation:
 * https://github.com/notaryproject/notation/pull/1335
 */
export const notary = neighbour('application/vnd.cncf.notary.signature.dm-verity', {
  mediaType: 'application/pkcs7-signature',
  blob: 'a signature of a root hash',
  ofLayer: [
    member('io.cncf.notary.layer.digest', `sha256:${'5'.repeat(64)}`),
    member('io.cncf.notary.dm-verity.root-hash', '6'.repeat(64)),
  ].join(),
  ofAll: member('io.cncf.notary.dm-verity.signature', 'true'),
});

/** A signature as cosign 3 writes it. */
export const cosign = neighbour('application/vnd.dev.sigstore.bundle.v0.3+json', {
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  blob: '{}',
  ofAll: member('dev.sigstore.bundle.content', 'dsse-envelope'),
});

/** The entry of `index.json` for a neighbour. */
function entryOf({ artifactType, text }: Neighbour, leading: string): string {
  return `${lead(types.manifest, text(leading))},${member('artifactType', artifactType)}}`;
}

/** An index with the image, and the neighbours of the image that `before` leads to. */
export const besideNeighbours =
  (...neighbours: readonly Neighbour[]) =>
  (leading: string, before = leading): string => {
    const entries = neighbours.map(each => `,${entryOf(each, before)}`).join('');
    return `{"schemaVersion":2,"manifests":[${leading}}${entries}]}`;
  };

/** Adds the blobs of the neighbours of an image with this manifest. */
export function putNeighbours(builder: LayoutBuilder, manifest: string, ...all: readonly Neighbour[]): void {
  builder.blob('', bytes('{}'));
  for (const { text, blob } of all) {
    builder.blob('', blob);
    builder.blob(types.manifest, text(lead(types.manifest, manifest)));
  }
}

/** A layer as an EROFS image, which nothing reads. */
const erofsLayer = 'an EROFS image';
const erofsConfig = JSON.stringify({
  architecture: 'amd64',
  os: 'linux',
  'os.features': ['erofs'],
  rootfs: { type: 'layers', diff_ids: [digestOf(erofsLayer)] },
});
const erofsManifest =
  `{"schemaVersion":2,"mediaType":"${types.manifest}","config":${descriptor(types.config, erofsConfig)}},` +
  // Without a published digest, a verifier would have a second reason to reject it.
  `"layers":[${descriptor('application/vnd.erofs.layer.v1', erofsLayer)}}]${annotations(published('merged', trees.hello.sha256))}}`;

/** Adds the blobs of an image whose layers are EROFS images. */
export function putErofsImage(builder: LayoutBuilder): void {
  builder.blob('', erofsLayer);
  builder.blob(types.config, erofsConfig);
  builder.blob(types.manifest, erofsManifest);
}

/** An index with this image after one whose layers are EROFS images, for the same platform. */
export const behindErofsImage: IndexTemplate = leading => {
  const platform = '"platform":{"architecture":"amd64","os":"linux"';
  const erofs = `${lead(types.manifest, erofsManifest)},${platform},"os.features":["erofs"]}}`;
  return `{"schemaVersion":2,"manifests":[${erofs},${leading},${platform}}}]}`;
};
