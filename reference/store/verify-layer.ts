/**
 * The content of a stream, verified against the OCI digest in its name.
 * @module
 */

import { createHash } from 'node:crypto';
import { parseOciDigest } from '../oci/digest.ts';
import { openStream } from './documents.ts';
import { missing } from './images.ts';
import { streamName } from './paths.ts';
import { damaged, linkedObject, type Store } from './store.ts';
import { contentOf } from './stored-tree.ts';

/**
 * The content of a layer or a blob. Only when the last chunk has been returned is it known to be right (STORE-055).
 *
 * @throws ComposefsError STORE_DAMAGED if it is missing, malformed, or does not match its digest.
 */
export async function* verifiedContent(
  store: Store,
  kind: 'layer' | 'blob',
  digest: string,
): AsyncGenerator<Uint8Array> {
  const path = `streams/${streamName(kind, digest)}`;
  const object = linkedObject(store, path);
  if (object === undefined) throw missing(kind, digest);
  const { hash, hex } = parseOciDigest(digest, {});
  const hasher = createHash(hash);
  const stream = await openStream(store, object);
  try {
    for await (const chunk of contentOf(store, stream)) {
      hasher.update(chunk);
      // The next chunk is read into the same memory, and a file is written while it is read.
      yield Uint8Array.from(chunk);
    }
  } finally {
    stream.close();
  }
  if (hasher.digest('hex') !== hex) throw damaged(`the ${kind} does not match its digest`, path);
}

/** Rejects a layer that is missing or does not match its diff_id. */
export async function verifyLayer(store: Store, diffId: string): Promise<void> {
  for await (const _ of verifiedContent(store, 'layer', diffId));
}
