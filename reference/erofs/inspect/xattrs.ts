/**
 * Extended attributes, as far as they can be located in unchecked bytes.
 * @module
 */

import { ascii, type ByteString, byteString, joinBytes } from '../../bytes.ts';
import {
  roundUp,
  XATTR_BODY_HEAD,
  XATTR_ENTRY_HEAD,
  XATTR_REFERENCE_SIZE,
  xattrBody,
  xattrEntry,
} from '../structures.ts';
import { prefixOf } from '../xattr-name.ts';
import type { ImageBytes } from './image-bytes.ts';

/** Shown instead of a prefix that no format has. */
const UNKNOWN_PREFIX = ascii('?');

/** An attribute entry: where its parts end. */
export interface UncheckedXattr {
  readonly at: number;
  readonly name: ByteString;
  readonly nameEnd: number;
  readonly valueEnd: number;
  /** Including padding. */
  readonly end: number;
}

/** The attribute entry at byte `at`, or undefined if it does not end by byte `end`. */
export function xattrAt({ view, bytes }: ImageBytes, at: number, end: number): UncheckedXattr | undefined {
  if (at + XATTR_ENTRY_HEAD > end) return undefined;
  const nameEnd = at + XATTR_ENTRY_HEAD + view.getUint8(at + xattrEntry.e_name_len);
  const valueEnd = nameEnd + view.getUint16(at + xattrEntry.e_value_size, true);
  const paddedEnd = at + roundUp(valueEnd - at, 4);
  if (paddedEnd > end) return undefined;
  const prefix = prefixOf(view.getUint8(at + xattrEntry.e_name_index), true) ?? UNKNOWN_PREFIX;
  const name = joinBytes(prefix, byteString(bytes.subarray(at + XATTR_ENTRY_HEAD, nameEnd)));
  return { at, name, nameEnd, valueEnd, end: paddedEnd };
}

/** Whether an attribute entry may begin at byte `at`: padding has no name, and a chunk address has no known prefix. */
export function mayBeginXattr({ view }: ImageBytes, at: number): boolean {
  const index = view.getUint8(at + xattrEntry.e_name_index);
  return prefixOf(index, true) !== undefined && (index > 0 || view.getUint8(at + xattrEntry.e_name_len) > 0);
}

/** The attribute body of an inode, as far as it could be located. */
export interface UncheckedXattrBody {
  /** Byte at which each referenced attribute entry begins. */
  readonly references: readonly number[];
  readonly inline: readonly UncheckedXattr[];
  /** Where the last attribute entry ends; the bytes from here to the end of the body are unknown. */
  readonly known: number;
}

/** The attribute body from `start` to `end`, at least as long as its head; references count from byte `sharedAt`. */
export function xattrBodyAt(
  image: ImageBytes,
  start: number,
  end: number,
  sharedAt: number,
): UncheckedXattrBody {
  const { view } = image;
  const references: number[] = [];
  const inline: UncheckedXattr[] = [];
  let at = start + XATTR_BODY_HEAD;
  const referencesEnd = at + view.getUint8(start + xattrBody.h_shared_count) * XATTR_REFERENCE_SIZE;
  if (referencesEnd > end) return { references, inline, known: at };
  for (; at < referencesEnd; at += XATTR_REFERENCE_SIZE) {
    references.push(sharedAt + 4 * view.getUint32(at, true));
  }
  for (let found = xattrAt(image, at, end); found !== undefined; found = xattrAt(image, found.end, end)) {
    inline.push(found);
    at = found.end;
  }
  return { references, inline, known: at };
}
