/**
 * Removal of everything that is not needed by a root (spec/storage.md, "Removal").
 * @module
 */

import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readErofs } from '../erofs/read.ts';
import { ComposefsError } from '../errors.ts';
import { syncDirectory } from '../files/replace.ts';
import { isOciDigest } from '../oci/digest.ts';
import type { ImageManifest } from '../oci/schemas.ts';
import { DigestMap } from './digest-map.ts';
import {
  checkContentType,
  hasImageConfig,
  onlyObject,
  openStream,
  readObject,
  readStoredConfig,
  readStoredManifest,
  type StoredDocument,
} from './documents.ts';
import { objectsOf } from './fsck-images.ts';
import { hasBlob, imagesOf } from './images.ts';
import { type LockOptions, whileLocked } from './lock.ts';
import {
  digestOfTarget,
  type NamedStream,
  objectFile,
  parseStreamName,
  type StreamKind,
  streamName,
} from './paths.ts';
import { fieldsOf } from './splitstream-layout.ts';
import { damaged, fileSize, inStore, linkTarget, type Store } from './store.ts';
import { checkRecords } from './stream-form.ts';
import { verifyContent } from './verified-content.ts';
import { entriesOf, objectEntries, refsOf } from './walk.ts';
import { checkWritable } from './writable.ts';

/** Options of {@link collectGarbage}. */
export interface GarbageOptions extends LockOptions {
  /** Only report what would be removed. */
  readonly dryRun?: boolean | undefined;
}

/** What was removed, or would be. */
export interface CollectedGarbage {
  readonly objects: number;
  readonly bytes: number;
  /** The links of streams and images. */
  readonly links: readonly string[];
  readonly temporaryFiles: number;
}

/**
 * Removes everything that no root needs.
 *
 * @throws ComposefsError STORE_DAMAGED, before anything is removed, if what a root needs is damaged or missing
 * (STORE-023).
 */
export async function collectGarbage(store: Store, options: GarbageOptions = {}): Promise<CollectedGarbage> {
  const { dryRun = false } = options;
  if (!dryRun) checkWritable(store);
  return whileLocked(
    store.directory,
    dryRun ? 'shared' : 'exclusive',
    async () => {
      const needed = await new NeededObjects(store).find();
      const links = [...deadLinks(store, needed)];
      const remove = (path: string) => {
        if (!dryRun) rmSync(inStore(store, path), { force: true });
      };
      // STORE-027
      for (const path of links) remove(path);
      if (!dryRun) {
        for (const top of new Set(links.map(dirname))) await syncDirectory(join(store.directory, top));
      }
      let [objects, bytes, temporaryFiles] = [0, 0, 0];
      for (const entry of objectEntries(store)) {
        if (entry.kind === 'temporary') temporaryFiles++;
        // STORE-022
        else if (entry.kind === 'object' && needed.get(entry.digest) === 0) {
          objects++;
          bytes += fileSize(store, entry.path) ?? 0;
        } else continue;
        remove(entry.path);
      }
      return { objects, bytes, links, temporaryFiles };
    },
    options,
  );
}

/** The links in `streams` and `images` to objects that are not needed. */
function* deadLinks(store: Store, needed: DigestMap): Generator<string> {
  for (const top of ['images', 'streams']) {
    for (const { name, kind } of entriesOf(store, top)) {
      if (kind !== 'link') continue;
      const path = `${top}/${name}`;
      const digest = digestOfTarget(linkTarget(store, path) ?? '', store.digestSize);
      if (digest !== undefined && needed.get(digest) === 0) yield path;
    }
  }
}

const NAMED = 1;
/** An object whose own references were followed. */
const FOLLOWED = 2;

/** Finds the objects that the roots of a store need. */
class NeededObjects {
  readonly #store: Store;
  readonly #needed: DigestMap;
  /** The links of streams that were followed. */
  readonly #streams = new Set<string>();
  /** The composefs images that were followed. */
  readonly #images = new Set<string>();

  constructor(store: Store) {
    this.#store = store;
    this.#needed = new DigestMap(store.digestSize);
  }

  async find(): Promise<DigestMap> {
    // STORE-092
    for (const top of ['images', 'streams'] as const) {
      for (const { path, kind } of refsOf(this.#store, top)) {
        if (kind !== 'link') continue;
        const target = linkTarget(this.#store, path) ?? '';
        await this.#needLink(top, target.slice(target.lastIndexOf('/') + 1), path);
      }
    }
    return this.#needed;
  }

  /** Something needs what the link `name` in `top` leads to. */
  async #needLink(top: 'images' | 'streams', name: string, because: string): Promise<void> {
    const path = `${top}/${name}`;
    const digest = digestOfTarget(linkTarget(this.#store, path) ?? '', this.#store.digestSize);
    if (digest === undefined) throw damaged(`${path} is missing, so nothing can be removed`, because);
    if (top === 'images') {
      if (digest !== name)
        throw damaged(`${path} leads to another image, so nothing can be removed`, because);
      return this.#needImage(digest);
    }
    if (this.#streams.has(name)) return;
    this.#streams.add(name);
    await this.#needStream(digest);
    const named = parseStreamName(name);
    await this.#requireNamed(named, digest);
    if (named.kind !== 'manifest') return;
    // STORE-024: only the content of a manifest that a link leads to counts.
    const manifest = await readStoredManifest(this.#store, named.digest);
    if (manifest !== undefined) await this.#needContent(manifest);
  }

  /** Rejects a stream that is not the one for its name (STORE-023). The content of layers and blobs is not read. */
  async #requireNamed(named: NamedStream, object: string): Promise<void> {
    if (named.kind === 'config') return verifyContent(this.#store, named.kind, named.digest);
    if (named.kind !== 'layer' && named.kind !== 'blob') return;
    const stream = await openStream(this.#store, object);
    try {
      checkContentType(stream, named.kind);
      if (named.kind === 'blob') await onlyObject(stream);
    } finally {
      stream.close();
    }
  }

  /** Marks an object; false if it was marked like this before. */
  #mark(digest: string, value: number): boolean {
    if (this.#needed.get(digest) >= value) return false;
    this.#needed.set(digest, value);
    return true;
  }

  #needImage(digest: string): void {
    if (this.#images.has(digest)) return;
    this.#mark(digest, FOLLOWED);
    const malformed = this.#needObjects(digest);
    if (malformed === undefined) return;
    throw damaged(`the composefs image is malformed: ${malformed.detail}`, objectFile(digest));
  }

  /** Marks the objects that a composefs image needs; returns why the object is not one. */
  #needObjects(digest: string): ComposefsError | undefined {
    const bytes = readObject(this.#store, digest);
    try {
      for (const object of objectsOf(readErofs(bytes), this.#store.digestSize)) this.#mark(object, NAMED);
      this.#images.add(digest);
      return undefined;
    } catch (error) {
      if (error instanceof ComposefsError && error.stage === 'erofs') return error;
      throw error;
    }
  }

  async #needStream(digest: string): Promise<void> {
    if (!this.#mark(digest, FOLLOWED)) return;
    const stream = await openStream(this.#store, digest);
    try {
      await checkRecords(this.#store, stream);
      for (const object of stream.objectReferences()) this.#mark(object, NAMED);
      for (const reference of stream.streamReferences()) await this.#needReference(reference);
    } finally {
      stream.close();
    }
  }

  /** A reference leads to another stream, or to a composefs image. What is neither needs nothing (STORE-024). */
  async #needReference(digest: string): Promise<void> {
    if (isStream(this.#store, digest)) return this.#needStream(digest);
    if (this.#mark(digest, FOLLOWED)) this.#needObjects(digest);
  }

  /** What a manifest says. Only the config of an image is read: any other can be anything. */
  async #needContent({ document: manifest, names, stream }: StoredDocument<ImageManifest>): Promise<void> {
    const need = (kind: StreamKind, digest: string) =>
      this.#needLink('streams', streamName(kind, digest), objectFile(stream));
    for (const name of names.keys()) {
      if (isOciDigest(name) && hasBlob(this.#store, name)) await need('blob', name);
    }
    const { digest } = manifest.config;
    await need('config', digest);
    const config = hasImageConfig(manifest) ? await readStoredConfig(this.#store, digest) : undefined;
    if (config === undefined) return;
    for (const diffId of config.document.rootfs.diff_ids) await need('layer', diffId);
    for (const image of imagesOf(config.names)) {
      await this.#needLink('images', image.digest, objectFile(config.stream));
    }
  }
}

/** Whether an object starts like a stream. */
function isStream(store: Store, digest: string): boolean {
  const start = Buffer.alloc(32);
  const path = objectFile(digest);
  if (fileSize(store, path) === undefined) throw damaged('the object is missing', path);
  const fd = openSync(inStore(store, path), 'r');
  try {
    readSync(fd, start);
  } finally {
    closeSync(fd);
  }
  return fieldsOf(start) !== undefined;
}
