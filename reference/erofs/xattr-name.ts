/**
 * Names of extended attributes as EROFS stores them: a number for a known prefix, and the rest.
 * @module
 */

import { ascii, type ByteString } from '../bytes.ts';
import { xxh32 } from './xxh32.ts';

/** EROFS-019: the first prefix that a name begins with counts. */
const prefixes: readonly (readonly [index: number, prefix: ByteString])[] = [
  [1, ascii('user.')],
  [2, ascii('system.posix_acl_access')],
  [3, ascii('system.posix_acl_default')],
  [4, ascii('trusted.')],
  [6, ascii('security.')],
];

/** EROFS-027. */
const FILTER_SEED = 0x25bbe08f;

/** A full name, divided. */
export interface DividedName {
  /** Number of the prefix; 0 where there is none and `suffix` is the full name. */
  readonly index: number;
  readonly suffix: ByteString;
}

/** Divides a full name. */
export function divideName(full: ByteString): DividedName {
  for (const [index, prefix] of prefixes) {
    if (full.startsWith(prefix)) return { index, suffix: full.slice(prefix.length) as ByteString };
  }
  return { index: 0, suffix: full };
}

/** The prefix of an index, or undefined where format v1 has no such index. */
export function prefixOf(index: number): ByteString | undefined {
  if (index === 0) return ascii('');
  return prefixes.find(([known]) => known === index)?.[1];
}

/** The bit, as a mask, that a name clears in the filter of its inode. */
export function filterBit({ index, suffix }: DividedName): number {
  return (1 << (xxh32(suffix, FILTER_SEED + index) & 31)) >>> 0;
}
