/**
 * Builders of the layer recipes: one blob, and its tree or a rejection.
 * @module
 */

import { archive, bytes, entry, GNU, pax } from '../../builder/tar.ts';
import { type Draft, either, type MayReject, type Recipe, stageOf } from '../../recipe.ts';

type About = Pick<Draft, 'title' | 'requirements' | 'needs' | 'tags' | 'class' | 'links' | 'confirmedBy'> & {
  /** Overrides of the parameters; default: role merged, transform none, SHA-256. */
  readonly params?: Draft['params'];
};

/** Compression of the blob, as its media type names it. */
export type Compression = 'none' | 'gzip' | 'zstd';

interface Layer extends About {
  /** The parts of an archive, to which two blocks of zeros are added; or the blob itself. */
  readonly layer: readonly Uint8Array[] | Uint8Array;
  /** Default: none. */
  readonly compression?: Compression;
}

/** The root of a tree without directories below it. */
export const root = rootWith(0);

/** The root of a tree with this number of directories in it. */
export function rootWith(directories: number): string {
  return `/ 0 40755 ${2 + directories} 0 0 0 0.0 - - -`;
}

/** Readers that returned the expected trees of uncompressed archives, unless a recipe excepts them. */
const readers = {
  go: 'Go archive/tar 1.26',
  libarchive: 'libarchive 3.6.2',
  python: 'Python tarfile 3.11',
  rust: 'composefs-rs 0.9.4',
} as const;

/** Programs that decompressed the blobs to the expected archives. */
const decompressors = {
  gzip: { gzip: 'gzip 1.12', rust: readers.rust },
  zstd: { zstd: 'zstd 1.5.4', rust: readers.rust },
} as const;

type Witness = keyof typeof readers | keyof typeof decompressors;

interface Read extends Layer {
  /** The lines of the dumpfile; the line of the root can be omitted if it has no subdirectories. */
  readonly tree: readonly string[];
  /** Readers that reject the layer or return a different tree. Default: none. */
  readonly except?: readonly Witness[];
}

/** The case `layers/<slug>`: the layer has this tree. */
export function reads(slug: string, { tree, except = [], ...layer }: Read): Recipe {
  const lines = tree[0]?.startsWith('/ ') ? tree : [root, ...tree];
  return {
    id: `layers/${slug}`,
    make: () => ({
      ...draft(layer),
      confirmedBy: [...(layer.confirmedBy ?? []), ...witnesses(layer.compression ?? 'none', except)],
      expect: { outcome: 'accept', files: { dumpfile: 'expect/tree.dump' } },
      files: { 'in/layer': blobOf(layer), 'expect/tree.dump': bytes(`${lines.join('\n')}\n`) },
    }),
  };
}

function witnesses(compression: Compression, except: readonly Witness[]): readonly string[] {
  const left: Partial<Record<Witness, string>> = {
    ...(compression === 'none' ? readers : decompressors[compression]),
  };
  for (const witness of except) delete left[witness];
  return Object.values(left);
}

/** The case `layers/<slug>`: the layer has this tree, or is rejected with `code`. */
export function mayReject(
  slug: string,
  { because, code, control, ...read }: Read & MayReject & { readonly control: string },
): Recipe {
  const { id, make } = reads(slug, read);
  return {
    id,
    make: async () => {
      const { expect, ...rest } = await make();
      if (expect.outcome !== 'accept') return { ...rest, expect };
      const { outcome: _, ...ifAccept } = expect;
      return { ...rest, control: `layers/${control}`, expect: either({ because, code }, ifAccept) };
    },
  };
}

/** The case `layers/<slug>`: the layer is rejected with `code`. */
export function rejects(
  slug: string,
  { code, control, ...layer }: Layer & { readonly code: string; readonly control: string },
): Recipe {
  return {
    id: `layers/${slug}`,
    make: () => ({
      ...draft(layer),
      expect: { outcome: 'reject', stage: stageOf(code), reasons: [code] },
      control: `layers/${control}`,
      files: { 'in/layer': blobOf(layer) },
    }),
  };
}

const suffixes: Readonly<Record<Compression, string>> = { none: '', gzip: '+gzip', zstd: '+zstd' };

function draft({
  layer: _,
  compression = 'none',
  needs = [],
  params,
  ...about
}: Layer): Omit<Draft, 'expect' | 'files'> {
  return {
    ...about,
    op: 'layers.tree',
    needs: [...needs, ...(compression === 'zstd' ? ['compression.zstd'] : [])],
    input: {
      layers: [
        { path: 'in/layer', mediaType: `application/vnd.oci.image.layer.v1.tar${suffixes[compression]}` },
      ],
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

/** The tar reader of composefs-rs. */
export const COMPOSEFS_RS_TAR =
  'https://github.com/composefs/composefs-rs/blob/main/crates/composefs-oci/src/tar.rs';

/** A `g` header. */
export function globalHeader(records: Readonly<Record<string, string>>): Uint8Array {
  return pax(records, { name: 'pax_global_header', type: 'g' });
}

/** An `L` or `K` header with exactly this content, without a NUL at its end. */
export function longHeader(type: 'L' | 'K', content: string): Uint8Array {
  return entry({ name: '././@LongLink', type, magic: GNU, mode: 0 }, content);
}
