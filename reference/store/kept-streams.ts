/**
 * Streams of layers and blobs that a store already has, and keeps on import (STORE-108).
 * @module
 */

import { createHash } from 'node:crypto';
import { onlyObject, openStream } from './documents.ts';
import { type StreamKind, streamName } from './paths.ts';
import { contentTypes } from './splitstream-layout.ts';
import type { SplitStream } from './splitstream-read.ts';
import type { StreamWriter } from './splitstream-write.ts';
import { isDamage, linkedObject, type Store } from './store.ts';
import { verifyContent } from './verified-content.ts';

/** The object of the stream of a layer, if its content is that of `writer`, however it is divided. */
export async function keptLayer(
  store: Store,
  diffId: string,
  writer: StreamWriter,
): Promise<string | undefined> {
  return (
    // The same records are the same content, even if an object is damaged, which the import replaces.
    (await keptStream(store, 'layer', diffId, stream => hasSameRecords(stream, writer))) ??
    (await keptStream(store, 'layer', diffId, async () => {
      await verifyContent(store, 'layer', diffId);
      return true;
    }))
  );
}

/** The object of the stream of a blob, if its content is `object`. */
export async function keptBlob(
  store: Store,
  digest: string,
  { object, size }: { readonly object: string; readonly size: number },
): Promise<string | undefined> {
  return keptStream(store, 'blob', digest, async stream => {
    const isBlob = stream.contentType === contentTypes.blob && stream.size === BigInt(size);
    return isBlob && (await onlyObject(stream)) === object;
  });
}

/** What `read` returns, or undefined if what it reads is damaged, and is therefore replaced (STORE-010). */
export async function unlessDamaged<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!isDamage(error)) throw error;
    return undefined;
  }
}

/** The object of a stream without named references that `isRight`; undefined if there is none, or it is damaged. */
async function keptStream(
  store: Store,
  kind: StreamKind,
  digest: string,
  isRight: (stream: SplitStream) => Promise<boolean>,
): Promise<string | undefined> {
  const object = linkedObject(store, `streams/${streamName(kind, digest)}`);
  if (object === undefined) return undefined;
  return unlessDamaged(async () => {
    const stream = await openStream(store, object);
    try {
      return stream.names.size === 0 && (await isRight(stream)) ? object : undefined;
    } finally {
      stream.close();
    }
  });
}

async function hasSameRecords(stream: SplitStream, writer: StreamWriter): Promise<boolean> {
  if (stream.contentType !== contentTypes.layer || stream.size !== writer.size) return false;
  if ([...stream.objectReferences()].join() !== writer.references.join()) return false;
  const [old, now] = [createHash('sha256'), createHash('sha256')];
  for await (const chunk of stream.records()) old.update(chunk);
  for (const chunk of writer.records()) now.update(chunk);
  return old.digest('hex') === now.digest('hex');
}
