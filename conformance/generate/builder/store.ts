/**
 * Builds stores in the repository layout (spec/storage.md), correct and defective ones, as archives. Nothing is
 * checked: every path can be anything. Shares no code with the reference. Paths and targets hold one byte in each
 * character.
 * @module
 */

import type { StoreEntry } from '../../suite/store-archive.ts';
import { verityDigest } from '../../suite/verity.ts';
import { type Stream, streamBytes } from './store-stream.ts';
import { archive, type Bytes, bytes, directory, entry, file, pax, symlink } from './tar.ts';

/** What the streams of images hold. */
export type StreamKind = 'manifest' | 'config' | 'layer' | 'blob';

/** A stream without what the store knows. */
export type NewStream = Omit<Stream, 'hash'>;

/** The description of a store. */
export function metaJson(algorithm = 'fsverity-sha256-12', more: object = {}): string {
  return JSON.stringify({
    version: 1,
    algorithm,
    features: { compatible: [], 'read-only-compatible': ['v1_erofs'], incompatible: [] },
    erofs_formats: { default: 1 },
    ...more,
  });
}

/** The path of an object. */
export function objectPath(digest: string): string {
  return `objects/${digest.slice(0, 2)}/${digest.slice(2)}`;
}

/** Collects the files and links of a store. */
export class StoreBuilder {
  readonly entries = new Map<string, StoreEntry>();
  readonly hash: 'sha256' | 'sha512';

  constructor(hash: 'sha256' | 'sha512' = 'sha256') {
    this.hash = hash;
    this.file('meta.json', metaJson(`fsverity-${hash}-12`));
    for (const path of ['objects', 'images', 'streams']) this.entries.set(path, { kind: 'directory' });
  }

  file(path: string, content: Bytes): this {
    this.entries.set(path, { kind: 'file', content: bytes(content) });
    return this;
  }

  link(path: string, target: string): this {
    this.entries.set(path, { kind: 'link', target });
    return this;
  }

  directory(path: string): this {
    this.entries.set(path, { kind: 'directory' });
    return this;
  }

  /** Removes a path that exists. */
  remove(path: string): this {
    if (!this.entries.delete(path)) throw new Error(`the store has no ${path}`);
    return this;
  }

  /** Puts an object, and returns its digest. */
  object(content: Bytes): string {
    const digest = this.digest(content);
    this.file(objectPath(digest), content);
    return digest;
  }

  digest(content: Bytes): string {
    return verityDigest(bytes(content), this.hash);
  }

  /** Puts an object with a stream, and returns its digest. */
  streamObject(stream: NewStream): string {
    return this.object(streamBytes({ ...stream, hash: this.hash }));
  }

  /** Puts a stream and the link `streams/NAME` to it, and returns the digest of its object. */
  stream(name: string, stream: NewStream): string {
    const digest = this.streamObject(stream);
    this.link(`streams/${name}`, `../${objectPath(digest)}`);
    return digest;
  }

  /** Puts a stream of another program with these named references, and a root that leads to it. */
  program(names: NonNullable<NewStream['names']>, records: NewStream['records'] = []): this {
    this.stream('program', { type: 'whatever', records, names });
    return this.link('streams/refs/program', '../program');
  }

  /** Puts a composefs image and its link, and returns its digest. */
  image(content: Uint8Array): string {
    const digest = this.object(content);
    this.link(`images/${digest}`, `../${objectPath(digest)}`);
    return digest;
  }

  /** Puts a name for a manifest. `escaped` is its file name. */
  name(escaped: string, manifest: string): this {
    return this.link(`streams/refs/oci/${escaped}`, `../../oci-manifest-${manifest}`);
  }

  /** The digest of the object that a link of a stream or an image leads to. */
  linked(path: string): string {
    const entry = this.entries.get(path);
    if (entry?.kind !== 'link') throw new Error(`the store has no link ${path}`);
    return entry.target.slice('../objects/'.length).replace('/', '');
  }

  /** The path of the object that a link leads to. */
  behind(path: string): string {
    return objectPath(this.linked(path));
  }

  /** The content of a file. */
  content(path: string): Uint8Array {
    const entry = this.entries.get(path);
    if (entry?.kind !== 'file') throw new Error(`the store has no file ${path}`);
    return entry.content;
  }

  /** The same store, to be changed. */
  copy(): StoreBuilder {
    const copy = new StoreBuilder(this.hash);
    copy.entries.clear();
    for (const [path, entry] of this.entries) copy.entries.set(path, entry);
    return copy;
  }

  /** The store as an archive, with the directories of all paths. */
  archive(): Uint8Array {
    const entries = new Map(this.entries);
    for (const path of this.entries.keys()) {
      for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1))
        if (!entries.has(path.slice(0, at))) entries.set(path.slice(0, at), { kind: 'directory' });
    }
    const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
    return archive(...sorted.flatMap(([path, entry]) => tarEntry(path, entry)));
  }
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** The parts of the archive for one path. */
function tarEntry(path: string, stored: StoreEntry): Uint8Array[] {
  const isDirectory = stored.kind === 'directory';
  const name = latin1(isDirectory ? `${path}/` : path);
  const target = stored.kind === 'link' ? latin1(stored.target) : undefined;
  const records = {
    ...(name.length > 100 && { path: name }),
    ...(target !== undefined && target.length > 100 && { linkpath: target }),
  };
  const headers = Object.keys(records).length === 0 ? [] : [pax(records)];
  if (isDirectory) return [...headers, directory(name)];
  if (stored.kind === 'file') return [...headers, file(name, stored.content)];
  return [...headers, target === undefined ? entry({ name }) : symlink(name, target)];
}
