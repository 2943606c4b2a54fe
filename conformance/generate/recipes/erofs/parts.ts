/**
 * Dumpfiles for trees, the image that each has, and images that are put wrong one field at a time.
 * @module
 */

import { hex } from '../../../../reference/bytes.ts';
import { parseDumpfile } from '../../../../reference/dumpfile/parse.ts';
import type { ErofsFormat } from '../../../../reference/erofs/formats.ts';
import { writeErofs } from '../../../../reference/erofs/write.ts';
import type { Algorithm } from '../../../../reference/fsverity/algorithm.ts';
import { fsverityDigest } from '../../../../reference/fsverity/digest.ts';
import { nodeSha2 } from '../../../../reference/hash/node/sha2.ts';
import type { MapField } from '../../../suite/image-map.ts';
import { erofsFields } from '../../image-map/decode.ts';
import type { Draft, Recipe } from '../../recipe.ts';
import { bytes, type Fields, line, root } from '../dumpfile/lines.ts';

export const MKCOMPOSEFS = 'mkcomposefs 1.0.8';
export const COMPOSEFS_RS = 'composefs-rs 0.9.4';
export const COMPOSEFS_INFO = 'composefs-info 1.0.8';
export const FSCK = 'fsck.erofs 1.9.4';
export const FSVERITY = 'fsverity-utils 1.6';
/** The kernel that mounted the image, and showed the tree. */
export const LINUX = 'linux 6.18';

/** Where each of the two other writers is at home, for cases in which it differs. */
export const writers = {
  c: 'https://github.com/composefs/composefs/blob/v1.0.8/libcomposefs/lcfs-writer-erofs.c',
  rs: 'https://github.com/composefs/composefs-rs/blob/main/crates/composefs/src/erofs/writer.rs',
} as const;

/** Sixty-four bytes of hex. */
export const digest = '5a'.repeat(32);
/** One of SHA-512. */
export const sha512 = 'a7'.repeat(64);
/** Path of the object with that digest. */
export const object = objectOf(digest);

/** Path of the object with a digest. */
export function objectOf(digestHex: string): string {
  return `${digestHex.slice(0, 2)}/${digestHex.slice(2)}`;
}

type More = Omit<Fields, 'path' | 'size' | 'payload'>;

/** A directory. */
export function directory(path: string, more: More = {}): string {
  return line({ path, mode: '40755', nlink: '2', ...more });
}

/** An inline file whose content has no byte to escape. */
export function file(path: string, content = '', more: More = {}): string {
  return line({ path, size: String(content.length), content: content === '' ? '-' : content, ...more });
}

/** An external file, without digest and payload unless `more` has them. */
export function external(path: string, size: string, more: Omit<Fields, 'path' | 'size'> = {}): string {
  return line({ path, size, ...more });
}

/** A symbolic link; where its target has bytes to escape, `more` has the size. */
export function symlink(path: string, target: string, more: More = {}): string {
  return line({ path, size: String(target.length), mode: '120777', payload: target, ...more });
}

/** A further name of the inode at `target`. */
export function hardlink(path: string, target: string, mode = '100644'): string {
  return `${path} 0 @${mode} - - - - 0.0 ${target} - -\n`;
}

/** A character device 0:0. */
export function whiteout(path: string, more: More = {}): string {
  return line({ path, mode: '20644', ...more });
}

/** `count` names of `length` bytes each, in order. */
export function names(count: number, length: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i).padStart(5, '0').padEnd(length, 'n'));
}

/** The image of a dumpfile. */
export function imageOf(
  dumpfile: string,
  name: Algorithm = 'fsverity-sha256-12',
  format: ErofsFormat = 'v1',
): Uint8Array {
  const chunks = writeErofs(parseDumpfile(bytes(dumpfile)), { format, algorithm: name });
  return Uint8Array.from(Buffer.concat([...chunks]));
}

/** Who makes or checks images of a format. */
const witnesses: Readonly<Record<ErofsFormat, readonly string[]>> = {
  v0: [MKCOMPOSEFS, COMPOSEFS_RS, FSVERITY, FSCK, LINUX],
  v1: [MKCOMPOSEFS, COMPOSEFS_RS, FSVERITY, FSCK, LINUX],
  v2: [COMPOSEFS_RS, FSVERITY, FSCK, LINUX],
};

/** Features that a case about images of a format needs. */
function needsOf(format: ErofsFormat): string[] {
  return format === 'v1' ? [] : [`format.${format}`];
}

/** What every case can say besides. */
interface About extends Pick<Draft, 'class' | 'links' | 'tags' | 'needs' | 'confirmedBy'> {
  readonly title: string;
  /** Of the image. Default: v1. */
  readonly format?: ErofsFormat;
  readonly requirements: readonly string[];
}

/** A tree, and the digest of its image. */
export interface Written extends About {
  readonly input: string;
  readonly digest: string;
  /** Default: fsverity-sha256-12. */
  readonly algorithm?: Algorithm;
  /** Why a writer may refuse it, where it may. */
  readonly optional?: string;
  /** The slug of the nearest one that no writer may refuse, where it may refuse this one. */
  readonly control?: string;
}

/** The case `erofs/<slug>`: the image of `input`, which the two other writers make too unless `confirmedBy` says. */
export function writes(slug: string, { input, digest: known, optional, control, ...rest }: Written): Recipe {
  const { algorithm: name = 'fsverity-sha256-12', format = 'v1', needs = [], ...about } = rest;
  return {
    id: `erofs/${slug}`,
    make: () => {
      const image = imageOf(input, name, format);
      const found = hex(fsverityDigest(image, name, nodeSha2));
      if (found !== known) throw new Error(`erofs/${slug}: the image has the digest ${found}`);
      const expected = { values: { digest: known }, files: { image: 'expect/image.erofs' } };
      return {
        op: 'erofs.write',
        input: { dumpfile: 'in/dumpfile' },
        needs: [...needsOf(format), ...needs],
        params: { format, algorithm: name },
        expect:
          optional === undefined
            ? { outcome: 'accept', ...expected }
            : { outcome: 'either', because: optional, ifAccept: expected },
        files: { 'in/dumpfile': bytes(input), 'expect/image.erofs': image },
        confirmedBy: witnesses[format],
        ...(control === undefined ? {} : { control: `erofs/${control}` }),
        ...about,
      };
    },
  };
}

/** A tree that has no image. */
export interface Unwritable extends About {
  readonly input: string;
  readonly params?: Draft['params'];
  readonly stage?: string;
  readonly reasons: readonly string[];
  /** Slug of the nearest tree that has one. */
  readonly control: string;
}

/** The case `erofs/<slug>`: a writer refuses `input`. */
export function refusesTree(slug: string, { input, params, stage = 'erofs', ...rest }: Unwritable): Recipe {
  const { reasons, control, format = 'v1', needs = [], ...about } = rest;
  return {
    id: `erofs/${slug}`,
    make: () => ({
      op: 'erofs.write',
      input: { dumpfile: 'in/dumpfile' },
      needs: [...needsOf(format), ...needs],
      params: { format, algorithm: 'fsverity-sha256-12', ...params },
      expect: { outcome: 'reject', stage, reasons },
      control: `erofs/${control}`,
      files: { 'in/dumpfile': bytes(input) },
      ...about,
    }),
  };
}

/** A field of an image. */
interface FieldName {
  /** The structure, without the number of an inode: `superblock`, `inode /f`. */
  readonly where: string;
  readonly field: string;
}

/** A field and its new value: a number, its bytes, or what another field has. */
export interface Change extends FieldName {
  readonly value: number | bigint | string | FieldName;
}

/** A change, the way a recipe writes it. */
export function set(where: string, field: string, value: Change['value']): Change {
  return { where, field, value };
}

/** The value of another field of the image, before any change. */
export function sameAs(where: string, field: string): FieldName {
  return { where, field };
}

/** `image` with some fields changed. Throws where a field is not there, or a value has not its size. */
export function changed(image: Uint8Array, changes: readonly Change[]): Uint8Array {
  const copy = image.slice();
  const fields = erofsFields(image);
  const find = ({ where, field }: FieldName): MapField => {
    const found = fields.find(
      known => known.name === field && known.where.replace(/^inode \d+ /, 'inode ') === where,
    );
    if (found === undefined) throw new Error(`the image has no ${field} of ${where}`);
    return found;
  };
  for (const { value, ...name } of changes) {
    const { start, size } = find(name);
    if (typeof value === 'object') {
      const from = find(value).start;
      copy.set(image.subarray(from, from + size), start);
    } else {
      copy.set(fieldBytes(value, size), start);
    }
  }
  return copy;
}

function fieldBytes(value: number | bigint | string, size: number): Uint8Array {
  if (typeof value === 'string') {
    if (value.length !== size) throw new Error(`"${value}" has not ${size} bytes`);
    return bytes(value);
  }
  const all = new DataView(new ArrayBuffer(8));
  all.setBigUint64(0, BigInt(value), true);
  return new Uint8Array(all.buffer, 0, size);
}

/** An image, and the tree in it. */
export interface Read extends About {
  /** The tree that the image is made of, before `changes`. */
  readonly image: string;
  readonly changes?: readonly Change[];
  readonly algorithm?: Algorithm;
  /** The canonical dumpfile that it is read as. Default: `image`. */
  readonly tree?: string;
  /** Who judges images, and finds this one sound, beside the readers in `confirmedBy`. Default: all of them. */
  readonly judges?: readonly string[];
}

/** The case `erofs/<slug>`: a reader finds `tree` in the image. */
export function reads(
  slug: string,
  {
    image,
    changes = [],
    algorithm: name,
    tree = image,
    confirmedBy = [],
    judges = [FSCK, LINUX],
    format = 'v1',
    needs = [],
    ...rest
  }: Read,
): Recipe {
  return {
    id: `erofs/${slug}`,
    make: () => ({
      op: 'erofs.read',
      needs: [...needsOf(format), ...needs],
      input: { image: 'in/image.erofs' },
      params: {},
      expect: { outcome: 'accept', files: { dumpfile: 'expect/dumpfile' } },
      files: {
        'in/image.erofs': changed(imageOf(image, name, format), changes),
        'expect/dumpfile': bytes(tree),
      },
      confirmedBy: [...confirmedBy, ...judges],
      ...rest,
    }),
  };
}

/** An image that is refused. */
export interface Unreadable extends About {
  /** The tree that the image is made of, before `changes`. Default: the tree of `read-tree`. */
  readonly image?: string;
  readonly changes?: readonly Change[];
  /** What else is done to the image. */
  readonly cut?: (image: Uint8Array) => Uint8Array;
  readonly reasons: readonly string[];
  /** Slug of the image without the defect. Default: `read-tree`. */
  readonly control?: string;
}

/** The root and one directory in it. */
export const two = directory('/', { nlink: '3' }) + directory('/d');

/** The tree of most images that are put wrong. */
export const sample = [
  directory('/', { nlink: '4', xattrs: 'security.selinux=label' }),
  directory('/dir'),
  file('/dir/a', 'hello'),
  file('/dir/b'),
  directory('/empty', { mtime: '1.5' }),
  file('/file', 'hello', { nlink: '2', xattrs: 'security.selinux=label user.one=1 user.two=2' }),
  hardlink('/link', '/file'),
  line({ path: '/null', mode: '20666', rdev: '259' }),
  external('/object', '5000', { payload: object, digest, mtime: '1.7' }),
  symlink('/symlink', 'target'),
].join('');

/** The tree that composefs-rs keeps the digest of in its own tests, for each format. */
export const pinned = [
  root,
  line({ path: '/blkdev', mode: '60000', rdev: '123' }),
  line({ path: '/chrdev', mode: '20000', rdev: '123' }),
  line({ path: '/fifo', mode: '10000' }),
  external('/regular-external', '1234', { mode: '100000', payload: object, digest }),
  file('/regular-inline', 'hihi', { mode: '100000' }),
  line({ path: '/socket', mode: '140000' }),
  symlink('/symlink', '/target', { mode: '120000' }),
].join('');
export const pinnedLink =
  'https://github.com/composefs/composefs-rs/blob/v0.9.0/crates/composefs/tests/mkfs.rs';

/** Two files with two shared attributes; the value of the first one looks like the second one, at reference 340. */
export const nestedXattrs = ['/a', '/b'].reduce(
  (all, path) => all + file(path, '', { xattrs: 'user.abcd=\\x01\\x01\\x00\\x00k\\x00\\x00\\x00 user.k=' }),
  root,
);

/** The case `erofs/<slug>`: a reader refuses the image. */
export function refusesImage(
  slug: string,
  { image = sample, changes = [], cut, ...rest }: Unreadable,
): Recipe {
  const { reasons, control = 'read-tree', format = 'v1', needs = [], ...about } = rest;
  return {
    id: `erofs/${slug}`,
    make: () => {
      const wrong = changed(imageOf(image, undefined, format), changes);
      return {
        op: 'erofs.read',
        needs: [...needsOf(format), ...needs],
        input: { image: 'in/image.erofs' },
        params: {},
        expect: { outcome: 'reject', stage: 'erofs', reasons },
        control: `erofs/${control}`,
        files: { 'in/image.erofs': cut === undefined ? wrong : cut(wrong) },
        ...about,
      };
    },
  };
}

/** As {@link writes}, for a tree that only mkcomposefs writes like this. */
export const onlyC = {
  class: 'KNOWN_BUG',
  links: [writers.rs],
  confirmedBy: [MKCOMPOSEFS, FSVERITY, FSCK, LINUX],
} as const;

/** As {@link writes}, for a tree that only composefs-rs writes like this. */
export const onlyRust = {
  class: 'KNOWN_BUG',
  links: [writers.c],
  confirmedBy: [COMPOSEFS_RS, FSVERITY, FSCK, LINUX],
} as const;
