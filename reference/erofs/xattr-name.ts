/**
 * Names of extended attributes as EROFS stores them: the number of a known prefix, and the rest.
 * @module
 */

import { ascii, type ByteString } from '../bytes.ts';
import { xxh32 } from './xxh32.ts';

type Prefixes = readonly (readonly [index: number, prefix: ByteString])[];

/** EROFS-019: the first prefix with which a name begins is used. */
const prefixes: Prefixes = [
  [1, ascii('user.')],
  [2, ascii('system.posix_acl_access')],
  [3, ascii('system.posix_acl_default')],
  [4, ascii('trusted.')],
  [6, ascii('security.')],
];

/** EROFS-086 */
const prefixesV2: Prefixes = [...prefixes, [5, ascii('lustre.')]];

const byIndex: ReadonlyMap<number, ByteString> = new Map([[0, ascii('')], ...prefixes]);
const byIndexV2: ReadonlyMap<number, ByteString> = new Map([[0, ascii('')], ...prefixesV2]);

/** EROFS-027 */
const FILTER_SEED = 0x25bbe08f;

/** A full name, divided into prefix and suffix. */
export interface DividedName {
  /** Number of the prefix; 0 if there is none, and `suffix` is the full name. */
  readonly index: number;
  readonly suffix: ByteString;
}

/** Divides a full name, with the prefixes of format v2 if `isV2`. */
export function divideName(full: ByteString, isV2: boolean): DividedName {
  for (const [index, prefix] of isV2 ? prefixesV2 : prefixes) {
    if (full.startsWith(prefix)) return { index, suffix: full.slice(prefix.length) as ByteString };
  }
  return { index: 0, suffix: full };
}

/** The prefix with the number `index`, empty for 0; undefined if the format does not have it. */
export function prefixOf(index: number, isV2: boolean): ByteString | undefined {
  return (isV2 ? byIndexV2 : byIndex).get(index);
}

/** The bit, as a mask, that a name clears in the name filter of its inode. */
export function filterBit({ index, suffix }: DividedName): number {
  return (1 << (xxh32(suffix, FILTER_SEED + index) & 31)) >>> 0;
}
