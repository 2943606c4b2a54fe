/**
 * Writes the contents of new objects to temporary files.
 * @module
 */

import { closeSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { objectFile } from '../paths.ts';
import { fileSize, inStore, type Store } from '../store.ts';

/** How many bytes of two files are compared at a time. */
const COMPARED = 256 * 1024;

/** A part of the content of a new object; the parts of one content are written in order. */
export interface Part {
  /** Where its bytes are in memory. */
  readonly start: number;
  readonly length: number;
  /** The temporary path of the object. */
  readonly path: string;
  readonly isFirst: boolean;
  /** The digest of the content in hexadecimal, if this is its last part. */
  readonly digest?: string | undefined;
}

/** An object that the store has already. */
export interface PresentObject {
  readonly digest: string;
  readonly path: string;
  readonly size: number;
}

/**
 * Writes parts, unless `isStopped`, and returns the objects that the store has already, whose temporary files are
 * removed. Errors of the operating system are thrown as they are.
 */
export function writeParts(
  store: Store,
  memory: Uint8Array,
  parts: readonly Part[],
  isStopped: () => boolean = () => false,
): PresentObject[] {
  const present: PresentObject[] = [];
  for (const part of parts) {
    if (isStopped()) break;
    const size = writePart(store, memory.subarray(part.start, part.start + part.length), part);
    if (size !== undefined) present.push({ digest: part.digest ?? '', path: part.path, size });
  }
  return present;
}

/** Writes a part; returns the size of the object if the store has it already. */
function writePart(store: Store, bytes: Uint8Array, { path, isFirst, digest }: Part): number | undefined {
  if (isFirst && digest !== undefined && hasObject(store, digest, bytes)) return bytes.length;
  const fd = openSync(inStore(store, path), isFirst ? 'wx' : 'a', 0o644);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  } finally {
    closeSync(fd);
  }
  if (isFirst || digest === undefined) return undefined;
  const size = fileSize(store, path);
  if (size === undefined || !hasSameContent(store, path, objectFile(digest))) return undefined;
  rmSync(inStore(store, path), { force: true });
  return size;
}

/** Whether the store has the object with the right content; one with other content is replaced (STORE-010). */
function hasObject(store: Store, digest: string, bytes: Uint8Array): boolean {
  const path = objectFile(digest);
  if (fileSize(store, path) !== bytes.length) return false;
  return readFileSync(inStore(store, path)).equals(bytes);
}

/** Whether two files are there and have the same content. */
function hasSameContent(store: Store, a: string, b: string): boolean {
  if (fileSize(store, a) !== fileSize(store, b)) return false;
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
