/**
 * The objects of a store, each verified once.
 * @module
 */

import { DigestMap } from './digest-map.ts';
import type { Findings } from './findings.ts';
import { ObjectReader, type ReadObserver, type ToRead } from './object-reader/object-reader.ts';
import type { ObjectState } from './object-reader/read-object.ts';
import { objectFile } from './paths.ts';
import type { Piece, SplitStream } from './splitstream-read.ts';
import { fileSize, inStore, type Store } from './store.ts';
import { hasVerity } from './verity.ts';
import { objectEntries } from './walk.ts';

/** The object is there, and was not read yet. */
const PRESENT = 1;
const INTACT = 2;
const DAMAGED = 3;
const MISSING = 4;

/** Knows which objects match their digests. */
export class CheckedObjects {
  readonly #store: Store;
  readonly #findings: Findings;
  readonly #progress: ((objects: number) => void) | undefined;
  readonly #states: DigestMap;
  readonly #reader: ObjectReader;
  #count = 0;

  constructor(store: Store, findings: Findings, progress?: (objects: number) => void) {
    this.#store = store;
    this.#findings = findings;
    this.#progress = progress;
    this.#states = new DigestMap(store.digestSize);
    this.#reader = new ObjectReader(store);
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
    return this.#state(digest) !== MISSING;
  }

  /** The size of an object in bytes; undefined if it is missing. */
  sizeOf(digest: string): number | undefined {
    return this.isPresent(digest) ? this.#states.size(digest) : undefined;
  }

  #state(digest: string): number {
    const known = this.#states.get(digest);
    if (known !== 0) return known;
    const size = fileSize(this.#store, objectFile(digest));
    const state = size === undefined ? MISSING : PRESENT;
    this.#states.set(digest, state, size);
    return state;
  }

  /** Whether an object is there and matches its digest. */
  isIntact(digest: string): boolean {
    return this.read(digest, () => {});
  }

  /** Reads an object into `see`, and returns whether it is there and matches its digest. */
  read(digest: string, see: (chunk: Uint8Array) => void): boolean {
    if (!this.#isReadable(digest)) return false;
    this.#end(digest, this.#reader.readHere(this.#request(digest), see));
    return this.#states.get(digest) === INTACT;
  }

  /** Whether an object is there, and not known to be damaged. */
  #isReadable(digest: string): boolean {
    const state = this.#state(digest);
    return state !== MISSING && state !== DAMAGED;
  }

  #request(digest: string) {
    return { digest, verify: this.#states.get(digest) !== INTACT };
  }

  #end(digest: string, state: ObjectState): void {
    // The same object can be read twice before the first result is known.
    if (state === 'read' || this.#states.get(digest) !== PRESENT) return;
    this.#states.set(digest, statesByName[state], this.#states.size(digest));
    if (state === 'missing') return;
    if (state === 'damaged') this.#findings.add('object-digest', objectFile(digest));
    this.#count++;
    this.#progress?.(this.#count);
  }

  /**
   * Reads the content of a stream: the inline bytes and objects of `pieces` in order, into `see`. Returns whether all
   * objects are there and match their digests.
   */
  async readContent(
    stream: SplitStream,
    pieces: AsyncIterable<Piece>,
    see: (chunk: Uint8Array) => void,
  ): Promise<boolean> {
    let size = 0;
    for (const digest of stream.objectReferences()) size += this.sizeOf(digest) ?? 0;
    let complete = true;
    await this.#reader.readAll(this.#toRead(pieces), size, {
      chunk: see,
      end: (digest, state) => {
        this.#end(digest, state);
        complete &&= this.#states.get(digest) === INTACT;
      },
      other: bytes => {
        if (bytes === undefined) complete = false;
        else see(bytes);
      },
    });
    return complete;
  }

  /** Objects to be read, and inline bytes in their place; undefined instead of an object that cannot be read. */
  async *#toRead(pieces: AsyncIterable<Piece>): AsyncGenerator<ToRead<Uint8Array | undefined>> {
    for await (const piece of pieces) {
      if (piece.kind === 'inline') yield { other: piece.bytes };
      else if (this.#isReadable(piece.digest)) yield { object: this.#request(piece.digest) };
      else yield { other: undefined };
    }
  }

  /** Checks all objects that were not read yet, and reports what is not an object. */
  async checkAll(verity: boolean): Promise<void> {
    let size = 0;
    for (const entry of objectEntries(this.#store)) {
      if (entry.kind === 'stray') this.#findings.add('stray', entry.path);
      if (entry.kind === 'object' && this.#state(entry.digest) === PRESENT)
        size += this.#states.size(entry.digest);
    }
    const observer: ReadObserver<never> = {
      chunk: () => {},
      end: (digest, state) => this.#end(digest, state),
      other: () => {},
    };
    await this.#reader.readAll(this.#unread(), size, observer);
    if (!verity) return;
    for (const entry of objectEntries(this.#store))
      if (entry.kind === 'object') await this.#checkVerity(entry.digest);
  }

  async *#unread(): AsyncGenerator<ToRead<never>> {
    for (const entry of objectEntries(this.#store)) {
      if (entry.kind !== 'object' || this.#state(entry.digest) !== PRESENT) continue;
      yield { object: this.#request(entry.digest) };
    }
  }

  async #checkVerity(digest: string): Promise<void> {
    if (this.#states.get(digest) !== INTACT) return;
    const path = objectFile(digest);
    if (!(await hasVerity(inStore(this.#store, path).toString()))) this.#findings.add('object-verity', path);
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }
}

const statesByName = { intact: INTACT, damaged: DAMAGED, missing: MISSING } as const;
