/**
 * The composefs images that the layers in a store make.
 * @module
 */

import { treeOf } from '../build-tree.ts';
import { hex } from '../bytes.ts';
import { imageDigest } from '../erofs/write.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { objectChunks } from './documents.ts';
import type { ImagePurpose } from './image-keys.ts';
import { objectFile } from './paths.ts';
import { SplitStream } from './splitstream-read.ts';
import { fileSize, type Store } from './store.ts';
import { type SizeOf, StoredArchive } from './stored-archive.ts';

/**
 * The digest of the image that the layers in `streams` (the objects of their streams, base first) make. What is in the
 * store must have been verified.
 *
 * @throws ComposefsError with a code of stage `tar`, `merge`, `transform` or `erofs` if they make none.
 */
export async function madeImage(
  store: Store,
  streams: readonly string[],
  { role, format, xattrs }: ImagePurpose,
  sizeOf: SizeOf = digest => fileSize(store, objectFile(digest)),
): Promise<string> {
  const { algorithm } = store;
  let first = true;
  const tree = await treeOf(
    async function* (read) {
      const again = !first;
      first = false;
      for (const [layer, digest] of streams.entries()) {
        const stream = await SplitStream.open(store, digest);
        try {
          // The second time, somebody looks for the content of certain files.
          const archive = again ? contentOf(store, stream) : new StoredArchive(store, stream, sizeOf);
          yield { result: await read(archive), location: { layer } };
        } finally {
          stream.close();
        }
      }
    },
    { role, transform: 'oci', xattrs, algorithm, sha2: nodeSha2 },
    {
      entries: (archive, entries) => (archive instanceof StoredArchive ? archive.entries(entries) : entries),
    },
  );
  return hex(imageDigest(tree, { format, algorithm, sha2: nodeSha2 }));
}

/** The content of a stream. Each chunk is valid until the next one is requested. */
export async function* contentOf(store: Store, stream: SplitStream): AsyncGenerator<Uint8Array> {
  for await (const piece of stream.pieces()) {
    if (piece.kind === 'inline') yield piece.bytes;
    else yield* objectChunks(store, piece.digest);
  }
}
