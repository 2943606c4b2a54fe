/**
 * Families: one tree, written in many equivalent ways. All cases of a family expect the same dumpfile.
 * @module
 */

import {
  fixedGzip,
  rawBlock,
  repeatedBlocks,
  SMALL_WINDOW,
  skippable,
  storedGzip,
  storedZstd,
  zstdFrame,
} from '../../builder/compression.ts';
import type { EntryForm, EntrySpec } from '../../builder/entry-forms.ts';
import { archive, bytes, concat, directory, file, pax, zeros } from '../../builder/tar.ts';
import type { Draft, Recipe } from '../../recipe.ts';
import { attributes, type Family, names, system } from './family-trees.ts';

const IMPLIED = [
  'https://github.com/composefs/composefs-rs/issues/132',
  'https://github.com/composefs/composefs-rs/issues/300',
  'https://github.com/bootc-dev/bootc/issues/1863',
];
const ORDER = ['https://github.com/composefs/composefs-rs/issues/8'];
const UNENDED = ['https://github.com/composefs/composefs-rs/blob/main/crates/composefs/src/splitstream.rs'];

/** A layer as it is stored, with its compression. */
interface Blob {
  readonly compression: 'none' | 'gzip' | 'zstd';
  readonly bytes: Uint8Array;
}

const plain = (...parts: readonly Uint8Array[]): Blob => ({ compression: 'none', bytes: archive(...parts) });
const gzip = (...members: readonly Uint8Array[]): Blob => ({
  compression: 'gzip',
  bytes: concat(...members),
});
const zstd = (...frames: readonly Uint8Array[]): Blob => ({ compression: 'zstd', bytes: concat(...frames) });

/** `content` cut into pieces of growing size, regardless of its blocks. */
function cut(content: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, size = 1; at < content.length; at += size, size = size * 3 + 1) {
    pieces.push(content.subarray(at, at + size));
  }
  return pieces;
}

/** The entries with all hard links last, so that each follows its target. */
const linksLast = (entries: readonly EntrySpec[]) => [
  ...entries.filter(({ kind }) => kind !== 'hardlink'),
  ...entries.filter(({ kind }) => kind === 'hardlink'),
];

/** Whether an entry gives a directory the attributes that it would have as an implied one. */
const isImplied = ({ kind, mode, uid = 0, gid = 0, mtime = 0, xattrs }: EntrySpec) =>
  kind === 'directory' && mode === 0o755 && uid === 0 && gid === 0 && mtime === 0 && xattrs === undefined;

const isDirectory = ({ kind }: EntrySpec) => kind === 'directory';

/** An entry with an equivalent spelling of its path, chosen by the number of the entry. */
function spelled(entry: EntrySpec, i: number): EntrySpec {
  const { path, link } = entry;
  const other = [`./${path}`, `/${path}`, path.replaceAll('/', '//'), path.replaceAll('/', '/./')];
  return {
    ...entry,
    path: other[i % other.length] ?? path,
    ...(entry.kind === 'hardlink' ? { link: `./${link}` } : {}),
  };
}

/** An entry at the same path with a different type, or a directory with different attributes. */
function other(kind: EntrySpec['kind'], path: string): EntrySpec {
  if (kind === 'directory') return { kind, path, mode: 0o700, uid: 9, mtime: 9 };
  if (kind === 'file') return { kind: 'symlink', path, mode: 0o777, link: 'nowhere' };
  return { kind: 'file', path, mode: 0o600, content: 'old' };
}

/** An equivalent way to write the tree, and the requirements that make it equivalent. */
interface Variant {
  /** Completes "Tree … results from …". */
  readonly title: string;
  readonly requirements: readonly string[];
  /**
   * Links, if composefs-rs 0.9.4 rejects this variant or returns a different tree. Without them, it confirms the case.
   */
  readonly differs?: readonly string[];
  readonly layers: (entries: readonly EntrySpec[], form: EntryForm) => readonly Blob[];
}

const variants: Readonly<Record<string, Variant>> = {
  reversed: {
    title: 'entries in reverse order',
    requirements: ['MERGE-007', 'MERGE-008'],
    differs: IMPLIED,
    layers: (entries, form) => [plain(...linksLast(entries.toReversed()).map(form))],
  },
  'directories-last': {
    title: 'directories after their content',
    requirements: ['MERGE-007', 'MERGE-008'],
    differs: IMPLIED,
    layers: (entries, form) => [
      plain(
        ...entries.filter(entry => !isDirectory(entry)).map(form),
        ...entries.filter(isDirectory).toReversed().map(form),
      ),
    ],
  },
  implied: {
    title: 'a layer without implied directories',
    requirements: ['MERGE-007'],
    differs: IMPLIED,
    layers: (entries, form) => [plain(...entries.filter(entry => !isImplied(entry)).map(form))],
  },
  twice: {
    title: 'a layer with every entry twice',
    requirements: ['MERGE-003', 'MERGE-008', 'MERGE-009'],
    layers: (entries, form) => [plain(...[...entries, ...entries].map(form))],
  },
  spelled: {
    title: 'paths with extra dots and slashes',
    requirements: ['LAYER-078', 'LAYER-087'],
    layers: (entries, form) => [plain(...entries.map(spelled).map(form))],
  },
  'root-entries': {
    title: 'entries mixed with root entries',
    requirements: ['MERGE-004'],
    layers: (entries, form) => [
      plain(
        ...entries.flatMap((entry, i) => [directory('./', { mode: 0o700, uid: i, mtime: i }), form(entry)]),
      ),
    ],
  },
  'global-headers': {
    title: 'entries mixed with global headers',
    requirements: ['LAYER-064'],
    layers: (entries, form) => {
      const comment = pax({ comment: 'c0ffee' }, { name: 'pax_global_header', type: 'g' });
      return [plain(...entries.flatMap(entry => [comment, form(entry)]))];
    },
  },
  unended: {
    title: 'an archive without an end',
    requirements: ['LAYER-041'],
    differs: UNENDED,
    layers: (entries, form) => [{ compression: 'none', bytes: concat(...entries.map(form)) }],
  },
  padded: {
    title: 'an archive followed by other data',
    requirements: ['LAYER-043'],
    layers: (entries, form) => [
      { compression: 'none', bytes: concat(archive(...entries.map(form)), zeros(17), file('etc/late', 'x')) },
    ],
  },
  'gzip-stored': {
    title: 'a gzip member of stored blocks',
    requirements: ['LAYER-032'],
    layers: (entries, form) => [gzip(storedGzip(archive(...entries.map(form))))],
  },
  'gzip-fixed': {
    title: 'a gzip member with fixed codes',
    requirements: ['LAYER-032'],
    layers: (entries, form) => [gzip(fixedGzip(archive(...entries.map(form))))],
  },
  'gzip-members': {
    title: 'several gzip members',
    requirements: ['LAYER-032'],
    layers: (entries, form) => {
      const members = cut(archive(...entries.map(form)));
      return [gzip(...members.map((piece, i) => (i % 2 === 0 ? storedGzip(piece) : fixedGzip(piece))))];
    },
  },
  'gzip-member-each': {
    title: 'one gzip member per entry',
    requirements: ['LAYER-032'],
    layers: (entries, form) => [gzip(...entries.map(entry => fixedGzip(form(entry))), fixedGzip(zeros()))],
  },
  zstd: {
    title: 'a zstd frame',
    requirements: ['LAYER-033'],
    layers: (entries, form) => [zstd(storedZstd(archive(...entries.map(form))))],
  },
  'zstd-frames': {
    title: 'several zstd and skippable frames',
    requirements: ['LAYER-033'],
    layers: (entries, form) => {
      const frames = cut(concat(...entries.map(form))).map(piece => storedZstd(piece));
      const skipped = frames.flatMap((frame, i) => [skippable(bytes('skip'), i), frame]);
      const end = [...repeatedBlocks(0, 1024), rawBlock(new Uint8Array(0), true)];
      return [zstd(...skipped, zstdFrame(SMALL_WINDOW, ...end), skippable(new Uint8Array(0), 15))];
    },
  },
  'two-layers': {
    title: 'two layers',
    requirements: ['MERGE-002', 'MERGE-011'],
    layers: (entries, form) => {
      const half = entries.findIndex(({ kind }) => kind === 'hardlink');
      return [plain(...entries.slice(0, half).map(form)), plain(...entries.slice(half).map(form))];
    },
  },
  'layer-each': {
    title: 'one layer per entry',
    requirements: ['MERGE-002', 'MERGE-011'],
    layers: (entries, form) => entries.map(entry => plain(form(entry))),
  },
  'layers-again': {
    title: 'two identical layers',
    requirements: ['MERGE-008', 'MERGE-009'],
    layers: (entries, form) => [plain(...entries.map(form)), plain(...entries.map(form))],
  },
  replaced: {
    title: 'a layer that replaces a lower layer',
    requirements: ['MERGE-008', 'MERGE-009'],
    layers: (entries, form) => [
      plain(...entries.map(({ kind, path }) => form(other(kind, path)))),
      plain(...entries.map(form)),
    ],
  },
  deleted: {
    title: 'whiteouts for a lower layer',
    requirements: ['MERGE-019', 'MERGE-021'],
    differs: ORDER,
    layers: (entries, form) => {
      const top = [...new Set(entries.map(({ path }) => path.split('/')[0] ?? ''))];
      const old = top.flatMap(name => [directory(`${name}/`, { uid: 9 }), file(`${name}/old`, 'old')]);
      return [plain(...old), plain(...entries.map(form), ...top.map(name => file(`.wh.${name}`)))];
    },
  },
  opaque: {
    title: 'an opaque marker over a lower layer',
    requirements: ['MERGE-020', 'MERGE-021'],
    differs: ORDER,
    layers: (entries, form) => [
      plain(file('old', 'old'), directory('old.d/'), file('old.d/f')),
      plain(...entries.slice(0, 2).map(form), file('.wh..wh..opq'), ...entries.slice(2).map(form)),
    ],
  },
};

/** The variant that writes all entries in one form. */
function formVariant(name: string, form: EntryForm): Variant {
  return {
    title: `the archive form ${name}`,
    requirements: name.startsWith('pax') ? ['LAYER-069', 'LAYER-046'] : ['LAYER-046', 'LAYER-049'],
    layers: entries => [plain(...entries.map(form))],
  };
}

const suffixes = { none: '', gzip: '+gzip', zstd: '+zstd' } as const;

function familyCase(family: Family, name: string, variant: Variant): Recipe {
  const { title, requirements, differs, layers } = variant;
  const { entries, form, tree } = family;
  return {
    id: `layers/family-${family.name}-${name}`,
    make: (): Draft => {
      const blobs = layers(entries, form);
      const path = (i: number) => `in/${i}`;
      return {
        title: `Tree "${family.name}" results from ${title}`,
        op: 'layers.tree',
        requirements,
        tags: ['metamorphic', `family-${family.name}`],
        ...(blobs.some(({ compression }) => compression === 'zstd') ? { needs: ['compression.zstd'] } : {}),
        input: {
          layers: blobs.map(({ compression }, i) => ({
            path: path(i),
            mediaType: `application/vnd.oci.image.layer.v1.tar${suffixes[compression]}`,
          })),
        },
        params: {
          role: 'merged',
          transform: family.transform,
          xattrs: 'allowlist-only',
          algorithm: 'fsverity-sha256-12',
        },
        expect: { outcome: 'accept', files: { dumpfile: 'expect/tree.dump' } },
        ...(differs === undefined
          ? { confirmedBy: ['composefs-rs 0.9.4'] }
          : { class: 'KNOWN_BUG', links: differs }),
        files: {
          ...Object.fromEntries(blobs.map((blob, i) => [path(i), blob.bytes])),
          'expect/tree.dump': bytes(tree.map(line => `${line}\n`).join('')),
        },
      };
    },
  };
}

export const recipes: readonly Recipe[] = [system, names, attributes].flatMap(family => [
  ...Object.entries(family.forms).map(([name, form]) => familyCase(family, name, formVariant(name, form))),
  ...Object.entries(variants).map(([name, variant]) => familyCase(family, name, variant)),
]);
