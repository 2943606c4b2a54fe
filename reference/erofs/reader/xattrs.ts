/**
 * The extended attributes of an inode, from an image.
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

/** One attribute, and how many bytes it takes. */
interface Attribute {
  readonly name: ByteString;
  readonly value: ByteString;
  readonly filterBit: number;
  readonly size: number;
}

/** Full names, as the image has them, to values. */
export type RawXattrs = ReadonlyMap<ByteString, ByteString>;

const none: RawXattrs = new Map();

/** Reads attributes, each shared one once. */
export class XattrReader {
  readonly #image: Image;
  readonly #shared = new Map<number, Attribute>();
  /** Bytes of all that is in #shared. */
  #sharedSize = 0;
  /** Attributes of inodes that have only shared ones, by their references: they are often the same. */
  readonly #sharedOnly = new Map<ByteString, RawXattrs>();
  /** Names are few, and looking at one costs a hash. */
  readonly #filterBits = new Map<ByteString, number>();

  constructor(image: Image) {
    this.#image = image;
  }

  /** The attributes in the body of `size` bytes at `start`. Refused: EROFS_XATTR, EROFS_RANGE, EROFS_OVERLAP. */
  read(start: number, size: number): RawXattrs {
    if (size === 0) return none;
    const { view, bytes } = this.#image;
    const end = start + size;
    const sharedCount = view.getUint8(start + xattrBody.h_shared_count);
    let at = start + XATTR_BODY_HEAD + sharedCount * XATTR_REFERENCE_SIZE;
    if (at > end) throw refuse('more shared attributes than there is room for', start);

    // The filter is a part of it, so that what is found here has been checked.
    const body = at === end ? byteString(bytes.subarray(start, end)) : undefined;
    const known = body === undefined ? undefined : this.#sharedOnly.get(body);
    if (known !== undefined) return known;

    const found = new Map<ByteString, ByteString>();
    let present = 0;
    const add = ({ name, value, filterBit }: Attribute): void => {
      // EROFS-062
      if (found.has(name)) throw refuse('a name twice', start);
      found.set(name, value);
      present |= filterBit;
    };
    for (let i = start + XATTR_BODY_HEAD; i < at; i += XATTR_REFERENCE_SIZE) {
      add(this.#sharedAttribute(this.#image.sharedAt + view.getUint32(i, true) * 4));
    }
    while (at < end) {
      const attribute = this.#attribute(at, end, 'EROFS_XATTR');
      add(attribute);
      at += attribute.size;
    }
    // EROFS-063: the kernel does not look for what the filter says is not there.
    if (view.getUint32(start + xattrBody.h_name_filter, true) !== ~present >>> 0) {
      throw refuse('the name filter does not fit the names', start);
    }
    if (body !== undefined) this.#sharedOnly.set(body, found);
    return found;
  }

  /** To be asked when all is read. Refused: EROFS_OVERLAP where two shared attributes overlap (EROFS-055). */
  checkShared(): void {
    let end = 0;
    for (const [at, { size }] of [...this.#shared].sort(([a], [b]) => a - b)) {
      if (at < end) throw overlap(at);
      end = at + size;
    }
  }

  #sharedAttribute(at: number): Attribute {
    let attribute = this.#shared.get(at);
    if (attribute === undefined) {
      attribute = this.#attribute(at, this.#image.bytes.length, 'EROFS_RANGE');
      this.#shared.set(at, attribute);
      this.#sharedSize += attribute.size;
      // More than there are bytes: some overlap, and reading on could take any amount of memory.
      if (this.#sharedSize > this.#image.bytes.length) throw overlap(at);
    }
    return attribute;
  }

  /** The attribute at `at`, which ends before `end` or is refused with `code`. */
  #attribute(at: number, end: number, code: 'EROFS_XATTR' | 'EROFS_RANGE'): Attribute {
    const { view, bytes } = this.#image;
    const nameAt = at + XATTR_ENTRY_HEAD;
    if (nameAt > end) throw new ComposefsError(code, 'an attribute is cut off', { offset: at });
    const nameLength = view.getUint8(at + xattrEntry.e_name_len);
    const valueAt = nameAt + nameLength;
    const valueEnd = valueAt + view.getUint16(at + xattrEntry.e_value_size, true);
    const size = roundUp(valueEnd - at, 4);
    if (at + size > end) throw new ComposefsError(code, 'an attribute is cut off', { offset: at });
    const index = view.getUint8(at + xattrEntry.e_name_index);
    const name = this.#name(index, byteString(bytes.subarray(nameAt, valueAt)), at);
    const value = byteString(bytes.subarray(valueAt, valueEnd));
    return { ...name, value, size };
  }

  #name(index: number, suffix: ByteString, at: number): { name: ByteString; filterBit: number } {
    const { isV2 } = this.#image.rules;
    const prefix = prefixOf(index, isV2);
    if (prefix === undefined) throw refuse(`prefix number ${index}`, at);
    const name = joinBytes(prefix, suffix);
    let bit = this.#filterBits.get(name);
    if (bit === undefined) {
      // EROFS-061: a name that is divided elsewhere is one that the kernel does not find.
      if (divideName(name, isV2).index !== index)
        throw refuse('a name with the prefix number of another', at);
      if (name === '' || name.includes('\0')) throw refuse('a name that is empty or has a NUL', at);
      bit = filterBit({ index, suffix });
      this.#filterBits.set(name, bit);
    }
    return { name, filterBit: bit };
  }
}

function overlap(offset: number): ComposefsError {
  return new ComposefsError('EROFS_OVERLAP', 'two shared attributes overlap', { offset });
}

function refuse(detail: string, offset: number): ComposefsError {
  return new ComposefsError('EROFS_XATTR', detail, { offset });
}
