/**
 * Names of extended attributes as EROFS stores them: a number for a known prefix, and the rest.
 * @module
 */

import { ascii, type ByteString } from '../bytes.ts';
import { xxh32 } from './xxh32.ts';

/** EROFS-019: the first prefix that a name begins with counts. */
const prefixes: Prefixes = [
  [1, ascii('user.')],
  [2, ascii('system.posix_acl_access')],
  [3, ascii('system.posix_acl_default')],
  [4, ascii('trusted.')],
  [6, ascii('security.')],
];

/** EROFS-086 */
const prefixesV2: Prefixes = [...prefixes, [5, ascii('lustre.')]];

/** EROFS-027. */
const FILTER_SEED = 0x25bbe08f;

type Prefixes = readonly (readonly [index: number, prefix: ByteString])[];

/** A full name, divided. */
export interface DividedName {
  /** Number of the prefix; 0 where there is none and `suffix` is the full name. */
  readonly index: number;
  readonly suffix: ByteString;
}

/** Divides a full name, as format v2 does where `isLegacy`. */
export function divideName(full: ByteString, isLegacy = false): DividedName {
  for (const [index, prefix] of isLegacy ? prefixesV2 : prefixes) {
    if (full.startsWith(prefix)) return { index, suffix: full.slice(prefix.length) as ByteString };
  }
  return { index: 0, suffix: full };
}

/** The prefix of an index, or undefined where the format has no such index. */
export function prefixOf(index: number, isLegacy: boolean): ByteString | undefined {
  if (index === 0) return ascii('');
  return (isLegacy ? prefixesV2 : prefixes).find(([known]) => known === index)?.[1];
}

/** The bit, as a mask, that a name clears in the filter of its inode. */
export function filterBit({ index, suffix }: DividedName): number {
  return (1 << (xxh32(suffix, FILTER_SEED + index) & 31)) >>> 0;
}
