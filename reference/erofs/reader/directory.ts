/**
 * The entries of a directory of an image.
 * @module
 */

import { ascii, type ByteString, byteString } from '../../bytes.ts';
import { ComposefsError } from '../../errors.ts';
import { limits } from '../limits.ts';
import { BLOCK_SIZE, DIRENT_SIZE, dirent } from '../structures.ts';
import type { Image } from './image.ts';
import type { Span, StoredInode } from './inode.ts';

/** One directory entry as the image stores it. */
export interface StoredEntry {
  readonly name: ByteString;
  readonly nid: number;
  /** `file_type` of the entry. */
  readonly type: number;
  /** Byte at which the entry begins. */
  readonly at: number;
}

/** A block or tail of a directory. */
interface EntryBlock extends Span {
  /** Where a name in it ends at the latest for Linux: the end of the whole block, or that of the tail. */
  readonly limit: number;
}

const SLASH = 0x2f;
const NUL = 0;
const EMPTY = ascii('');

/** The entries of `directory` in order, including `.` and `..`. Rejects with EROFS_DIRECTORY, EROFS_LIMIT. */
export function* readEntries(image: Image, directory: StoredInode): Generator<StoredEntry> {
  let last = EMPTY;
  for (const block of blocksOf(directory)) {
    for (const entry of blockEntries(image, block)) {
      // EROFS-066: Linux looks up names by binary search.
      if (entry.name <= last) {
        throw directoryError('the name is not after the one before it in bytewise order', entry.at);
      }
      last = entry.name;
      yield entry;
    }
  }
}

function* blocksOf({ blocks, tail }: StoredInode): Generator<EntryBlock> {
  for (let start = blocks.start; start < blocks.end; start += BLOCK_SIZE) {
    const limit = start + BLOCK_SIZE;
    yield { start, end: Math.min(limit, blocks.end), limit };
  }
  if (tail.end > tail.start) yield { ...tail, limit: tail.end };
}

function* blockEntries({ view, bytes }: Image, block: EntryBlock): Generator<StoredEntry> {
  const { start, end } = block;
  if (end - start < DIRENT_SIZE) throw directoryError('the block or tail is shorter than an entry', start);
  // EROFS-064
  const namesAt = view.getUint16(start + dirent.nameoff, true);
  const count = Math.floor(namesAt / DIRENT_SIZE);
  if (count === 0 || namesAt % DIRENT_SIZE !== 0 || start + namesAt > end) {
    throw directoryError(`the first name is at ${namesAt}, which cannot be the end of the entries`, start);
  }
  let nameAt = start + namesAt;
  for (let i = 0; i < count; i++) {
    const at = start + i * DIRENT_SIZE;
    const isLast = i === count - 1;
    const nameEnd = isLast
      ? endOfLastName(bytes, nameAt, block)
      : start + view.getUint16(at + DIRENT_SIZE + dirent.nameoff, true);
    if (nameEnd <= nameAt || nameEnd > end) {
      throw directoryError('the name is empty, or outside the block or tail', at);
    }
    const nid = view.getUint32(at + dirent.nid, true) + view.getUint32(at + dirent.nid + 4, true) * 2 ** 32;
    yield { name: readName(bytes, nameAt, nameEnd), nid, type: view.getUint8(at + dirent.file_type), at };
    nameAt = nameEnd;
  }
}

function endOfLastName(bytes: Uint8Array, start: number, { end, limit }: EntryBlock): number {
  const found = bytes.subarray(start, end).indexOf(NUL);
  if (found >= 0) return start + found;
  // EROFS-102: Linux compares the name up to a NUL or the end of the block, and would not find it.
  if (end < limit && bytes[end] !== NUL) {
    throw directoryError('the last name goes on after the size of the directory', start);
  }
  return end;
}

function readName(bytes: Uint8Array, start: number, end: number): ByteString {
  if (end - start > limits.name) {
    const detail = `the name has ${end - start} bytes; the limit is ${limits.name}`;
    throw new ComposefsError('EROFS_LIMIT', detail, { offset: start });
  }
  const name = bytes.subarray(start, end);
  // EROFS-065
  if (name.includes(SLASH) || name.includes(NUL)) {
    throw directoryError('the name contains a slash or a NUL', start);
  }
  return byteString(name);
}

function directoryError(detail: string, offset: number): ComposefsError {
  return new ComposefsError('EROFS_DIRECTORY', detail, { offset });
}
