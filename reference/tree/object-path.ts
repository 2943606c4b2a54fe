/**
 * Paths of objects in a store: `aa/bbbb…`, the digits of the fs-verity digest (TREE-006).
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import type { ExternalFile } from './inode.ts';

const SLASH = 0x2f;
const digits = new TextEncoder().encode('0123456789abcdef');
const values = new Uint8Array(128);
for (const [value, digit] of digits.entries()) values[digit] = value;

/** The path of the object with `digest`. */
export function objectPath(digest: ByteString): ByteString {
  const path = new Uint8Array(2 * digest.length + 1);
  for (let i = 0, at = 0; i < digest.length; i++) {
    if (i === 1) path[at++] = SLASH;
    const byte = digest.charCodeAt(i);
    path[at++] = digits[byte >> 4] as number;
    path[at++] = digits[byte & 15] as number;
  }
  return byteString(path);
}

/** The path of the object of an external file, if it is known. */
export function payloadOf({ payload, digest }: ExternalFile): ByteString | undefined {
  return payload ?? (digest === undefined ? undefined : objectPath(digest));
}

/** Whether `path` is {@link objectPath} of `digest`. Called for every external file, so it creates no string. */
export function isObjectPath(path: ByteString, digest: ByteString): boolean {
  if (path.length !== 2 * digest.length + 1 || path.charCodeAt(2) !== SLASH) return false;
  for (let i = 0, at = 0; i < digest.length; i++, at += 2) {
    if (i === 1) at++;
    const byte = digest.charCodeAt(i);
    if (path.charCodeAt(at) !== digits[byte >> 4] || path.charCodeAt(at + 1) !== digits[byte & 15])
      return false;
  }
  return true;
}

/** The length in bytes of the digest of the object at `path`. */
export function objectDigestSize(path: ByteString): number {
  return (path.length - 1) / 2;
}

/** Writes the digest of the object at `path` into `target`, starting at offset `at`. */
export function writeObjectDigest(path: ByteString, target: Uint8Array, at: number): void {
  const size = objectDigestSize(path);
  for (let i = 0, from = 0; i < size; i++, from += 2) {
    if (i === 1) from++;
    const high = values[path.charCodeAt(from)] as number;
    target[at + i] = (high << 4) | (values[path.charCodeAt(from + 1)] as number);
  }
}
