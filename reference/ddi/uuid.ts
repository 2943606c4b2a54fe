/**
 * The UUIDs of a disk image (spec/ddi.md, "UUIDs").
 * @module
 */

import { ascii, bytesOf, hex } from '../bytes.ts';
import type { Sha2 } from '../hash/sha2.ts';

/** The UUID of a purpose and a root hash, its bytes in order (DDI-007). */
export function derivedUuid(
  purpose: 'disk' | 'verity' | 'signature',
  rootHash: Uint8Array,
  sha2: Sha2,
): Uint8Array {
  const text = `composefs-ddi ${purpose} ${hex(rootHash)}`;
  const uuid = Uint8Array.from(sha2.hash('sha256', bytesOf(ascii(text))).subarray(0, 16));
  uuid.set([((uuid[6] ?? 0) & 0x0f) | 0x80], 6);
  uuid.set([((uuid[8] ?? 0) & 0x3f) | 0x80], 8);
  return uuid;
}

/** A UUID in text as its bytes in order. */
export function parseUuid(text: string): Uint8Array {
  const digits = text.replaceAll('-', '');
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** The positions of the bytes of a UUID in a field of the partition table, and the other way round. */
const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/** A UUID as a field of the partition table, or such a field as a UUID: the same bytes are exchanged. */
export function exchangeUuidBytes(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(order, i => bytes[i] ?? 0);
}
