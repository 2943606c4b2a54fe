/**
 * Builders of the SELinux recipes: an image with a policy, and the tree that is expected of it.
 *
 * A recipe lists the inodes of the tree and, by hand, the label of each path that has one. Nothing here reads a
 * policy. Paths and texts have one byte in each character.
 * @module
 */

import { fsverityDigest } from '../../../../reference/fsverity/digest.ts';
import { nodeSha2 } from '../../../../reference/hash/node/sha2.ts';
import type { Case } from '../../../suite/case.ts';
import { squeezedZstd } from '../../builder/compression.ts';
import { archive, concat, entry, pax } from '../../builder/tar.ts';
import { type Draft, type Recipe, stageOf } from '../../recipe.ts';

/** An inode of the tree, or a further name of one. */
export interface Item {
  /** Absolute. */
  readonly path: string;
  readonly type: keyof typeof types;
  /** Of a regular file. */
  readonly content?: string;
  /** Of a symbolic link or hard link. */
  readonly target?: string;
  readonly device?: readonly [major: number, minor: number];
  /** Extended attributes in the layer. */
  readonly xattrs?: Readonly<Record<string, string>>;
  /** The fields of the dumpfile for the extended attributes that are left. Default: none. */
  readonly kept?: string;
  /** Present if it is in the layer below, or if it is removed from the tree. */
  readonly only?: 'below' | 'removed';
}

/** Type flags of tar, and modes. */
const types = {
  file: ['0', 0o100644],
  directory: ['5', 0o40755],
  symlink: ['2', 0o120777],
  character: ['3', 0o20600],
  block: ['4', 0o60600],
  fifo: ['6', 0o10644],
  hardlink: ['1', 0],
} as const;

export const f = (path: string, content = ''): Item => ({ path, type: 'file', content });
export const d = (path: string): Item => ({ path, type: 'directory' });
export const l = (path: string, target = 'x'): Item => ({ path, type: 'symlink', target });
export const p = (path: string): Item => ({ path, type: 'fifo' });
export const c = (path: string, major = 1, minor = 3): Item => ({
  path,
  type: 'character',
  device: [major, minor],
});
export const b = (path: string): Item => ({ path, type: 'block', device: [8, 1] });
/** An item that the transforms remove from the tree. */
export const removed = (item: Item): Item => ({ ...item, only: 'removed' });
/** A hard link in the layer. */
export const h = (path: string, target: string): Item => ({ path, type: 'hardlink', target });

/** The programs that gave every path of a tree the label that is expected; their trees were not all compared. */
const witnesses = {
  rs: 'composefs-rs 0.9.4',
  old: 'libselinux 3.4',
  new: 'libselinux 3.11',
} as const;

/** An image, and what it is a case of. */
export interface PolicyImage
  extends Pick<Draft, 'title' | 'requirements'>,
    Partial<Pick<Draft, 'class' | 'links' | 'needs'>> {
  /** The type that the default config names. Default: `t`. */
  readonly type?: string;
  /** `/etc/selinux/config`; null for none. Default: a line that names the type. */
  readonly config?: string | null;
  /** The policy files; null for none. Default: an empty `file_contexts`, and no other. */
  readonly main?: string | null;
  readonly local?: string;
  readonly homedirs?: string;
  readonly subs?: string;
  readonly subsDist?: string;
  /** What else is in the tree. It replaces the files above; parent directories can be left out. */
  readonly tree?: readonly Item[];
  /** Paths that are not in the tree, with all that is below them. */
  readonly without?: readonly string[];
  /** A layer below. What it leaves in the tree has to be in `tree`, too. */
  readonly lower?: readonly Uint8Array[];
  /** Further entries of the layer. Those of a case with a dumpfile leave nothing in the tree. */
  readonly also?: readonly Uint8Array[];
  readonly xattrs?: 'allowlist-only' | 'keep-user-xattrs';
  /** Whether the layer is compressed. */
  readonly compressed?: true;
}

/** An image that is accepted, and its labels. */
export interface Labelled extends PolicyImage {
  /** The label of each path that has one. */
  readonly labels: Readonly<Record<string, string>>;
  /** The names of hard links that become inodes of their own. */
  readonly own?: readonly string[];
  /** Programs that give other labels, or have no policy to read. Default: none. */
  readonly except?: readonly (keyof typeof witnesses)[];
}

/** The case `selinux/<slug>`: the tree has these labels. */
export function labelled(slug: string, facts: Labelled): Recipe {
  const { except = [] } = facts;
  return {
    id: `selinux/${slug}`,
    make: () => {
      const inputs = draft(facts);
      return {
        ...inputs,
        expect: { outcome: 'accept', files: { dumpfile: 'expect/tree.dump' } },
        confirmedBy: Object.entries(witnesses).flatMap(([key, name]) =>
          except.some(each => each === key) ? [] : [name],
        ),
        files: { ...inputs.files, 'expect/tree.dump': latin1(dumpfile(facts)) },
      };
    },
  };
}

/** The case `selinux/<slug>`: the image is rejected with `code`; `control` is the slug of the nearest accepted one. */
export function rejected(slug: string, code: string, control: string, facts: PolicyImage): Recipe {
  const expect: Case['expect'] = { outcome: 'reject', stage: stageOf(code), reasons: [code] };
  return { id: `selinux/${slug}`, make: () => ({ ...draft(facts), expect, control: `selinux/${control}` }) };
}

/** The bytes of a text with one byte in each character. */
export function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** The UTF-8 of a text, with one byte in each character. */
export function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function draft(facts: PolicyImage): Omit<Draft, 'expect'> {
  const { title, requirements, class: kind, links, lower = [], also = [], xattrs, compressed } = facts;
  const layer = archive(...also, ...inTarOrder(itemsOf(facts)).map(tarEntry));
  const layers = [
    ...(lower.length === 0 ? [] : [archive(...lower)]),
    compressed ? squeezedZstd(layer) : layer,
  ];
  const mediaType = `application/vnd.oci.image.layer.v1.tar${compressed ? '+zstd' : ''}`;
  return {
    title,
    requirements,
    ...(kind !== undefined && { class: kind }),
    ...(links !== undefined && { links }),
    op: 'layers.tree',
    needs: ['role.merged.bootable', ...(compressed ? ['compression.zstd'] : []), ...(facts.needs ?? [])],
    input: {
      layers: layers.map((_, i) => ({ path: `in/${i}.tar`, mediaType })),
    },
    params: {
      role: 'merged.bootable',
      transform: 'oci',
      xattrs: xattrs ?? 'allowlist-only',
      algorithm: 'fsverity-sha256-12',
    },
    files: Object.fromEntries(layers.map((content, i) => [`in/${i}.tar`, content])),
  };
}

/** The layer of an image, for cases of other operations. */
export function layerOf(facts: Omit<PolicyImage, 'title' | 'requirements'>): Uint8Array {
  const items = inTarOrder(itemsOf({ ...facts, title: '', requirements: [] }));
  return archive(...(facts.also ?? []), ...items.map(tarEntry));
}

/** The items of a tree with its parent directories, in the order of a dumpfile. */
function itemsOf({ type = 't', tree = [], without = [], ...files }: PolicyImage): readonly Item[] {
  const policy = `/etc/selinux/${type}/contexts/files`;
  const { config = `SELINUXTYPE=${type}\n`, main = '' } = files;
  const contents: readonly (readonly [string, string | null | undefined])[] = [
    ['/etc/selinux/config', config],
    [`${policy}/file_contexts`, main],
    [`${policy}/file_contexts.local`, files.local],
    [`${policy}/file_contexts.homedirs`, files.homedirs],
    [`${policy}/file_contexts.subs`, files.subs],
    [`${policy}/file_contexts.subs_dist`, files.subsDist],
  ];
  const listed = [
    // composefs-rs requires the first three.
    ...['/usr', '/boot', '/sysroot', policy].map(d),
    ...contents.flatMap(([path, content]) => (typeof content === 'string' ? [f(path, content)] : [])),
    ...tree,
  ];
  const items = new Map<string, Item>([['/', d('/')]]);
  for (const { path } of listed) {
    for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) {
      items.set(path.slice(0, at), d(path.slice(0, at)));
    }
  }
  for (const item of listed) items.set(item.path, item);
  const left = [...items.values()].filter(
    ({ path }) => !without.some(each => path === each || path.startsWith(`${each}/`)),
  );
  // A slash sorts before every other byte, so that a directory comes before its next neighbour.
  const key = ({ path }: Item) => (path === '/' ? '' : path.replaceAll('/', '\0'));
  return left.sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

/** Hard links come last, behind their targets; the root has no entry. */
function inTarOrder(items: readonly Item[]): readonly Item[] {
  const entries = items.filter(({ path, only }) => path !== '/' && only !== 'below');
  const isLink = ({ type }: Item) => type === 'hardlink';
  return [...entries.filter(item => !isLink(item)), ...entries.filter(isLink)];
}

function tarEntry({ path, type, content = '', target = '', device, xattrs }: Item): Uint8Array {
  const [flag, mode] = types[type];
  const records = Object.entries(xattrs ?? {}).map(([name, value]) => [`SCHILY.xattr.${name}`, value]);
  const header = entry(
    {
      name: latin1(`${path.slice(1)}${type === 'directory' ? '/' : ''}`),
      type: flag,
      mode: mode & 0o7777,
      link: latin1(type === 'hardlink' ? target.slice(1) : target),
      ...(device !== undefined && { major: device[0], minor: device[1] }),
    },
    latin1(content),
  );
  return records.length === 0 ? header : concat(pax(Object.fromEntries(records)), header);
}

/** The canonical dumpfile of the tree. */
export function dumpfile(facts: Labelled): string {
  const items = itemsOf(facts).filter(({ only }) => only !== 'removed');
  const paths = new Set(items.map(({ path }) => path));
  for (const path of [...Object.keys(facts.labels), ...(facts.own ?? [])]) {
    if (!paths.has(path)) throw new Error(`${facts.title}: ${path} is not in the tree`);
  }
  const byPath = new Map(items.map(item => [item.path, item]));
  /** The first name of each inode with several names, by its path in the archive. */
  const first = new Map<string, string>();
  const names = new Map<string, number>();
  const leaders = items.map(({ path, type, target = '' }) => {
    const inode = type === 'hardlink' ? target : path;
    const leader = facts.own?.includes(path) ? path : (first.get(inode) ?? path);
    if (leader === path && !facts.own?.includes(path)) first.set(inode, path);
    names.set(leader, (names.get(leader) ?? 0) + 1);
    return leader;
  });
  return items
    .map((item, i) => {
      const leader = leaders[i] ?? '';
      const inode = item.type === 'hardlink' ? byPath.get(item.target ?? '') : item;
      if (inode === undefined) throw new Error(`${item.path} is a hard link to nothing`);
      const mode = types[inode.type][1].toString(8);
      if (leader !== item.path)
        return `${escaped(item.path)} 0 @${mode} - - - - 0.0 ${escaped(leader)} - -\n`;
      const below = `${item.path === '/' ? '' : item.path}/`;
      const directories = items.filter(
        ({ path, type }) =>
          type === 'directory' &&
          path !== '/' &&
          path.startsWith(below) &&
          !path.slice(below.length).includes('/'),
      );
      const nlink = inode.type === 'directory' ? 2 + directories.length : names.get(leader);
      const [size, ...content] = contentFields(inode);
      const fields = [escaped(item.path), size, mode, nlink, 0, 0, deviceNumber(inode), '0.0', ...content];
      const label = facts.labels[item.path];
      const xattrs = [
        ...(inode.kept === undefined ? [] : inode.kept.split(' ')),
        ...(label === undefined ? [] : [`security.selinux=${escaped(label, '=')}`]),
      ];
      return `${[...fields, ...xattrs.sort()].join(' ')}\n`;
    })
    .join('');
}

/** SIZE, PAYLOAD, CONTENT and DIGEST. */
function contentFields({ type, content = '', target = '' }: Item): readonly (string | number)[] {
  if (type === 'symlink') return [target.length, escaped(target), '-', '-'];
  if (type !== 'file' || content === '') return [0, '-', '-', '-'];
  if (content.length <= 64) return [content.length, '-', escaped(content), '-'];
  const digest = Buffer.from(fsverityDigest(latin1(content), 'fsverity-sha256-12', nodeSha2)).toString('hex');
  return [content.length, `${digest.slice(0, 2)}/${digest.slice(2)}`, '-', digest];
}

function deviceNumber({ device: [major, minor] = [0, 0] }: Item): number {
  return (minor & 0xff) | (major << 8);
}

const named: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(text: string, also = ''): string {
  return Array.from(text, character => {
    if (character > ' ' && character <= '~' && character !== '\\' && !also.includes(character))
      return character;
    return named[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  }).join('');
}

/** A file of a lower layer, with the directories that lead to it. */
export function lowerPolicy(type: string, name: string, content: string): readonly Uint8Array[] {
  const items = [d(`/etc`), d('/etc/selinux'), d(`/etc/selinux/${type}`), d(`/etc/selinux/${type}/contexts`)];
  const files = `/etc/selinux/${type}/contexts/files`;
  return [...items, d(files), f(`${files}/${name}`, content)].map(tarEntry);
}

/** A whiteout marker for a path. */
export function whiteout(path: string): Uint8Array {
  const slash = path.lastIndexOf('/');
  return tarEntry(f(`${path.slice(0, slash)}/.wh.${path.slice(slash + 1)}`));
}

/** Any entry of a layer. */
export const inLayer = (...items: readonly Item[]): readonly Uint8Array[] => items.map(tarEntry);

/** A policy with one label for each path, and further requirements. */
export function decided(
  slug: string,
  title: string,
  image: Omit<Labelled, 'title' | 'requirements'>,
  more: readonly string[] = [],
): Recipe {
  return labelled(slug, { title, requirements: ['SELINUX-018', ...more], ...image });
}

/** An image with a path that has two labels. */
export function ambiguous(
  slug: string,
  control: string,
  title: string,
  image: Omit<PolicyImage, 'title' | 'requirements'>,
  requirements: readonly string[] = ['SELINUX-019'],
): Recipe {
  return rejected(slug, 'TRANSFORM_LABEL', control, { title, requirements, ...image });
}
