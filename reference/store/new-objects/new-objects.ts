/**
 * New objects: written under temporary names, verified and synced together, and only then given their names.
 * @module
 */

import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncDirectory } from '../../files/replace.ts';
import { FsVerity } from '../../fsverity/digest.ts';
import { nodeSha2 } from '../../hash/node/sha2.ts';
import { objectFile, temporaryPath } from '../paths.ts';
import { runProgram } from '../programs.ts';
import { inStore, type Store } from '../store.ts';
import { enableVerity } from '../verity.ts';
import { ObjectWriter, SLOT_SIZE } from './object-writer.ts';
import type { PresentObject } from './write-parts.ts';

/** The most bytes of a content that is held in memory as a whole. */
export const CONTENT_MAX = SLOT_SIZE;
/** How many bytes of another content are collected before they are written. */
const PART_SIZE = 256 * 1024;
/** How many bytes are added before the file system is synced, while more are added: otherwise all waits for the end. */
const SYNC_AHEAD = 256 * 1024 * 1024;
/** Up to this many objects are synced one by one, which is faster than a program that syncs the file system. */
const FEW = 16;
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

/** A content that is being added, in memory. Ends with {@link add}. */
export interface NewContent {
  /** To be filled. */
  readonly bytes: Uint8Array;
  /** The digest of `bytes`. */
  digest(): string;
  /** Adds the content with its digest. From then on, `bytes` must not be used. */
  add(digest: string): void;
}

/** The objects of one import. Each is added with its own temporary name. */
export class NewObjects {
  readonly #store: Store;
  readonly #writer: ObjectWriter;
  /** For contents that are in memory: it is never used for two at a time. */
  readonly #verity: FsVerity;
  /** The temporary paths of new objects by their digests; undefined if the store has the object already. */
  readonly #objects = new Map<string, string | undefined>();
  /** All temporary paths. */
  readonly #temporary = new Set<string>();
  readonly #names = randomBytes(9).toString('base64url');
  #number = 0;
  #added = 0;
  #addedBytes = 0;
  #present = 0;
  #unsynced = 0;
  #syncing: Promise<unknown> | undefined;

  constructor(store: Store) {
    this.#store = store;
    this.#writer = new ObjectWriter(store, object => this.#isPresent(object));
    this.#verity = new FsVerity(store.algorithm, nodeSha2);
    mkdirSync(inStore(store, 'objects'), { recursive: true, mode: 0o755 });
  }

  get counts(): ObjectCounts {
    return { added: this.#added, addedBytes: this.#addedBytes, present: this.#present };
  }

  /** Memory for a content of `size` bytes, which are at most {@link CONTENT_MAX}. */
  async reserve(size: number): Promise<NewContent> {
    const reserved = await this.#writer.reserve(size);
    return {
      bytes: reserved.bytes,
      digest: () => {
        this.#verity.update(reserved.bytes);
        return Buffer.from(this.#verity.digest()).toString('hex');
      },
      add: digest => {
        if (this.#isKnown(digest)) return reserved.drop();
        reserved.write(size, { path: this.#addObject(digest, size), isFirst: true, digest });
      },
    };
  }

  /** Adds a content in chunks, each of which can be reused when the next one is requested; returns its digest. */
  async add(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
    const verity = new FsVerity(this.#store.algorithm, nodeSha2);
    let path: string | undefined;
    let part = await this.#writer.reserve(PART_SIZE);
    let used = 0;
    let size = 0;
    try {
      for await (const chunk of chunks) {
        verity.update(chunk);
        size += chunk.length;
        for (let at = 0; at < chunk.length; ) {
          if (used === PART_SIZE) {
            const isFirst = path === undefined;
            path ??= this.#temporaryPath();
            part.write(used, { path, isFirst });
            part = await this.#writer.reserve(PART_SIZE);
            used = 0;
          }
          const piece = chunk.subarray(at, at + PART_SIZE - used);
          part.bytes.set(piece, used);
          used += piece.length;
          at += piece.length;
        }
      }
    } catch (error) {
      part.drop();
      throw error;
    }
    const digest = Buffer.from(verity.digest()).toString('hex');
    if (this.#isKnown(digest)) part.drop();
    else {
      const isFirst = path === undefined;
      part.write(used, { path: this.#addObject(digest, size, path), isFirst, digest });
    }
    return digest;
  }

  #isKnown(digest: string): boolean {
    if (!this.#objects.has(digest)) return false;
    this.#present++;
    return true;
  }

  #addObject(digest: string, size: number, path = this.#temporaryPath()): string {
    this.#objects.set(digest, path);
    this.#added++;
    this.#addedBytes += size;
    this.#syncAhead(size);
    return path;
  }

  #isPresent({ digest, path, size }: PresentObject): void {
    this.#objects.set(digest, undefined);
    this.#temporary.delete(path);
    this.#added--;
    this.#addedBytes -= size;
    this.#present++;
  }

  #syncAhead(size: number): void {
    this.#unsynced += size;
    if (this.#unsynced < SYNC_AHEAD || this.#syncing !== undefined) return;
    this.#unsynced = 0;
    this.#syncing = syncFileSystem(this.#store)
      // The sync that counts is the last one.
      .catch(() => {})
      .finally(() => {
        this.#syncing = undefined;
      });
  }

  #temporaryPath(): string {
    const path = temporaryPath(`${this.#names}-${this.#number++}`);
    this.#temporary.add(path);
    return path;
  }

  /** A new temporary file. The caller closes it. */
  temporary(): { readonly path: string; readonly fd: number } {
    const path = this.#temporaryPath();
    return { path, fd: openSync(inStore(this.#store, path), 'wx+', 0o644) };
  }

  /** Gives all objects their names, after they are on disk. */
  async commit(verity: boolean): Promise<void> {
    await this.#writer.finish();
    const added = [...this.#objects].flatMap(([digest, path]) =>
      path === undefined ? [] : [{ digest, path }],
    );
    const kept = new Set(added.map(({ path }) => path));
    for (const path of this.#temporary) if (!kept.has(path)) this.#discard(path);
    if (kept.size === 0) return;
    await this.#sync(kept);
    if (verity) await this.#enableVerity([...kept]);
    const directories = new Set<string>();
    for (const { digest, path } of added) {
      const target = objectFile(digest);
      const directory = dirname(target);
      if (!directories.has(directory)) {
        mkdirSync(inStore(this.#store, directory), { recursive: true, mode: 0o755 });
        directories.add(directory);
      }
      renameSync(inStore(this.#store, path), inStore(this.#store, target));
      this.#temporary.delete(path);
    }
    if (kept.size > FEW && (await syncFileSystem(this.#store))) return;
    for (const directory of [...directories, 'objects']) {
      await syncDirectory(inStore(this.#store, directory).toString());
    }
  }

  /** STORE-031: what was written is on disk before it gets a name. */
  async #sync(paths: ReadonlySet<string>): Promise<void> {
    await this.#syncing;
    if (paths.size > FEW && (await syncFileSystem(this.#store))) return;
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

  #discard(path: string): void {
    rmSync(inStore(this.#store, path), { force: true });
    this.#temporary.delete(path);
  }

  /** Ends the thread and the program that this uses. */
  async close(): Promise<void> {
    await this.#writer.stop();
    await this.#syncing;
  }

  /** Removes all temporary files. Synchronous, because a signal may end the process. */
  discard(): void {
    this.#writer.stopNow();
    for (const path of this.#temporary) rmSync(inStore(this.#store, path), { force: true });
    this.#temporary.clear();
  }
}

/** Syncs the file system of a store with the program `sync`; false if it is missing. One call for thousands of files. */
async function syncFileSystem({ directory }: Store): Promise<boolean> {
  return (await runProgram('sync', ['--file-system', directory]))?.status === 0;
}
