/**
 * Layouts with annotations in every place, and how a verifier treats them.
 * @module
 */

import { LayoutBuilder } from '../../conformance/generate/builder/layout.ts';
import { archive, bytes, file } from '../../conformance/generate/builder/tar.ts';
import { testKeys } from '../../conformance/generate/builder/test-keys.ts';
import { ComposefsError } from '../errors.ts';
import type { Algorithm } from '../fsverity/algorithm.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { openLayout } from '../oci/layout.ts';
import { digestKey, type PublishedObject, publishedObjects } from './keys.ts';
import { computeDigests } from './node/digests.ts';
import { openImages } from './node/image.ts';
import { onlyImage, writeLayout } from './node/layouts.test.helper.ts';
import { readCertificates } from './node/signing.ts';
import { verifyImage } from './node/verify.ts';

export const places = {
  manifest: ['manifest', 'config', 'layer', 'subject'],
  artifact: ['artifact', 'artifact config', 'artifact subject'],
  index: ['index.json', 'entry of index.json', 'index', 'entry of index'],
} as const;
export type Place = (typeof places)[keyof typeof places][number] | 'label';
export type Annotations = Readonly<Record<string, string>>;

/** What a layout has besides an image: annotations or labels, and the entries of an artifact. */
export interface Layout {
  readonly at?: Partial<Record<Place, Annotations>>;
  readonly docker?: boolean;
  readonly entries?: readonly Entry[];
}

/** An entry of an artifact; its blob is the signature, if it has one. */
export interface Entry {
  readonly annotations: Annotations;
  readonly signature?: Uint8Array;
}

const types = {
  index: 'application/vnd.oci.image.index.v1+json',
  empty: 'application/vnd.oci.empty.v1+json',
  artifact: 'application/vnd.composefs.metadata.v1',
  signature: 'application/vnd.composefs.signature.v1+pkcs7',
};

/** Writes the layout, and returns its directory. It has an artifact only if that has annotations or entries. */
function write({ at = {}, docker = false, entries }: Layout): string {
  const builder = new LayoutBuilder();
  const annotated = (place: Place) => (at[place] === undefined ? {} : { annotations: at[place] });
  const indexOf = (manifests: readonly unknown[], place: Place) =>
    JSON.stringify({ schemaVersion: 2, manifests, ...annotated(place) });
  const image = builder.image({
    types: docker ? 'docker' : 'oci',
    layers: [{ tar: archive(file('a', 'x')), descriptor: annotated('layer') }],
    config: at.label === undefined ? {} : { config: { Labels: at.label } },
    configDescriptor: annotated('config'),
    manifest: { ...annotated('manifest'), subject: builder.blob(types.empty, '{}', annotated('subject')) },
  });
  const nested = indexOf([{ ...image, ...annotated('entry of index') }], 'index');
  const listed = [builder.blob(types.index, nested, annotated('entry of index.json'))];
  if (entries !== undefined || places.artifact.some(place => at[place] !== undefined)) {
    const artifact = {
      schemaVersion: 2,
      artifactType: types.artifact,
      config: builder.blob(types.empty, '{}', annotated('artifact config')),
      layers: (entries ?? [{ annotations: published('merged') }]).map(({ signature, annotations }) =>
        builder.blob(signature ? types.signature : types.empty, signature ?? '{}', { annotations }),
      ),
      subject: { ...image, ...annotated('artifact subject') },
      ...annotated('artifact'),
    };
    const text = JSON.stringify(artifact);
    listed.push(builder.blob(image.mediaType, text, { artifactType: types.artifact }));
  }
  return writeLayout(builder.put('index.json', indexOf(listed, 'index.json')));
}

export const algorithms = ['fsverity-sha256-12', 'fsverity-sha512-12'] as const;

export function keyOf(object: PublishedObject, algorithm: Algorithm = algorithms[0]): string {
  return digestKey(object, algorithm);
}

/** The digests by their keys, of the image of every layout without annotations in that image. */
const digests = await (async () => {
  const image = onlyImage(await openImages(await openLayout(write({}), nodeSha2), {}));
  const requests = publishedObjects.flatMap(object =>
    algorithms.map(algorithm => ({ object, algorithm, layer: object === 'layer' ? 0 : undefined })),
  );
  const computed = await computeDigests(image, requests, {});
  return new Map(requests.map(each => [keyOf(each.object, each.algorithm), computed.get(each) ?? '']));
})();

/** The correct digest under `key`. */
export function digestUnder(key: string): string {
  const digest = digests.get(key);
  if (digest === undefined) throw new Error(`there is no digest under ${key}`);
  return digest;
}

/** The annotation with the correct digest of `object`. */
export function published(object: PublishedObject, algorithm?: Algorithm): Annotations {
  const key = keyOf(object, algorithm);
  return { [key]: digestUnder(key) };
}

const request = {
  trusted: readCertificates(bytes(testKeys.rsa.certificate), {}),
  // The command line publishes a digest, so that an image needs no other.
  role: 'merged.bootable',
  commandLine: bytes(`composefs.digest=v1-sha256-12:${digestUnder(keyOf('merged.bootable'))}`),
} as const;

/** How `keys` are treated: `signature` if one is signed, `published` if one is compared, `ignored`, or a code. */
export async function treatment(layout: Layout, keys: readonly string[]): Promise<string> {
  try {
    const verified = onlyImage((await verifyImage(write(layout), request)).images);
    if (keys.some(key => verified.signed.includes(key))) return 'signature';
    return keys.some(key => verified.keys.includes(key)) ? 'published' : 'ignored';
  } catch (error) {
    if (error instanceof ComposefsError) return error.code;
    throw error;
  }
}
