/**
 * Extended attributes and directory entries, as far as they can be told in bytes that nobody vouches for.
 * @module
 */

import { ascii, type ByteString, byteString, joinBytes } from '../../bytes.ts';
import {
  DIRENT_SIZE,
  dirent,
  roundUp,
  XATTR_BODY_HEAD,
  XATTR_ENTRY_HEAD,
  XATTR_REFERENCE_SIZE,
  xattrBody,
  xattrEntry,
} from '../structures.ts';

/** Bytes, and numbers in them. */
export interface Bytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Prefixes of the names of attributes, by number. Format v2 alone has the fifth. */
export const prefixes: readonly ByteString[] = [
  '',
  'user.',
  'system.posix_acl_access',
  'system.posix_acl_default',
  'trusted.',
  'lustre.',
  'security.',
].map(ascii);

/** One attribute: where its parts end. */
export interface RawAttribute {
  readonly at: number;
  readonly name: ByteString;
  readonly nameEnd: number;
  readonly valueEnd: number;
  /** With its padding. */
  readonly end: number;
}

/** The attribute at `at`, or undefined where it does not end by `end`. */
export function attributeAt({ view, bytes }: Bytes, at: number, end: number): RawAttribute | undefined {
  if (at + XATTR_ENTRY_HEAD > end) return undefined;
  const nameEnd = at + XATTR_ENTRY_HEAD + view.getUint8(at + xattrEntry.nameLength);
  const valueEnd = nameEnd + view.getUint16(at + xattrEntry.valueLength, true);
  const paddedEnd = at + roundUp(valueEnd - at, 4);
  if (paddedEnd > end) return undefined;
  const prefix = prefixes[view.getUint8(at + xattrEntry.index)] ?? ascii('?');
  const name = joinBytes(prefix, byteString(bytes.subarray(at + XATTR_ENTRY_HEAD, nameEnd)));
  return { at, name, nameEnd, valueEnd, end: paddedEnd };
}

/** Whether an attribute can begin so: padding has no name, and no chunk address has a prefix. */
export function beginsAttribute({ view }: Bytes, at: number): boolean {
  const index = view.getUint8(at + xattrEntry.index);
  return index < prefixes.length && (index > 0 || view.getUint8(at + xattrEntry.nameLength) > 0);
}

/** The attributes of an inode that could be told; everything after `known` up to the end of the body could not. */
export interface RawBody {
  /** Byte of each referenced attribute, from the beginning of the image. */
  readonly references: readonly number[];
  readonly referencesEnd: number;
  readonly inline: readonly RawAttribute[];
  readonly known: number;
}

/** The body from `start` to `end`, which has 12 bytes or more; references count from `sharedAt`. */
export function bodyAt(image: Bytes, start: number, end: number, sharedAt: number): RawBody {
  const { view } = image;
  const references: number[] = [];
  const inline: RawAttribute[] = [];
  let at = start + XATTR_BODY_HEAD;
  const referencesEnd = at + view.getUint8(start + xattrBody.sharedCount) * XATTR_REFERENCE_SIZE;
  if (referencesEnd > end) return { references, referencesEnd: at, inline, known: at };
  for (; at < referencesEnd; at += XATTR_REFERENCE_SIZE) {
    references.push(sharedAt + 4 * view.getUint32(at, true));
  }
  for (
    let found = attributeAt(image, at, end);
    found !== undefined;
    found = attributeAt(image, found.end, end)
  ) {
    inline.push(found);
    at = found.end;
  }
  return { references, referencesEnd, inline, known: at };
}

/** One entry of a directory. */
export interface RawEntry {
  readonly at: number;
  readonly nid: number;
  /** Where its name is; undefined where that could not be told. */
  readonly name?: { readonly start: number; readonly end: number };
}

/** The entries in the block or tail from `start` to `end`, as many as can be told. */
export function entriesAt({ view, bytes }: Bytes, start: number, end: number): RawEntry[] {
  if (end - start < DIRENT_SIZE) return [];
  const count = view.getUint16(start + dirent.nameOffset, true) / DIRENT_SIZE;
  if (count === 0 || !Number.isInteger(count) || start + count * DIRENT_SIZE > end) return [];
  const entries: RawEntry[] = [];
  let nameStart = start + count * DIRENT_SIZE;
  for (let i = 0; i < count; i++) {
    const at = start + i * DIRENT_SIZE;
    const nid = view.getUint32(at + dirent.nid, true) + view.getUint32(at + dirent.nid + 4, true) * 2 ** 32;
    const nameEnd =
      i + 1 < count
        ? start + view.getUint16(at + DIRENT_SIZE + dirent.nameOffset, true)
        : lastNameEnd(bytes, nameStart, end);
    const isName = nameEnd > nameStart && nameEnd <= end;
    entries.push({ at, nid, ...(isName && { name: { start: nameStart, end: nameEnd } }) });
    // Nothing after a name without an end is a name.
    nameStart = isName ? nameEnd : end;
  }
  return entries;
}

function lastNameEnd(bytes: Uint8Array, start: number, end: number): number {
  const found = bytes.subarray(start, end).indexOf(0);
  return found < 0 ? end : start + found;
}
