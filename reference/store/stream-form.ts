/**
 * What a stream must be like for the kind in its name (spec/storage.md, "Reading streams").
 * @module
 */

import type { ComposefsError } from '../errors.ts';
import { verifyObject } from './documents.ts';
import { objectFile } from './paths.ts';
import type { SplitStream } from './splitstream-read.ts';
import { damaged, fileSize, isDamage, type Store } from './store.ts';

/**
 * Rejects a stream with a malformed record, or whose total size is not that of its content, with STORE_DAMAGED
 * (STORE-112). The size is unknown if an object is damaged or missing.
 */
export async function checkRecords(store: Store, stream: SplitStream): Promise<void> {
  const objects = new Set<string>();
  let size = 0n;
  for await (const piece of stream.pieces()) {
    if (piece.kind === 'inline') {
      size += BigInt(piece.bytes.length);
      continue;
    }
    objects.add(piece.digest);
    size += BigInt(fileSize(store, objectFile(piece.digest)) ?? 0);
  }
  if (size === stream.size) return;
  // Objects are read only now: a damaged one can have another size.
  for (const digest of objects) if (!isIntact(store, digest)) return;
  throw wrongSize(stream, size);
}

/** A rejection of a stream with a wrong total size (STORE-112). */
export function wrongSize(stream: SplitStream, size: bigint): ComposefsError {
  return damaged(`the total size is ${stream.size}, but the content has ${size} bytes`, stream.path);
}

/** Whether an object is there and matches its digest. */
export function isIntact(store: Store, digest: string): boolean {
  try {
    verifyObject(store, digest);
    return true;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  }
}
