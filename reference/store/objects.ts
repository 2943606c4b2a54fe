/**
 * New objects: written under temporary names, verified and synced together, and only then given their names.
 * @module
 */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { syncDirectory } from '../files/replace.ts';
import { FsVerity } from '../fsverity/digest.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { objectFile, TEMPORARY } from './paths.ts';
import { runProgram } from './programs.ts';
import { fileSize, inStore, type Store } from './store.ts';
import { enableVerity } from './verity.ts';

/** How many bytes of a content are collected before they are written to a file. */
const COLLECTED_MAX = 1024 * 1024;
/** How many bytes of two files are compared at a time. */
const COMPARED = 256 * 1024;
/** How many programs run at a time. */
const PROGRAMS = 4;

/** How many objects an operation added to a store. */
export interface ObjectCounts {
  readonly added: number;
  /** Bytes of the added objects. */
  readonly addedBytes: number;
  /** Objects that were there already, or are needed several times. */
  readonly present: number;
}

/** The objects of one import. */
export class NewObjects {
  readonly #store: Store;
  /** For contents that are in memory: it is never used for two at a time. */
  readonly #verity: FsVerity;
  /** The temporary names of the new objects, by their digest. */
  readonly #added = new Map<string, string>();
  /** All temporary names. */
  readonly #temporary = new Set<string>();
  #addedBytes = 0;
  #present = 0;

  constructor(store: Store) {
    this.#store = store;
    this.#verity = new FsVerity(store.algorithm, nodeSha2);
    mkdirSync(inStore(store, 'objects'), { recursive: true, mode: 0o755 });
  }

  get counts(): ObjectCounts {
    return { added: this.#added.size, addedBytes: this.#addedBytes, present: this.#present };
  }

  /** Adds a content in chunks, each of which can be reused when the next one is requested; returns its digest. */
  async add(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
    const verity = new FsVerity(this.#store.algorithm, nodeSha2);
    const parts: Uint8Array[] = [];
    let size = 0;
    let file: { readonly path: string; readonly fd: number } | undefined;
    try {
      for await (const chunk of chunks) {
        verity.update(chunk);
        size += chunk.length;
        if (file === undefined && size <= COLLECTED_MAX) {
          parts.push(Uint8Array.from(chunk));
          continue;
        }
        if (file === undefined) {
          file = this.temporary();
          for (const part of parts) writeAll(file.fd, part);
        }
        writeAll(file.fd, chunk);
      }
    } finally {
      if (file !== undefined) closeSync(file.fd);
    }
    const digest = Buffer.from(verity.digest()).toString('hex');
    if (file !== undefined) this.#adopt(digest, file.path, size);
    else this.#addBytes(digest, parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts, size));
    return digest;
  }

  /** Adds a content; returns its digest. */
  addBytes(bytes: Uint8Array): string {
    this.#verity.update(bytes);
    const digest = Buffer.from(this.#verity.digest()).toString('hex');
    this.#addBytes(digest, bytes);
    return digest;
  }

  #addBytes(digest: string, bytes: Uint8Array): void {
    if (this.#added.has(digest) || this.#has(digest, bytes)) {
      this.#present++;
      return;
    }
    const { path, fd } = this.temporary();
    try {
      writeAll(fd, bytes);
    } finally {
      closeSync(fd);
    }
    this.#adopt(digest, path, bytes.length);
  }

  /** Whether the store has the object with the right content; one with other content is replaced (STORE-010). */
  #has(digest: string, bytes: Uint8Array): boolean {
    const path = objectFile(digest);
    if (fileSize(this.#store, path) !== bytes.length) return false;
    return readFileSync(inStore(this.#store, path)).equals(bytes);
  }

  /** As {@link #has}, for a content that is in a file. */
  #hasFile(digest: string, path: string, size: number): boolean {
    const object = objectFile(digest);
    return fileSize(this.#store, object) === size && hasSameContent(this.#store, path, object);
  }

  #adopt(digest: string, path: string, size: number): void {
    if (this.#added.has(digest) || this.#hasFile(digest, path, size)) {
      this.#present++;
      this.#discard(path);
      return;
    }
    this.#added.set(digest, path);
    this.#addedBytes += size;
  }

  /** A new temporary file. The caller closes it. */
  temporary(): { readonly path: string; readonly fd: number } {
    const path = temporaryPath();
    const fd = openSync(inStore(this.#store, path), 'wx+', 0o644);
    this.#temporary.add(path);
    return { path, fd };
  }

  #discard(path: string): void {
    rmSync(inStore(this.#store, path), { force: true });
    this.#temporary.delete(path);
  }

  /** Gives all objects their names, after they are on disk. */
  async commit(verity: boolean): Promise<void> {
    const kept = new Set(this.#added.values());
    for (const path of this.#temporary) if (!kept.has(path)) this.#discard(path);
    if (kept.size === 0) return;
    await this.#sync(kept);
    if (verity) await this.#enableVerity([...kept]);
    const directories = new Set<string>();
    for (const [digest, path] of this.#added) {
      const target = objectFile(digest);
      const directory = dirname(target);
      if (!directories.has(directory)) {
        mkdirSync(inStore(this.#store, directory), { recursive: true, mode: 0o755 });
        directories.add(directory);
      }
      renameSync(inStore(this.#store, path), inStore(this.#store, target));
      this.#temporary.delete(path);
    }
    if (await syncFileSystem(this.#store)) return;
    for (const directory of [...directories, 'objects']) {
      await syncDirectory(inStore(this.#store, directory).toString());
    }
  }

  /** STORE-031: what was written is on disk before it gets a name. */
  async #sync(paths: Iterable<string>): Promise<void> {
    if (await syncFileSystem(this.#store)) return;
    for (const path of paths) {
      const fd = openSync(inStore(this.#store, path), 'r');
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    }
  }

  async #enableVerity(paths: string[]): Promise<void> {
    const enable = async () => {
      for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
        await enableVerity(inStore(this.#store, path).toString(), this.#store.algorithm);
      }
    };
    await Promise.all(Array.from({ length: PROGRAMS }, enable));
  }

  /** Removes all temporary files. Synchronous, because a signal may end the process. */
  discard(): void {
    for (const path of this.#temporary) rmSync(inStore(this.#store, path), { force: true });
    this.#temporary.clear();
  }
}

/** A temporary path in a store that does not exist yet (STORE-072). */
function temporaryPath(): string {
  return `objects/${TEMPORARY}${randomBytes(9).toString('base64url')}`;
}

/** Syncs the file system of a store with the program `sync`; false if it is missing. One call for thousands of files. */
async function syncFileSystem({ directory }: Store): Promise<boolean> {
  return (await runProgram('sync', ['--file-system', directory]))?.status === 0;
}

/** Creates or replaces a link. */
export function replaceLink(store: Store, path: string, target: string): void {
  const temporary = inStore(store, temporaryPath());
  mkdirSync(inStore(store, dirname(path)), { recursive: true, mode: 0o755 });
  symlinkSync(target, temporary);
  try {
    renameSync(temporary, inStore(store, path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Whether two files of one size have the same content. */
function hasSameContent(store: Store, a: string, b: string): boolean {
  const files = [a, b].map(path => openSync(inStore(store, path), 'r'));
  const buffers = files.map(() => Buffer.allocUnsafe(COMPARED));
  try {
    for (;;) {
      const [first = empty, second = empty] = files.map((fd, i) => {
        const buffer = buffers[i] as Buffer;
        return buffer.subarray(0, readSync(fd, buffer));
      });
      if (!first.equals(second)) return false;
      if (first.length === 0) return true;
    }
  } finally {
    for (const fd of files) closeSync(fd);
  }
}

const empty = Buffer.alloc(0);

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
