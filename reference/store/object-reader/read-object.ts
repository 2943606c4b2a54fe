/**
 * Reads an object, and compares it with its digest.
 * @module
 */

import { closeSync, openSync, readSync } from 'node:fs';
import { FsVerity } from '../../fsverity/digest.ts';
import { nodeSha2 } from '../../hash/node/sha2.ts';
import { isSystemError } from '../../oci/file.ts';
import { objectFile } from '../paths.ts';
import { inStore, type Store } from '../store.ts';

/** An object to be read. */
export interface ObjectRequest {
  readonly digest: string;
  /** Whether it is compared with its digest. */
  readonly verify: boolean;
}

/** What was found when an object was read to its end; `read` if it was not compared with its digest. */
export type ObjectState = 'intact' | 'damaged' | 'missing' | 'read';

/** A piece of an object, or its end. */
export type ObjectPiece = { readonly length: number } | { readonly state: ObjectState };

/** Reads one object after the other. */
export class ObjectHasher {
  readonly #store: Store;
  readonly #verity: FsVerity;

  constructor(store: Store) {
    this.#store = store;
    this.#verity = new FsVerity(store.algorithm, nodeSha2);
  }

  /** Reads an object, each piece into the memory that `memory` returns. A link is followed: look before. */
  *read({ digest, verify }: ObjectRequest, memory: () => Uint8Array): Generator<ObjectPiece> {
    const fd = this.#open(digest);
    if (fd === undefined) {
      yield { state: 'missing' };
      return;
    }
    try {
      for (;;) {
        const bytes = memory();
        const length = readSync(fd, bytes);
        if (length === 0) break;
        if (verify) this.#verity.update(bytes.subarray(0, length));
        yield { length };
      }
    } finally {
      closeSync(fd);
    }
    if (!verify) yield { state: 'read' };
    else
      yield { state: Buffer.from(this.#verity.digest()).toString('hex') === digest ? 'intact' : 'damaged' };
  }

  #open(digest: string): number | undefined {
    try {
      return openSync(inStore(this.#store, objectFile(digest)), 'r');
    } catch (error) {
      if (isSystemError(error) && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
