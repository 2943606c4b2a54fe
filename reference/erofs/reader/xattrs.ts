/**
 * The extended attributes of the inodes of an image.
 * @module
 */

import { type ByteString, byteString, joinBytes } from '../../bytes.ts';
import { ComposefsError } from '../../errors.ts';
import {
  roundUp,
  XATTR_BODY_HEAD,
  XATTR_ENTRY_HEAD,
  XATTR_REFERENCE_SIZE,
  xattrBody,
  xattrEntry,
} from '../structures.ts';
import { divideName, filterBit, prefixOf } from '../xattr-name.ts';
import type { Image } from './image.ts';

/** An attribute, and the size of its entry in the image. */
interface StoredXattr {
  readonly name: ByteString;
  readonly value: ByteString;
  readonly filterBit: number;
  readonly size: number;
}

/** Full names, as the image stores them, to values. */
export type StoredXattrs = ReadonlyMap<ByteString, ByteString>;

const none: StoredXattrs = new Map();

/** Reads attributes, and each shared one only once. */
export class XattrReader {
  readonly #image: Image;
  readonly #shared = new Map<number, StoredXattr>();
  /** Total size of #shared. */
  #sharedSize = 0;
  /** Attributes of inodes that have only shared ones, by their attribute body: many inodes have the same. */
  readonly #sharedOnly = new Map<ByteString, StoredXattrs>();
  /** Names are few, and checking one computes a hash. */
  readonly #filterBits = new Map<ByteString, number>();

  constructor(image: Image) {
    this.#image = image;
  }

  /**
   * The attributes in the attribute body of `size` bytes at byte `start`. Rejects with EROFS_XATTR, EROFS_RANGE,
   * EROFS_OVERLAP.
   */
  read(start: number, size: number): StoredXattrs {
    if (size === 0) return none;
    const { view, bytes } = this.#image;
    const end = start + size;
    const sharedCount = view.getUint8(start + xattrBody.h_shared_count);
    let at = start + XATTR_BODY_HEAD + sharedCount * XATTR_REFERENCE_SIZE;
    if (at > end) {
      throw xattrError(`the attribute body has no room for its ${sharedCount} references`, start);
    }

    // EROFS-099: Linux cannot list the attributes of such an inode.
    if (sharedCount === 0 && at === end) throw xattrError('the attribute body has no attributes', start);

    // The key includes the name filter, so whatever is found under it has been checked.
    const body = at === end ? byteString(bytes.subarray(start, end)) : undefined;
    const known = body === undefined ? undefined : this.#sharedOnly.get(body);
    if (known !== undefined) return known;

    const found = new Map<ByteString, ByteString>();
    let present = 0;
    const add = ({ name, value, filterBit }: StoredXattr): void => {
      // EROFS-062
      if (found.has(name)) throw xattrError('two attributes of an inode have the same name', start);
      found.set(name, value);
      present |= filterBit;
    };
    for (let i = start + XATTR_BODY_HEAD; i < at; i += XATTR_REFERENCE_SIZE) {
      add(this.#sharedXattr(this.#image.sharedAt + view.getUint32(i, true) * 4));
    }
    while (at < end) {
      const xattr = this.#xattr(at, end, 'EROFS_XATTR');
      add(xattr);
      at += xattr.size;
    }
    // EROFS-063: Linux does not look for a name that the filter rules out.
    if (view.getUint32(start + xattrBody.h_name_filter, true) !== ~present >>> 0) {
      throw xattrError('the name filter does not match the names', start);
    }
    if (body !== undefined) this.#sharedOnly.set(body, found);
    return found;
  }

  /** To be called after all inodes are read. Rejects with EROFS_OVERLAP if two shared attributes overlap (EROFS-055). */
  checkShared(): void {
    let end = 0;
    for (const [at, { size }] of [...this.#shared].sort(([a], [b]) => a - b)) {
      if (at < end) throw overlapError(at);
      end = at + size;
    }
  }

  #sharedXattr(at: number): StoredXattr {
    let xattr = this.#shared.get(at);
    if (xattr === undefined) {
      xattr = this.#xattr(at, this.#image.bytes.length, 'EROFS_RANGE');
      this.#shared.set(at, xattr);
      this.#sharedSize += xattr.size;
      // If they are larger than the image, some overlap, and reading on could take any amount of memory.
      if (this.#sharedSize > this.#image.bytes.length) throw overlapError(at);
    }
    return xattr;
  }

  /** The attribute entry at byte `at`. Rejects with `code` if it does not end by byte `end`. */
  #xattr(at: number, end: number, code: 'EROFS_XATTR' | 'EROFS_RANGE'): StoredXattr {
    const { view, bytes } = this.#image;
    const nameAt = at + XATTR_ENTRY_HEAD;
    if (nameAt > end) throw truncatedError(code, end, at);
    const nameLength = view.getUint8(at + xattrEntry.e_name_len);
    const valueAt = nameAt + nameLength;
    const valueEnd = valueAt + view.getUint16(at + xattrEntry.e_value_size, true);
    const size = roundUp(valueEnd - at, 4);
    if (at + size > end) throw truncatedError(code, end, at);
    const index = view.getUint8(at + xattrEntry.e_name_index);
    const name = this.#name(index, byteString(bytes.subarray(nameAt, valueAt)), at);
    const value = byteString(bytes.subarray(valueAt, valueEnd));
    return { ...name, value, size };
  }

  #name(index: number, suffix: ByteString, at: number): { name: ByteString; filterBit: number } {
    const { isV2 } = this.#image.rules;
    const prefix = prefixOf(index, isV2);
    if (prefix === undefined) throw xattrError(`unknown prefix number ${index}`, at);
    const name = joinBytes(prefix, suffix);
    let bit = this.#filterBits.get(name);
    if (bit === undefined) {
      // EROFS-061: Linux does not find a name that is divided in a different way.
      const expected = divideName(name, isV2).index;
      if (expected !== index) {
        throw xattrError(`prefix number ${index} for a name whose prefix has the number ${expected}`, at);
      }
      if (name === '' || name.includes('\0')) throw xattrError('the name is empty or contains a NUL', at);
      bit = filterBit({ index, suffix });
      this.#filterBits.set(name, bit);
    }
    return { name, filterBit: bit };
  }
}

function truncatedError(code: 'EROFS_XATTR' | 'EROFS_RANGE', end: number, offset: number): ComposefsError {
  const container = code === 'EROFS_XATTR' ? 'its attribute body' : 'the image';
  return new ComposefsError(code, `the attribute does not end before ${container} does, at byte ${end}`, {
    offset,
  });
}

function overlapError(offset: number): ComposefsError {
  return new ComposefsError('EROFS_OVERLAP', 'two shared attributes overlap', { offset });
}

function xattrError(detail: string, offset: number): ComposefsError {
  return new ComposefsError('EROFS_XATTR', detail, { offset });
}
