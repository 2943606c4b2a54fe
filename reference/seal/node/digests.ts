/**
 * The digests that an image really has: what published ones are held against, and what a sealer publishes.
 * @module
 */

import { hex } from '../../bytes.ts';
import { imageDigest } from '../../erofs/write.ts';
import { ComposefsError } from '../../errors.ts';
import type { Algorithm } from '../../fsverity/algorithm.ts';
import { fsverityDigest } from '../../fsverity/digest.ts';
import { type ManifestOptions, manifestTree } from '../../oci/image-tree.ts';
import type { OciLayout } from '../../oci/layout.ts';
import type { Descriptor } from '../../oci/schemas.ts';
import { transformBootable } from '../../transform/bootable.ts';
import type { Directory } from '../../tree/inode.ts';
import type { PublishedObject } from '../keys.ts';

/** What a digest is wanted of. */
export interface DigestRequest {
  readonly object: PublishedObject;
  readonly algorithm: Algorithm;
  /** For subject `layer`. */
  readonly layer?: number | undefined;
  /** Default: v1. */
  readonly format?: 'v1' | 'v2' | undefined;
}

/** The image that digests are of. */
export interface LayoutImage {
  readonly layout: OciLayout;
  readonly descriptor: Descriptor;
  readonly manifest: Uint8Array;
  readonly config: Uint8Array;
}

/** How layers are read. */
export type ReadingOptions = Pick<ManifestOptions, 'maxExpansion' | 'maxSize' | 'progress'>;

/** Digests in lower-case hex. A layer that has no image of its own has none, nor a tree that a format can't hold. */
export class ComputedDigests {
  readonly #found = new Map<string, string | undefined>();

  /** The digest of `wanted`, which was asked for when this was made. */
  get(wanted: DigestRequest): string | undefined {
    return this.#found.get(name(wanted));
  }

  set(wanted: DigestRequest, digest: string | undefined): void {
    this.#found.set(name(wanted), digest);
  }
}

/** Computes digests; the layers are read once for each algorithm. Throws what the tree builder throws. */
export async function computeDigests(
  image: LayoutImage,
  wanted: readonly DigestRequest[],
  options: ReadingOptions,
): Promise<ComputedDigests> {
  const digests = new ComputedDigests();
  for (const algorithm of new Set(wanted.map(each => each.algorithm))) {
    const sha2 = image.layout.sha2;
    const these = wanted.filter(each => each.algorithm === algorithm);
    for (const each of these) {
      if (each.object !== 'manifest' && each.object !== 'config') continue;
      digests.set(each, hex(fsverityDigest(image[each.object], algorithm, sha2)));
    }
    const whole = these.filter(({ object }) => object === 'merged' || object === 'merged.bootable');
    if (whole.length > 0) {
      const tree = await readTree(image, algorithm, 'merged', undefined, options);
      for (const each of whole.filter(({ object }) => object === 'merged'))
        digests.set(each, measure(image, tree, each));
      const bootable = whole.filter(({ object }) => object === 'merged.bootable');
      if (bootable.length > 0) transformBootable(tree);
      for (const each of bootable) digests.set(each, measure(image, tree, each));
    }
    for (const each of these) {
      if (each.object === 'layer') digests.set(each, await layerDigest(image, each, options));
    }
  }
  return digests;
}

async function layerDigest(
  image: LayoutImage,
  wanted: DigestRequest,
  options: ReadingOptions,
): Promise<string | undefined> {
  try {
    const tree = await readTree(image, wanted.algorithm, 'layer', wanted.layer, options);
    return measure(image, tree, wanted);
  } catch (error) {
    if (!(error instanceof ComposefsError)) throw error;
    // SEAL-006
    if (error.code === 'MERGE_LINK_LOWER' || error.code === 'MERGE_DEVICE') return undefined;
    const location = { ...error.location, ...(wanted.layer === undefined ? {} : { layer: wanted.layer }) };
    throw new ComposefsError(error.code, error.detail, location);
  }
}

function readTree(
  { layout, descriptor }: LayoutImage,
  algorithm: Algorithm,
  role: 'merged' | 'layer',
  layer: number | undefined,
  options: ReadingOptions,
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
    // The older format has limits of its own, and a digest in it is one of two that would do.
    if (format === 'v2' && error instanceof ComposefsError) return undefined;
    throw error;
  }
}

function name({ object, algorithm, layer, format = 'v1' }: DigestRequest): string {
  return `${object} ${algorithm} ${format} ${layer ?? ''}`;
}
