/**
 * The content of a stream, verified against the OCI digest in its name.
 * @module
 */

import { createHash } from 'node:crypto';
import { parseOciDigest } from '../oci/digest.ts';
import { checkContentType, missing, onlyObject, openStream } from './documents.ts';
import { type StreamKind, streamName } from './paths.ts';
import { damaged, linkedObject, type Store } from './store.ts';
import { contentOf } from './stored-tree.ts';
import { wrongSize } from './stream-form.ts';

/**
 * The content of the stream with `name`, an OCI digest. Only when the last chunk has been returned is it known to be
 * right (STORE-055).
 *
 * @throws ComposefsError STORE_DAMAGED if it is missing, malformed, or does not match `name` or `digest`.
 */
export async function* verifiedContent(
  store: Store,
  kind: StreamKind,
  name: string,
  digest = name,
): AsyncGenerator<Uint8Array> {
  const path = `streams/${streamName(kind, name)}`;
  const object = linkedObject(store, path);
  if (object === undefined) throw missing(kind, name);
  const hashers = [...new Set([name, digest])].map(each => {
    const { hash, hex } = parseOciDigest(each, {});
    return { hasher: createHash(hash), hex };
  });
  const stream = await openStream(store, object);
  try {
    checkContentType(stream, kind);
    if (kind !== 'layer') await onlyObject(stream);
    let size = 0n;
    for await (const chunk of contentOf(store, stream)) {
      size += BigInt(chunk.length);
      for (const { hasher } of hashers) hasher.update(chunk);
      // The next chunk is read into the same memory, and a file is written while it is read.
      yield Uint8Array.from(chunk);
    }
    if (size !== stream.size) throw wrongSize(stream, size);
  } finally {
    stream.close();
  }
  if (hashers.some(({ hasher, hex }) => hasher.digest('hex') !== hex))
    throw damaged(`the ${kind} does not match its digest`, path);
}

/** Rejects a content that is missing, malformed, or does not match its digest, with STORE_DAMAGED. */
export async function verifyContent(store: Store, kind: StreamKind, digest: string): Promise<void> {
  for await (const _ of verifiedContent(store, kind, digest));
}
