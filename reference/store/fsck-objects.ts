/**
 * The objects of a store, each read once.
 * @module
 */

import { closeSync, openSync, readSync } from 'node:fs';
import { FsVerity } from '../fsverity/digest.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { DigestMap } from './digest-map.ts';
import type { Findings } from './findings.ts';
import { objectFile } from './paths.ts';
import { fileSize, inStore, type Store } from './store.ts';
import { hasVerity } from './verity.ts';
import { objectEntries } from './walk.ts';

const CHUNK = 256 * 1024;
const INTACT = 1;
const DAMAGED = 2;
const MISSING = 3;

/** Knows which objects match their digests. */
export class CheckedObjects {
  readonly #store: Store;
  readonly #findings: Findings;
  readonly #progress: ((objects: number) => void) | undefined;
  readonly #states: DigestMap;
  readonly #verity: FsVerity;
  readonly #buffer = Buffer.allocUnsafe(CHUNK);
  #count = 0;

  constructor(store: Store, findings: Findings, progress?: (objects: number) => void) {
    this.#store = store;
    this.#findings = findings;
    this.#progress = progress;
    this.#states = new DigestMap(store.digestSize);
    this.#verity = new FsVerity(store.algorithm, nodeSha2);
  }

  get digestSize(): number {
    return this.#store.digestSize;
  }

  /** The number of objects read. */
  get count(): number {
    return this.#count;
  }

  /** Whether an object is there. */
  isPresent(digest: string): boolean {
    if (this.#states.get(digest) === 0 && fileSize(this.#store, objectFile(digest)) === undefined) {
      this.#states.set(digest, MISSING);
    }
    return this.#states.get(digest) !== MISSING;
  }

  /** Whether an object is there and matches its digest. */
  isIntact(digest: string): boolean {
    return this.read(digest, () => {});
  }

  /** Reads an object into `see`, and returns whether it is there and matches its digest. */
  read(digest: string, see: (chunk: Uint8Array) => void): boolean {
    if (!this.isPresent(digest)) return false;
    const known = this.#states.get(digest);
    if (known === DAMAGED) return false;
    const path = objectFile(digest);
    const fd = openSync(inStore(this.#store, path), 'r');
    try {
      for (let length = readSync(fd, this.#buffer); length > 0; length = readSync(fd, this.#buffer)) {
        const chunk = this.#buffer.subarray(0, length);
        if (known === 0) this.#verity.update(chunk);
        see(chunk);
      }
    } finally {
      closeSync(fd);
    }
    if (known === 0) this.#add(digest, Buffer.from(this.#verity.digest()).toString('hex') === digest);
    return this.#states.get(digest) === INTACT;
  }

  #add(digest: string, intact: boolean): void {
    this.#states.set(digest, intact ? INTACT : DAMAGED);
    if (!intact) this.#findings.add('object-digest', objectFile(digest));
    this.#count++;
    this.#progress?.(this.#count);
  }

  /** Checks all objects that were not read yet, and reports what is not an object. */
  async checkAll(verity: boolean): Promise<void> {
    for (const entry of objectEntries(this.#store)) {
      if (entry.kind === 'stray') this.#findings.add('stray', entry.path);
      if (entry.kind !== 'object') continue;
      if (this.#states.get(entry.digest) === 0) this.isIntact(entry.digest);
      if (verity) await this.#checkVerity(entry.digest);
    }
  }

  async #checkVerity(digest: string): Promise<void> {
    if (this.#states.get(digest) !== INTACT) return;
    const path = objectFile(digest);
    if (!(await hasVerity(inStore(this.#store, path).toString()))) this.#findings.add('object-verity', path);
  }
}
