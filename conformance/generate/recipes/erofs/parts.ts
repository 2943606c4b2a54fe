/**
 * Builders of the EROFS recipes: dumpfiles of trees, their images, and images with single fields changed.
 * @module
 */

import { hex } from '../../../../reference/bytes.ts';
import { parseDumpfile } from '../../../../reference/dumpfile/parse.ts';
import type { ErofsFormat } from '../../../../reference/erofs/format-rules.ts';
import { writeErofs } from '../../../../reference/erofs/write.ts';
import type { Algorithm } from '../../../../reference/fsverity/algorithm.ts';
import { fsverityDigest } from '../../../../reference/fsverity/digest.ts';
import { nodeSha2 } from '../../../../reference/hash/node/sha2.ts';
import { type Draft, either, type MayReject, type Recipe } from '../../recipe.ts';
import { bytes, type Fields, line, root } from '../dumpfile/lines.ts';
import { type Change, changed } from './changes.ts';

export const MKCOMPOSEFS = 'mkcomposefs 1.0.8';
export const COMPOSEFS_RS = 'composefs-rs 0.9.4';
export const COMPOSEFS_INFO = 'composefs-info 1.0.8';
export const FSCK = 'fsck.erofs 1.9.4';
export const FSVERITY = 'fsverity-utils 1.6';
/** The kernel that mounted the image and showed the expected tree. */
export const LINUX = 'linux 6.18';

/** Source files of the two other writers, the links of cases in which they differ. */
export const writers = {
  c: 'https://github.com/composefs/composefs/blob/v1.0.8/libcomposefs/lcfs-writer-erofs.c',
  rs: 'https://github.com/composefs/composefs-rs/blob/main/crates/composefs/src/erofs/writer.rs',
} as const;

/** A SHA-256 digest in hex. */
export const digest = '5a'.repeat(32);
/** A SHA-512 digest in hex. */
export const sha512 = 'a7'.repeat(64);
/** Path of the object with {@link digest}. */
export const object = objectOf(digest);

/** Path of the object with a digest. */
export function objectOf(digestHex: string): string {
  return `${digestHex.slice(0, 2)}/${digestHex.slice(2)}`;
}

type More = Omit<Fields, 'path' | 'size' | 'payload'>;

export function directory(path: string, more: More = {}): string {
  return line({ path, mode: '40755', nlink: '2', ...more });
}

/** An inline file whose content needs no escapes. */
export function file(path: string, content = '', more: More = {}): string {
  return line({ path, size: String(content.length), content: content === '' ? '-' : content, ...more });
}

/** An external file; digest and payload are unset unless `more` sets them. */
export function external(path: string, size: string, more: Omit<Fields, 'path' | 'size'> = {}): string {
  return line({ path, size, ...more });
}

/** A symbolic link. If its target has escapes, `more` has to set the size. */
export function symlink(path: string, target: string, more: More = {}): string {
  return line({ path, size: String(target.length), mode: '120777', payload: target, ...more });
}

/** Another name of the inode at `target`. */
export function hardlink(path: string, target: string, mode = '100644'): string {
  return `${path} 0 @${mode} - - - - 0.0 ${target} - -\n`;
}

export function whiteout(path: string, more: More = {}): string {
  return line({ path, mode: '20644', ...more });
}

/** `count` names of `length` bytes each, in order. */
export function names(count: number, length: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i).padStart(5, '0').padEnd(length, 'n'));
}

/** The image of a dumpfile, written by the reference. */
export function imageOf(
  dumpfile: string,
  name: Algorithm = 'fsverity-sha256-12',
  format: ErofsFormat = 'v1',
): Uint8Array {
  const chunks = writeErofs(parseDumpfile(bytes(dumpfile)), { format, algorithm: name });
  return Uint8Array.from(Buffer.concat([...chunks]));
}

/** The programs that write or check images of a format. */
const witnesses: Readonly<Record<ErofsFormat, readonly string[]>> = {
  v0: [MKCOMPOSEFS, COMPOSEFS_RS, FSVERITY, FSCK, LINUX],
  v1: [MKCOMPOSEFS, COMPOSEFS_RS, FSVERITY, FSCK, LINUX],
  v2: [COMPOSEFS_RS, FSVERITY, FSCK, LINUX],
};

/** The features that a case needs because of its format. */
function needsOf(format: ErofsFormat): string[] {
  return format === 'v1' ? [] : [`format.${format}`];
}

/** Members that every EROFS case can set. */
interface About extends Pick<Draft, 'class' | 'links' | 'tags' | 'needs' | 'confirmedBy'> {
  readonly title: string;
  /** Format of the image. Default: v1. */
  readonly format?: ErofsFormat;
  readonly requirements: readonly string[];
}

/** A tree, and the digest of its image. */
export interface Written extends About {
  readonly input: string;
  readonly digest: string;
  /** Default: fsverity-sha256-12. */
  readonly algorithm?: Algorithm;
  /** Why and how a writer may reject the tree, if it may. */
  readonly optional?: MayReject;
  /** If `optional` is set: slug of the nearest tree that every writer has to accept. */
  readonly control?: string;
}

/**
 * The case `erofs/<slug>`: the image of `input`. The two other writers make it too, unless `confirmedBy` lists others.
 */
export function writes(slug: string, { input, digest: known, optional, control, ...rest }: Written): Recipe {
  const { algorithm: name = 'fsverity-sha256-12', format = 'v1', needs = [], ...about } = rest;
  return {
    id: `erofs/${slug}`,
    make: () => {
      const image = imageOf(input, name, format);
      const found = hex(fsverityDigest(image, name, nodeSha2));
      if (found !== known)
        throw new Error(`erofs/${slug}: the image has the digest ${found}, the recipe expects ${known}`);
      const expected = { values: { digest: known }, files: { image: 'expect/image.erofs' } };
      return {
        op: 'erofs.write',
        input: { dumpfile: 'in/dumpfile' },
        needs: [...needsOf(format), ...needs],
        params: { format, algorithm: name },
        expect: optional === undefined ? { outcome: 'accept', ...expected } : either(optional, expected),
        files: { 'in/dumpfile': bytes(input), 'expect/image.erofs': image },
        confirmedBy: witnesses[format],
        ...(control === undefined ? {} : { control: `erofs/${control}` }),
        ...about,
      };
    },
  };
}

/** A tree that the writer rejects. */
export interface Unwritable extends About {
  readonly input: string;
  readonly params?: Draft['params'];
  readonly stage?: string;
  readonly reasons: readonly string[];
  /** Slug of the nearest tree that has an image. */
  readonly control: string;
}

/** The case `erofs/<slug>`: a writer rejects `input`. */
export function rejectsTree(slug: string, { input, params, stage = 'erofs', ...rest }: Unwritable): Recipe {
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

/** An image, and the tree that a reader returns for it. */
export interface Read extends About {
  /** Dumpfile of the tree from which the image is written, before `changes`. */
  readonly image: string;
  readonly changes?: readonly Change[];
  /** Changes the image as a whole, after `changes`. */
  readonly cut?: (image: Uint8Array) => Uint8Array;
  readonly algorithm?: Algorithm;
  /** The canonical dumpfile that a reader returns. Default: `image`. */
  readonly tree?: string;
  /** The image checkers that accept the image, in addition to the readers in `confirmedBy`. Default: all. */
  readonly checkers?: readonly string[];
}

/** The case `erofs/<slug>`: a reader returns `tree` for the image. */
export function reads(
  slug: string,
  {
    image,
    changes = [],
    cut = unchanged => unchanged,
    algorithm: name,
    tree = image,
    confirmedBy = [],
    checkers = [FSCK, LINUX],
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
        'in/image.erofs': cut(changed(imageOf(image, name, format), changes)),
        'expect/dumpfile': bytes(tree),
      },
      confirmedBy: [...confirmedBy, ...checkers],
      ...rest,
    }),
  };
}

/** An image that a reader rejects. */
export interface Unreadable extends About {
  /** Dumpfile of the tree from which the image is written, before `changes`. Default: {@link sample}. */
  readonly image?: string;
  readonly changes?: readonly Change[];
  /** Changes the image as a whole, after `changes`. */
  readonly cut?: (image: Uint8Array) => Uint8Array;
  readonly reasons: readonly string[];
  /** Slug of the image without the defect. Default: `read-tree`. */
  readonly control?: string;
}

/** A root with one directory. */
export const two = directory('/', { nlink: '3' }) + directory('/d');

/** The tree of most corrupted images. */
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

/** The tree whose digest composefs-rs pins in its own tests, for each format. */
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

/** Two files with two shared attributes. The value of the first, at reference 340, looks like the second. */
export const nestedXattrs = ['/a', '/b'].reduce(
  (all, path) => all + file(path, '', { xattrs: 'user.abcd=\\x01\\x01\\x00\\x00k\\x00\\x00\\x00 user.k=' }),
  root,
);

/** A directory `/d` below which a path has 4096 bytes, and a second name in it. */
export const longPath = ((): string => {
  const middle = Array.from({ length: 14 }, () => `/${'n'.repeat(255)}`);
  const chain = [`/${'n'.repeat(254)}`, ...middle, `/${'n'.repeat(254)}`];
  const nested = chain.map((_, i) =>
    directory(`/d${chain.slice(0, i + 1).join('')}`, i + 1 < chain.length ? { nlink: '3' } : {}),
  );
  return `${directory('/', { nlink: '3' }) + directory('/d', { nlink: '3' }) + nested.join('')}${file('/d/oz')}`;
})();

/** Files that fill a block. The last one, `/n`, begins after a gap, so that its tail is in one block. */
export const movedTail =
  root + ['/m0', '/m1', '/m2', '/m3', '/m4', '/n'].map(path => file(path, 'c'.repeat(500))).join('');

/** Files after the stubs, which end at byte 1216 of a block. The tail of `/n` ends with the block. */
export const tailEndsWithBlock =
  root +
  ['/m0', '/m1', '/m2', '/m3'].map(path => file(path, 'c'.repeat(512))).join('') +
  file('/m4', 'd'.repeat(128)) +
  file('/n', 'n'.repeat(512)) +
  file('/o', 'o');

/** Devices in the root whose names only contain the name of a stub. */
export const devicesBesideStubs =
  root + ['/00a', '/a00'].map(path => line({ path, mode: '20644', rdev: '1' })).join('');

/** A root that is later than a file, so that its stubs have the extended form. */
export const laterRoot = directory('/', { mtime: '1.5' }) + file('/a');

/** Files whose label is not that of the root. */
export const labels =
  directory('/', { xattrs: 'security.selinux=a' }) +
  file('/a', '', { xattrs: 'security.selinux=b user.k=v' }) +
  file('/b', '', { xattrs: 'security.selinux=b user.k=v' });

/** The case `erofs/<slug>`: a reader rejects the image. */
export function rejectsImage(
  slug: string,
  { image = sample, changes = [], cut = unchanged => unchanged, ...rest }: Unreadable,
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
        files: { 'in/image.erofs': cut(wrong) },
        ...about,
      };
    },
  };
}

/** For {@link writes}: only mkcomposefs writes the same image. */
export const onlyC = {
  class: 'KNOWN_BUG',
  links: [writers.rs],
  confirmedBy: [MKCOMPOSEFS, FSVERITY, FSCK, LINUX],
} as const;

/** For {@link writes}: only composefs-rs writes the same image. */
export const onlyRust = {
  class: 'KNOWN_BUG',
  links: [writers.c],
  confirmedBy: [COMPOSEFS_RS, FSVERITY, FSCK, LINUX],
} as const;
