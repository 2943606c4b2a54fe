/**
 * fs-verity digests with blocks of 4096 bytes. Shares no code with the reference.
 * @module
 */

import { createHash } from 'node:crypto';

const BLOCK = 4096;

/** The digest of `bytes`, in hex. */
export function verityDigest(bytes: Uint8Array, hash: 'sha256' | 'sha512' = 'sha256'): string {
  const sum = (block: Uint8Array) => createHash(hash).update(padded(block)).digest();
  let level = blocksOf(bytes).map(sum);
  while (level.length > 1) level = blocksOf(Buffer.concat(level)).map(sum);
  const descriptor = Buffer.alloc(256);
  descriptor.set([1, hash === 'sha256' ? 1 : 2, 12]);
  descriptor.writeBigUInt64LE(BigInt(bytes.length), 8);
  descriptor.set(level[0] ?? [], 16);
  return createHash(hash).update(descriptor).digest('hex');
}

function blocksOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / BLOCK) }, (_, i) =>
    bytes.subarray(i * BLOCK, (i + 1) * BLOCK),
  );
}

function padded(block: Uint8Array): Uint8Array {
  if (block.length === BLOCK) return block;
  const whole = Buffer.alloc(BLOCK);
  whole.set(block);
  return whole;
}
