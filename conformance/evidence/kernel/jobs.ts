/**
 * The jobs that the guest does, and its answers. guest/jobs.py is the other side.
 * @module
 */

import type { SeenEntry, SeenListing } from '../external-checks/listing-difference.ts';

/** The name of an error: `EIO`. */
export type Errno = string;

/** A result, or the error of a call. */
export type Outcome<T> = { readonly ok: T } | { readonly errno: Errno };

/** The number of a hash algorithm in the interface of fs-verity: SHA-256, SHA-512. */
export type HashNumber = 1 | 2;

/** What the guest is asked to do. All paths are below the folder of the disk. */
export type Job =
  | { readonly kind: 'protect'; readonly folder: string; readonly hash: HashNumber }
  | ImageJob
  | ReadJob
  | StackJob
  | AccessJob
  | ShellJob
  | { readonly kind: 'flip'; readonly file: string; readonly offsets: readonly number[] }
  | { readonly kind: 'blocks'; readonly file: string }
  | { readonly kind: 'trust'; readonly certificate: string }
  | SignJob
  | DiskImageJob;

/** Measures an image if it has `hash`, mounts and lists it, and with `overlay` also overlayfs over it. */
export interface ImageJob {
  readonly kind: 'image';
  readonly image: string;
  readonly hash?: HashNumber;
  readonly blockSize?: number;
  readonly overlay: boolean;
  /** The folder of the objects. Default: an empty one. */
  readonly store?: string;
  /** Files of a layer below, in another overlayfs. */
  readonly below?: readonly string[];
}

/** Reads a file through overlayfs. */
export interface ReadJob {
  readonly kind: 'read';
  readonly image: string;
  readonly store: string;
  readonly path: string;
  readonly verity: 'require' | 'on' | 'off';
}

/** Mounts images, each over the store, and lists an overlayfs that stacks them. */
export interface StackJob {
  readonly kind: 'stack';
  /** Starting with the base. */
  readonly images: readonly string[];
  readonly store: string;
}

/** Reads the attributes of files as root, and opens them as each of `users`, in an image and through overlayfs. */
export interface AccessJob {
  readonly kind: 'access';
  readonly image: string;
  readonly store: string;
  /** Whether the image is mounted with `acl`; otherwise with `noacl`. */
  readonly withAcls: boolean;
  readonly users: readonly { readonly uid: number; readonly gid: number }[];
  readonly paths: readonly string[];
}

/** Runs commands in one shell, in the folder `folder` of the system in `root`. */
export interface ShellJob {
  readonly kind: 'shell';
  readonly root: string;
  readonly folder: string;
  readonly commands: readonly string[];
}

/** Enables fs-verity on a file with a signature. */
export interface SignJob {
  readonly kind: 'sign';
  readonly file: string;
  readonly signature: string;
  readonly hash: HashNumber;
}

/** Opens a disk image with dm-verity. */
export interface DiskImageJob {
  readonly kind: 'disk-image';
  readonly file: string;
  readonly dataAt: number;
  readonly dataSize: number;
  readonly hashSize: number;
  readonly rootHash: string;
}

/** A listing, and the names that can be looked up although no directory lists them: directory, name, error. */
export interface Listed {
  readonly entries: SeenListing;
  readonly absent: readonly (readonly [directory: string, name: string, result: string])[];
}

/** A listing through overlayfs, and the files of the layer below that are visible in another one. */
export interface OverlayListed extends Listed {
  readonly below?: readonly string[];
  /** The same with the option `userxattr`. */
  readonly belowUser?: readonly string[];
}

/** The result of an {@link ImageJob}. */
export interface ImageResult {
  readonly digest?: Outcome<string>;
  /** Why it was not mounted. */
  readonly error?: Errno;
  readonly how?: 'file' | 'loop';
  readonly mounted?: Outcome<Listed>;
  /** The content of a file is its SHA-256 in hexadecimal; `below` are the files of the layer below that are visible. */
  readonly overlay?:
    | Outcome<Listed & { readonly below?: readonly string[] }>
    | { readonly unavailable: string };
}

/** The result of reading a file: the step that failed, or what each block gave (`ok` or an error). */
export type ReadResult =
  | { readonly lookup: Errno }
  | { readonly open: Errno }
  | { readonly blocks: readonly string[] }
  | { readonly unavailable: string };

/** The result of a {@link StackJob}. The content of a file is its SHA-256 in hexadecimal. */
export type StackResult = Outcome<SeenListing> | { readonly unavailable: string };

/** By path: the attributes, and for each user `ok` or why the file could not be opened. */
export type AccessSeen = Readonly<
  Record<string, { readonly xattrs: SeenEntry['xattrs']; readonly opened: readonly string[] }>
>;

/** The result of an {@link AccessJob}. */
export interface AccessResult {
  readonly erofs: AccessSeen;
  readonly overlay: AccessSeen | { readonly unavailable: string };
}

/** The result of a {@link ShellJob}: of each command, what it wrote to stdout and stderr, and its exit status. */
export interface ShellResult {
  readonly results: readonly CommandResult[];
}

export interface CommandResult {
  readonly output: string;
  readonly status: number;
}

/** The result of a {@link DiskImageJob}. */
export type DiskImageResult =
  | { readonly open: Errno }
  | { readonly blocks: readonly string[]; readonly mount: Errno }
  | { readonly blocks: readonly string[]; readonly mounted: Outcome<Listed> };

/** What each kind of job results in. */
export interface Results {
  readonly protect: { readonly measured: Readonly<Record<string, string>> };
  readonly image: ImageResult;
  readonly read: ReadResult;
  readonly stack: StackResult;
  readonly access: AccessResult;
  readonly shell: ShellResult;
  readonly flip: Record<string, never>;
  readonly blocks: Extract<ReadResult, { open: Errno } | { blocks: readonly string[] }>;
  readonly trust: Outcome<null> | { readonly unavailable: string };
  readonly sign: { readonly enable: string; readonly digest?: string };
  readonly 'disk-image': DiskImageResult;
}

/** The answer to one job: its result, or the error of the guest's program; and what the kernel logged meanwhile. */
export type JobAnswer = ({ readonly result: Results[keyof Results] } | { readonly failed: string }) & {
  readonly log: readonly string[];
};

/** What reading the blocks of a file gave, in a few words. */
export function observedBlocks(blocks: readonly string[]): string {
  const failed = blocks.filter(block => block !== 'ok');
  if (failed.length === 0) return 'reads it';
  return `${[...new Set(failed)].join(', ')} on read, ${failed.length} of ${blocks.length} blocks`;
}

/** The first error of mounting and listing an image; undefined if there is none. */
export function imageError({ error, mounted }: ImageResult): string | undefined {
  if (error !== undefined) return `${error} on mount`;
  if (mounted === undefined || 'errno' in mounted) return `${mounted?.errno} on lookup`;
  for (const entry of mounted.ok.entries) {
    if ('errno' in entry) return `${entry.errno} on lookup`;
    const values = [entry.content, ...Object.values(entry.xattrs)];
    for (const value of values) {
      if (typeof value === 'object' && 'errno' in value) return `${value.errno} on read`;
    }
  }
  return undefined;
}
