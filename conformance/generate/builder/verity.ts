/**
 * fs-verity digests of at most one block. Shares no code with the reference.
 * @module
 */

import { createHash } from 'node:crypto';

/** The digest of at most 4096 bytes with blocks of 4096 bytes, in hex. */
export function smallVerity(bytes: Uint8Array, hash: 'sha256' | 'sha512' = 'sha256'): string {
  if (bytes.length > 4096) throw new RangeError(`${bytes.length} bytes are more than one block of 4096`);
  const block = Buffer.alloc(4096);
  block.set(bytes);
  const head = Buffer.alloc(256);
  head.set([1, hash === 'sha256' ? 1 : 2, 12]);
  head.writeUInt32LE(bytes.length, 8);
  if (bytes.length > 0) head.set(createHash(hash).update(block).digest(), 16);
  return createHash(hash).update(head).digest('hex');
}
