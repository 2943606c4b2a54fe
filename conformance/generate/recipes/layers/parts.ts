/**
 * What the layer recipes have in common: one blob in, its tree or a refusal out.
 * @module
 */

import { archive, bytes } from '../../builder/tar.ts';
import type { Draft, Recipe } from '../../recipe.ts';

type About = Pick<Draft, 'title' | 'requirements' | 'needs' | 'tags' | 'class' | 'links' | 'confirmedBy'> & {
  /** What differs from the merged tree without transform, by sha256. */
  readonly params?: Draft['params'];
};

/** Compression of the blob, as its media type names it. */
export type Packed = 'none' | 'gzip' | 'zstd';

interface Layer extends About {
  /** Parts of an archive, which two blocks of zeros end; or the blob as it is. */
  readonly layer: readonly Uint8Array[] | Uint8Array;
  /** Default: none. */
  readonly packed?: Packed;
}

/** The root of a tree without directories below it. */
export const root = rootWith(0);

/** The root of a tree with so many directories in it. */
export function rootWith(directories: number): string {
  return `/ 0 40755 ${2 + directories} 0 0 0 0.0 - - -`;
}

/** Readers that were seen to make the expected trees of plain archives, but where a recipe says otherwise. */
const readers = {
  go: 'Go archive/tar 1.26',
  libarchive: 'libarchive 3.6.2',
  python: 'Python tarfile 3.11',
  rust: 'composefs-rs 0.9.4',
} as const;

/** What was seen to make the right archives of compressed blobs. */
const unpackers = {
  gzip: ['gzip 1.12', readers.rust],
  zstd: ['zstd 1.5.4', readers.rust],
} as const;

interface Read extends Layer {
  /** The lines of the dumpfile behind the root, or with it. */
  readonly tree: readonly string[];
  /** Readers that refuse the layer, or make another tree of it. Default: none. */
  readonly but?: readonly (keyof typeof readers)[];
}

/** The layer is read. */
export function reads(slug: string, { tree, but = [], ...layer }: Read): Recipe {
  const lines = tree[0]?.startsWith('/ ') ? tree : [root, ...tree];
  return {
    id: `layers/${slug}`,
    make: () => ({
      ...draft(layer),
      confirmedBy: [...(layer.confirmedBy ?? []), ...witnesses(layer.packed ?? 'none', but)],
      expect: { outcome: 'accept', files: { dumpfile: 'expect/tree.dump' } },
      files: { 'in/layer': blobOf(layer), 'expect/tree.dump': bytes(`${lines.join('\n')}\n`) },
    }),
  };
}

function witnesses(packed: Packed, but: readonly (keyof typeof readers)[]): readonly string[] {
  if (packed !== 'none') return unpackers[packed];
  const { ...left }: Partial<Record<keyof typeof readers, string>> = readers;
  for (const reader of but) delete left[reader];
  return Object.values(left);
}

/** The layer is read, or refused as well. */
export function mayRefuse(
  slug: string,
  { because, control, ...read }: Read & { readonly because: string; readonly control: string },
): Recipe {
  const { id, make } = reads(slug, read);
  return {
    id,
    make: async () => {
      const { expect, ...rest } = await make();
      if (expect.outcome !== 'accept') return { ...rest, expect };
      const { outcome: _, ...ifAccept } = expect;
      return { ...rest, control: `layers/${control}`, expect: { outcome: 'either', because, ifAccept } };
    },
  };
}

/** The layer is refused with `code`. */
export function refuses(
  slug: string,
  { code, control, ...layer }: Layer & { readonly code: string; readonly control: string },
): Recipe {
  const stage = code.slice(0, code.indexOf('_')).toLowerCase();
  return {
    id: `layers/${slug}`,
    make: () => ({
      ...draft(layer),
      expect: { outcome: 'reject', stage, reasons: [code] },
      control: `layers/${control}`,
      files: { 'in/layer': blobOf(layer) },
    }),
  };
}

const suffixes: Readonly<Record<Packed, string>> = { none: '', gzip: '+gzip', zstd: '+zstd' };

function draft({
  layer: _,
  packed = 'none',
  needs = [],
  params,
  ...about
}: Layer): Omit<Draft, 'expect' | 'files'> {
  return {
    ...about,
    op: 'layers.tree',
    needs: [...needs, ...(packed === 'zstd' ? ['compression.zstd'] : [])],
    input: {
      layers: [{ path: 'in/layer', mediaType: `application/vnd.oci.image.layer.v1.tar${suffixes[packed]}` }],
    },
    params: {
      role: 'merged',
      transform: 'none',
      xattrs: 'allowlist-only',
      algorithm: 'fsverity-sha256-12',
      ...params,
    },
  };
}

function blobOf({ layer }: Layer): Uint8Array {
  return layer instanceof Uint8Array ? layer : archive(...layer);
}
