/**
 * A store: a directory in the repository layout (spec/storage.md).
 * @module
 */

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteString } from '../bytes.ts';
import type { ErofsFormat } from '../erofs/format-rules.ts';
import { ComposefsError } from '../errors.ts';
import { syncDirectory } from '../files/replace.ts';
import { algorithmParameters } from '../fsverity/algorithm.ts';
import { asFileError, isSystemError } from '../oci/file.ts';
import { quoted } from '../oci/json.ts';
import { META_LIMIT, metaText, parseMeta, type StoreAlgorithm, type StoreMeta } from './metadata.ts';
import { newDirectory } from './new-directory.ts';
import { digestOfTarget } from './paths.ts';
import { enableVerity, hasVerity } from './verity.ts';

/** An open store. Every function over it reads the directory again. */
export interface Store {
  readonly directory: string;
  /** The algorithm of all objects. */
  readonly algorithm: StoreAlgorithm;
  /** Length of a digest in bytes. */
  readonly digestSize: 32 | 64;
  /** The format of new composefs images. */
  readonly format: ErofsFormat;
  readonly meta: StoreMeta;
}

/** Options for a new store. */
export interface InitOptions {
  /** Default: `fsverity-sha512-12`. */
  readonly algorithm?: StoreAlgorithm | undefined;
  /** Require fs-verity on every object: needs a file system with fs-verity, and the program `fsverity`. */
  readonly verity?: boolean | undefined;
}

/**
 * Creates a store in `directory`, which does not exist or is empty, complete or not at all.
 *
 * @throws ComposefsError REQUEST_FILE if there is something else, STORE_VERITY if fs-verity cannot be enabled.
 */
export async function initStore(directory: string, options: InitOptions = {}): Promise<Store> {
  const { algorithm = 'fsverity-sha512-12', verity = false } = options;
  const fill = async (temporary: string) => {
    const meta = join(temporary, 'meta.json');
    // STORE-080
    await writeFile(meta, metaText(algorithm), { mode: 0o644, flush: true } as object);
    for (const name of ['objects', 'images', 'streams']) mkdirSync(join(temporary, name), { mode: 0o755 });
    if (verity) await enableVerity(meta, algorithm);
    await syncDirectory(temporary);
  };
  await newDirectory(directory, fill, 0o700);
  return openStore(directory);
}

/**
 * Opens the store in `directory`.
 *
 * @throws ComposefsError STORE_META if it is not one, and STORE_FEATURE if it needs a feature that is unknown here.
 */
export function openStore(directory: string): Store {
  const location = { file: 'meta.json' };
  let text: Uint8Array | undefined;
  try {
    text = readWhole(join(directory, 'meta.json'), META_LIMIT + 1);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (!['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(error.code)) throw asFileError(error, location);
  }
  if (text === undefined) {
    const detail = `${quoted(directory)} is not a store: 'composefs-oci store init' makes one`;
    throw new ComposefsError('STORE_META', detail, location);
  }
  if (text.length > META_LIMIT) {
    throw new ComposefsError('STORE_META', `the description has more than ${META_LIMIT} bytes`, location);
  }
  const meta = parseMeta(text, location);
  const { digestSize } = algorithmParameters[meta.algorithm];
  return { directory, meta, algorithm: meta.algorithm, format: meta.format, digestSize };
}

/** Whether every object must have fs-verity (STORE-084). */
export function requiresVerity({ directory }: Store): Promise<boolean> {
  return hasVerity(join(directory, 'meta.json'));
}

/** A path in a store for the functions of node:fs. */
export function inStore({ directory }: Store, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(path, 'latin1')]);
}

/** The codes of a path where there is nothing, or something of another type. */
const ABSENT = ['ENOENT', 'ENOTDIR', 'EINVAL', 'ELOOP', 'ENAMETOOLONG'];

/** What `read` returns, or undefined if there is nothing at `path`, or something of another type (STORE-075). */
export function unlessAbsent<T>(path: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isSystemError(error) && ABSENT.includes(error.code)) return undefined;
    throw asFileError(error, { file: path });
  }
}

/** The target of a link, or undefined if there is none, or something else. */
export function linkTarget(store: Store, path: string): ByteString | undefined {
  return unlessAbsent(path, () => readlinkSync(inStore(store, path), 'latin1') as ByteString);
}

/** The object that the link of a stream or an image leads to, which may not exist; undefined if there is no such link. */
export function linkedObject(store: Store, path: string): string | undefined {
  const target = linkTarget(store, path);
  return target === undefined ? undefined : digestOfTarget(target, store.digestSize);
}

/** The size of a regular file; undefined if there is none. A link is not followed (STORE-075). */
export function fileSize(store: Store, path: string): number | undefined {
  // Most of the files that do not exist are in a directory that does: without an exception, this takes less time.
  const found = unlessAbsent(path, () => lstatSync(inStore(store, path), { throwIfNoEntry: false }));
  return found?.isFile() ? found.size : undefined;
}

/** A rejection with STORE_DAMAGED. */
export function damaged(detail: string, path: string): ComposefsError {
  return new ComposefsError('STORE_DAMAGED', detail, { file: path });
}

/** Whether `error` is a rejection with STORE_DAMAGED. */
export function isDamage(error: unknown): boolean {
  return error instanceof ComposefsError && error.code === 'STORE_DAMAGED';
}

/** The bytes of a regular file, at most `limit`; undefined if it is none, or a link. */
function readWhole(path: string, limit: number): Uint8Array | undefined {
  // Without O_NONBLOCK, opening a FIFO waits for a writer.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return undefined;
    const bytes = Buffer.alloc(Math.min(stat.size, limit));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}
