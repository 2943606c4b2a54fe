/**
 * Directory entries, as far as they can be located in unchecked bytes.
 * @module
 */

import { DIRENT_SIZE, dirent } from '../structures.ts';
import type { ImageBytes } from './image-bytes.ts';

/** One directory entry. */
export interface UncheckedEntry {
  readonly at: number;
  readonly nid: number;
  /** Where its name is; undefined if that cannot be determined. */
  readonly name?: { readonly start: number; readonly end: number };
}

/** The entries in the block or tail from `start` to `end`; none if their number cannot be determined. */
export function entriesAt({ view, bytes }: ImageBytes, start: number, end: number): UncheckedEntry[] {
  if (end - start < DIRENT_SIZE) return [];
  const count = view.getUint16(start + dirent.nameoff, true) / DIRENT_SIZE;
  if (count === 0 || !Number.isInteger(count) || start + count * DIRENT_SIZE > end) return [];
  const entries: UncheckedEntry[] = [];
  let nameStart = start + count * DIRENT_SIZE;
  for (let i = 0; i < count; i++) {
    const at = start + i * DIRENT_SIZE;
    const nid = view.getUint32(at + dirent.nid, true) + view.getUint32(at + dirent.nid + 4, true) * 2 ** 32;
    const nameEnd =
      i + 1 < count
        ? start + view.getUint16(at + DIRENT_SIZE + dirent.nameoff, true)
        : lastNameEnd(bytes, nameStart, end);
    const isName = nameEnd > nameStart && nameEnd <= end;
    entries.push({ at, nid, ...(isName && { name: { start: nameStart, end: nameEnd } }) });
    // After a name without an end, no further name can be located.
    nameStart = isName ? nameEnd : end;
  }
  return entries;
}

function lastNameEnd(bytes: Uint8Array, start: number, end: number): number {
  const found = bytes.subarray(start, end).indexOf(0);
  return found < 0 ? end : start + found;
}
