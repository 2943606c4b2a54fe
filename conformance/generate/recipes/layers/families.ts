/**
 * Families: one tree, written in many ways that mean the same. Every case of a family expects the same dumpfile.
 * @module
 */

import type { Encode, Node } from '../../builder/nodes.ts';
import {
  fixedGzip,
  rawBlock,
  repeatedBlocks,
  SMALL_WINDOW,
  skippable,
  storedGzip,
  storedZstd,
  zstdFrame,
} from '../../builder/packed.ts';
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

/** A layer as it is stored. */
interface Blob {
  readonly packed: 'none' | 'gzip' | 'zstd';
  readonly bytes: Uint8Array;
}

const plain = (...parts: readonly Uint8Array[]): Blob => ({ packed: 'none', bytes: archive(...parts) });
const gzip = (...members: readonly Uint8Array[]): Blob => ({ packed: 'gzip', bytes: concat(...members) });
const zstd = (...frames: readonly Uint8Array[]): Blob => ({ packed: 'zstd', bytes: concat(...frames) });

/** `content` cut into pieces of growing size that have nothing to do with its blocks. */
function cut(content: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, size = 1; at < content.length; at += size, size = size * 3 + 1) {
    pieces.push(content.subarray(at, at + size));
  }
  return pieces;
}

/** Hard links behind everything else, since they stand behind their targets. */
const linksLast = (nodes: readonly Node[]) => [
  ...nodes.filter(({ kind }) => kind !== 'hardlink'),
  ...nodes.filter(({ kind }) => kind === 'hardlink'),
];

/** Whether an entry says what an implied directory has anyhow. */
const isImplied = ({ kind, mode, uid = 0, gid = 0, mtime = 0, xattrs }: Node) =>
  kind === 'directory' && mode === 0o755 && uid === 0 && gid === 0 && mtime === 0 && xattrs === undefined;

const isDirectory = ({ kind }: Node) => kind === 'directory';

/** The path written in other words, by the number of the entry. */
function spelled(node: Node, i: number): Node {
  const { path, link } = node;
  const other = [`./${path}`, `/${path}`, path.replaceAll('/', '//'), path.replaceAll('/', '/./')];
  return {
    ...node,
    path: other[i % other.length] ?? path,
    ...(node.kind === 'hardlink' ? { link: `./${link}` } : {}),
  };
}

/** What has another type at the same path, or other attributes. */
function other(kind: Node['kind'], path: string): Node {
  if (kind === 'directory') return { kind, path, mode: 0o700, uid: 9, mtime: 9 };
  if (kind === 'file') return { kind: 'symlink', path, mode: 0o777, link: 'nowhere' };
  return { kind: 'file', path, mode: 0o600, content: 'old' };
}

/** A way to write the nodes in one form: the layers, base first; and which rules make it mean the same. */
interface Way {
  readonly title: string;
  readonly requirements: readonly string[];
  /** Where composefs-rs 0.9.4 reads it in another way, or refuses it: about that. It reads all others alike. */
  readonly differs?: readonly string[];
  readonly layers: (nodes: readonly Node[], form: Encode) => readonly Blob[];
}

const ways: Readonly<Record<string, Way>> = {
  reversed: {
    title: 'entries in reverse order',
    requirements: ['MERGE-007', 'MERGE-008'],
    differs: IMPLIED,
    layers: (nodes, form) => [plain(...linksLast(nodes.toReversed()).map(form))],
  },
  'directories-last': {
    title: 'directories after their content',
    requirements: ['MERGE-007', 'MERGE-008'],
    differs: IMPLIED,
    layers: (nodes, form) => [
      plain(
        ...nodes.filter(node => !isDirectory(node)).map(form),
        ...nodes.filter(isDirectory).toReversed().map(form),
      ),
    ],
  },
  implied: {
    title: 'a layer without implied directories',
    requirements: ['MERGE-007'],
    differs: IMPLIED,
    layers: (nodes, form) => [plain(...nodes.filter(node => !isImplied(node)).map(form))],
  },
  twice: {
    title: 'a layer with every entry twice',
    requirements: ['MERGE-003', 'MERGE-008', 'MERGE-009'],
    layers: (nodes, form) => [plain(...[...nodes, ...nodes].map(form))],
  },
  spelled: {
    title: 'paths with extra dots and slashes',
    requirements: ['LAYER-078', 'LAYER-087'],
    layers: (nodes, form) => [plain(...nodes.map(spelled).map(form))],
  },
  'root-entries': {
    title: 'entries mixed with root entries',
    requirements: ['MERGE-004'],
    layers: (nodes, form) => [
      plain(...nodes.flatMap((node, i) => [directory('./', { mode: 0o700, uid: i, mtime: i }), form(node)])),
    ],
  },
  'global-headers': {
    title: 'entries mixed with global headers',
    requirements: ['LAYER-064'],
    layers: (nodes, form) => {
      const comment = pax({ comment: 'c0ffee' }, { name: 'pax_global_header', type: 'g' });
      return [plain(...nodes.flatMap(node => [comment, form(node)]))];
    },
  },
  unended: {
    title: 'an archive without an end',
    requirements: ['LAYER-041'],
    differs: UNENDED,
    layers: (nodes, form) => [{ packed: 'none', bytes: concat(...nodes.map(form)) }],
  },
  padded: {
    title: 'an archive followed by other data',
    requirements: ['LAYER-043'],
    layers: (nodes, form) => [
      { packed: 'none', bytes: concat(archive(...nodes.map(form)), zeros(17), file('etc/late', 'x')) },
    ],
  },
  'gzip-stored': {
    title: 'a gzip member of stored blocks',
    requirements: ['LAYER-032'],
    layers: (nodes, form) => [gzip(storedGzip(archive(...nodes.map(form))))],
  },
  'gzip-fixed': {
    title: 'a gzip member with fixed codes',
    requirements: ['LAYER-032'],
    layers: (nodes, form) => [gzip(fixedGzip(archive(...nodes.map(form))))],
  },
  'gzip-members': {
    title: 'several gzip members',
    requirements: ['LAYER-032'],
    layers: (nodes, form) => {
      const members = cut(archive(...nodes.map(form)));
      return [gzip(...members.map((piece, i) => (i % 2 === 0 ? storedGzip(piece) : fixedGzip(piece))))];
    },
  },
  'gzip-member-each': {
    title: 'one gzip member per entry',
    requirements: ['LAYER-032'],
    layers: (nodes, form) => [gzip(...nodes.map(node => fixedGzip(form(node))), fixedGzip(zeros()))],
  },
  zstd: {
    title: 'a zstd frame',
    requirements: ['LAYER-033'],
    layers: (nodes, form) => [zstd(storedZstd(archive(...nodes.map(form))))],
  },
  'zstd-frames': {
    title: 'several zstd and skippable frames',
    requirements: ['LAYER-033'],
    layers: (nodes, form) => {
      const frames = cut(concat(...nodes.map(form))).map(piece => storedZstd(piece));
      const skipped = frames.flatMap((frame, i) => [skippable(bytes('skip'), i), frame]);
      const end = [...repeatedBlocks(0, 1024), rawBlock(new Uint8Array(0), true)];
      return [zstd(...skipped, zstdFrame(SMALL_WINDOW, ...end), skippable(new Uint8Array(0), 15))];
    },
  },
  'two-layers': {
    title: 'two layers',
    requirements: ['MERGE-002', 'MERGE-011'],
    layers: (nodes, form) => {
      const half = nodes.findIndex(({ kind }) => kind === 'hardlink');
      return [plain(...nodes.slice(0, half).map(form)), plain(...nodes.slice(half).map(form))];
    },
  },
  'layer-each': {
    title: 'one layer per entry',
    requirements: ['MERGE-002', 'MERGE-011'],
    layers: (nodes, form) => nodes.map(node => plain(form(node))),
  },
  'layers-again': {
    title: 'two identical layers',
    requirements: ['MERGE-008', 'MERGE-009'],
    layers: (nodes, form) => [plain(...nodes.map(form)), plain(...nodes.map(form))],
  },
  replaced: {
    title: 'a layer that replaces a lower layer',
    requirements: ['MERGE-008', 'MERGE-009'],
    layers: (nodes, form) => [
      plain(...nodes.map(({ kind, path }) => form(other(kind, path)))),
      plain(...nodes.map(form)),
    ],
  },
  deleted: {
    title: 'whiteouts for a lower layer',
    requirements: ['MERGE-019', 'MERGE-021'],
    differs: ORDER,
    layers: (nodes, form) => {
      const top = [...new Set(nodes.map(({ path }) => path.split('/')[0] ?? ''))];
      const old = top.flatMap(name => [directory(`${name}/`, { uid: 9 }), file(`${name}/old`, 'old')]);
      return [plain(...old), plain(...nodes.map(form), ...top.map(name => file(`.wh.${name}`)))];
    },
  },
  opaque: {
    title: 'an opaque marker over a lower layer',
    requirements: ['MERGE-020', 'MERGE-021'],
    differs: ORDER,
    layers: (nodes, form) => [
      plain(file('old', 'old'), directory('old.d/'), file('old.d/f')),
      plain(...nodes.slice(0, 2).map(form), file('.wh..wh..opq'), ...nodes.slice(2).map(form)),
    ],
  },
};

/** Forms are ways too. */
function formWay(name: string, form: Encode): Way {
  return {
    title: `the archive form ${name}`,
    requirements: name.startsWith('pax') ? ['LAYER-069', 'LAYER-046'] : ['LAYER-046', 'LAYER-049'],
    layers: nodes => [plain(...nodes.map(form))],
  };
}

const suffixes = { none: '', gzip: '+gzip', zstd: '+zstd' } as const;

function member(family: Family, name: string, way: Way): Recipe {
  const { title, requirements, differs, layers } = way;
  const { nodes, form, tree } = family;
  return {
    id: `layers/family-${family.name}-${name}`,
    make: (): Draft => {
      const blobs = layers(nodes, form);
      const path = (i: number) => `in/${i}`;
      return {
        title: `Tree "${family.name}" results from ${title}`,
        op: 'layers.tree',
        requirements,
        tags: ['metamorphic', `family-${family.name}`],
        ...(blobs.some(({ packed }) => packed === 'zstd') ? { needs: ['compression.zstd'] } : {}),
        input: {
          layers: blobs.map(({ packed }, i) => ({
            path: path(i),
            mediaType: `application/vnd.oci.image.layer.v1.tar${suffixes[packed]}`,
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
  ...Object.entries(family.forms).map(([name, form]) => member(family, name, formWay(name, form))),
  ...Object.entries(ways).map(([name, way]) => member(family, name, way)),
]);
