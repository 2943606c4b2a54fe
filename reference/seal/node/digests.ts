/**
 * The digests of an image, computed from its blobs: to be published, or compared with published ones.
 * @module
 */

import type { TreeSteps } from '../../build-tree.ts';
import { hex } from '../../bytes.ts';
import { imageDigest } from '../../erofs/write.ts';
import { ComposefsError } from '../../errors.ts';
import type { Algorithm } from '../../fsverity/algorithm.ts';
import { fsverityDigest } from '../../fsverity/digest.ts';
import { Expansion } from '../../oci/expansion.ts';
import { type ManifestOptions, manifestTree } from '../../oci/image-tree.ts';
import type { OciLayout } from '../../oci/layout.ts';
import type { Descriptor } from '../../oci/schemas.ts';
import type { Directory } from '../../tree/inode.ts';
import type { PublishedObject } from '../keys.ts';

/** Which digest to compute. */
export interface DigestRequest {
  readonly object: PublishedObject;
  readonly algorithm: Algorithm;
  /** Number of the layer, for object `layer`. */
  readonly layer?: number | undefined;
  /** Format of the EROFS image. Default: v1. */
  readonly format?: 'v1' | 'v2' | undefined;
}

/** An image in a layout, with the bytes of its documents. */
export interface LayoutImage {
  readonly layout: OciLayout;
  readonly descriptor: Descriptor;
  readonly manifest: Uint8Array;
  readonly config: Uint8Array;
}

/** Options for reading the layers. */
export interface LayerReadingOptions
  extends Pick<ManifestOptions, 'expansion' | 'maxExpansion' | 'maxSize' | 'progress'> {
  /** Digests that earlier requests have computed, by the digest of the manifest. Default: none. */
  readonly computed?: Map<string, ComputedDigests> | undefined;
}

/** `options` for a request that reads several times: the bytes of all readings count together (LAYER-102). */
export function countedTogether<T extends LayerReadingOptions>(
  options: T,
): T & { readonly expansion: Expansion } {
  return { ...options, expansion: options.expansion ?? new Expansion(options) };
}

/**
 * Computed digests in lower-case hex. A layer without an image of its own has none, nor has a tree that format v2
 * cannot represent.
 */
export class ComputedDigests {
  readonly #digests = new Map<string, string | undefined>();

  /** The digest of `request`, which must be one of those that {@link computeDigests} was called with. */
  get(request: DigestRequest): string | undefined {
    return this.#digests.get(requestKey(request));
  }

  has(request: DigestRequest): boolean {
    return this.#digests.has(requestKey(request));
  }

  set(request: DigestRequest, digest: string | undefined): void {
    this.#digests.set(requestKey(request), digest);
  }
}

/** Computes digests; throws as the tree builder does. The layers of `merged` are read once for each algorithm. */
export async function computeDigests(
  image: LayoutImage,
  requests: readonly DigestRequest[],
  options: LayerReadingOptions,
): Promise<ComputedDigests> {
  const digests = options.computed?.get(image.descriptor.digest) ?? new ComputedDigests();
  options.computed?.set(image.descriptor.digest, digests);
  const missing = requests.filter(each => !digests.has(each));
  // Several artifacts publish the same digests, which are computed once.
  const unique = [...new Map(missing.map(each => [requestKey(each), each])).values()];
  for (const algorithm of new Set(unique.map(each => each.algorithm))) {
    const sha2 = image.layout.sha2;
    const these = unique.filter(each => each.algorithm === algorithm);
    for (const each of these) {
      if (each.object !== 'manifest' && each.object !== 'config') continue;
      digests.set(each, hex(fsverityDigest(image[each.object], algorithm, sha2)));
    }
    const whole = these.filter(({ object }) => object === 'merged' || object === 'merged.bootable');
    if (whole.length > 0) {
      await wholeDigests(image, algorithm, whole, digests, options);
    }
    for (const each of these) {
      if (each.object === 'layer') digests.set(each, await layerDigest(image, each, options));
    }
  }
  return digests;
}

/** Adds the digests of `requests` with `algorithm`, all of them of the whole image, to `digests`. */
async function wholeDigests(
  image: LayoutImage,
  algorithm: Algorithm,
  requests: readonly DigestRequest[],
  digests: ComputedDigests,
  options: LayerReadingOptions,
): Promise<void> {
  const measureAll = (tree: Directory, object: PublishedObject) => {
    for (const each of requests) if (each.object === object) digests.set(each, measure(image, tree, each));
  };
  const isBootable = requests.some(({ object }) => object === 'merged.bootable');
  if (!isBootable) {
    measureAll(await readTree(image, algorithm, 'merged', undefined, options), 'merged');
    return;
  }
  const steps: TreeSteps = { transformed: tree => measureAll(tree, 'merged') };
  const tree = await readTree(image, algorithm, 'merged.bootable', undefined, { ...options, steps });
  measureAll(tree, 'merged.bootable');
}

async function layerDigest(
  image: LayoutImage,
  request: DigestRequest,
  options: LayerReadingOptions,
): Promise<string | undefined> {
  try {
    const tree = await readTree(image, request.algorithm, 'layer', request.layer, options);
    return measure(image, tree, request);
  } catch (error) {
    if (!(error instanceof ComposefsError)) throw error;
    // SEAL-006
    if (error.code === 'MERGE_LINK_LOWER' || error.code === 'MERGE_DEVICE') return undefined;
    const location = { ...error.location, ...(request.layer === undefined ? {} : { layer: request.layer }) };
    throw new ComposefsError(error.code, error.detail, location);
  }
}

function readTree(
  { layout, descriptor }: LayoutImage,
  algorithm: Algorithm,
  role: 'merged' | 'merged.bootable' | 'layer',
  layer: number | undefined,
  options: LayerReadingOptions & Pick<ManifestOptions, 'steps'>,
): Promise<Directory> {
  return manifestTree(layout, descriptor, {
    ...options,
    role,
    // SEAL-003, SEAL-004
    transform: role === 'layer' ? 'none' : 'oci',
    xattrs: 'allowlist-only',
    algorithm,
    sha2: layout.sha2,
    layer,
  });
}

function measure(
  { layout }: LayoutImage,
  tree: Directory,
  { algorithm, format = 'v1' }: DigestRequest,
): string | undefined {
  try {
    return hex(imageDigest(tree, { format, algorithm, sha2: layout.sha2 }));
  } catch (error) {
    // A tree that exceeds the limits of format v2 has no digest in it; a published digest then cannot match.
    if (format === 'v2' && error instanceof ComposefsError) return undefined;
    throw error;
  }
}

function requestKey({ object, algorithm, layer, format = 'v1' }: DigestRequest): string {
  return `${object} ${algorithm} ${format} ${layer ?? ''}`;
}
