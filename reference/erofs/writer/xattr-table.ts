/**
 * The extended attributes of all inodes of an image. Each distinct attribute is held once. The table decides which
 * attributes are shared, and the size of the attribute body of each inode.
 *
 * An attribute is represented by a number, and the attributes of an inode by the number of a set, because an image
 * may have millions of both.
 * @module
 */

import { type ByteString, compareBytes, excerpt, writeBytes } from '../../bytes.ts';
import { ComposefsError } from '../../errors.ts';
import type { FormatRules } from '../format-rules.ts';
import { limits } from '../limits.ts';
import { METACOPY, metacopySize, REDIRECT, writeMetacopy } from '../overlay.ts';
import {
  roundUp,
  XATTR_BODY_HEAD,
  XATTR_ENTRY_HEAD,
  XATTR_REFERENCE_SIZE,
  XATTR_SHARED_MAX,
} from '../structures.ts';
import { divideName, filterBit } from '../xattr-name.ts';

const SLASH = 0x2f;

/** The name of an attribute, as the image stores it. */
export interface XattrName {
  readonly full: ByteString;
  readonly index: number;
  readonly suffix: ByteString;
  /** The bit that it clears in the name filter of its inode. */
  readonly filterBit: number;
  /**
   * What the table stores for each attribute with this name: its value, or the object path from which the value is
   * computed. There may be millions of paths; redirect and metacopy store the same one. Paths sort like the values.
   */
  readonly stores: 'value' | 'redirect' | 'metacopy';
  /** The number of each attribute with this name, by its value. Not used for object paths. */
  readonly values: Map<ByteString, number>;
}

/** The number of the empty set. */
export const EMPTY_SET = 0;

export class XattrTable {
  readonly #isV2: boolean;
  readonly #names = new Map<ByteString, XattrName>();
  /** The number of the redirect attribute for each object path. Its metacopy attribute has the next number. */
  readonly #objects = new Map<ByteString, number>();
  readonly #redirect: XattrName;
  readonly #metacopy: XattrName;
  readonly #nameOf: XattrName[] = [];
  readonly #stored: ByteString[] = [];
  /** Number of inodes that have each attribute. */
  readonly #uses: number[] = [];
  /** Where each set begins in #members; the last element is the end of the last set. */
  readonly #starts: number[] = [0, 0];
  readonly #members: number[] = [];
  /** Offset of each attribute in the shared area, -1 if it is not shared. Set by {@link share}. */
  #sharedOffset = new Float64Array(0);
  #shared: number[] = [];
  #referenceCounts = new Uint16Array(0);
  #bodySizes = new Uint32Array(0);

  constructor({ isV2 }: FormatRules) {
    this.#isV2 = isV2;
    this.#redirect = this.#newName(REDIRECT, 'redirect');
    this.#metacopy = this.#newName(METACOPY, 'metacopy');
  }

  /** The number of an attribute other than redirect and metacopy. */
  attribute(full: ByteString, value: ByteString): number {
    let name = this.#names.get(full);
    if (name === undefined) {
      name = this.#newName(full, 'value');
      this.#names.set(full, name);
    }
    let attribute = name.values.get(value);
    if (attribute === undefined) {
      if (name.suffix.length > limits.xattrName || value.length > limits.xattrValue) {
        const detail = `the name or value of the attribute ${excerpt(full)} is too long`;
        throw new ComposefsError('EROFS_LIMIT', detail);
      }
      attribute = this.#add(name, value);
      name.values.set(value, attribute);
    }
    return attribute;
  }

  /** The number of the redirect attribute for the object at `path` (EROFS-007). */
  redirect(path: ByteString): number {
    return this.#object(path);
  }

  /**
   * The number of the metacopy attribute with the digest from which the object path `path` is made, or without a
   * digest if `path` is empty (EROFS-006).
   */
  metacopy(path: ByteString): number {
    return this.metacopyBeside(this.#object(path));
  }

  /** The metacopy attribute for the object path of the redirect attribute `redirect`. */
  metacopyBeside(redirect: number): number {
    return redirect + 1;
  }

  #object(path: ByteString): number {
    let redirect = this.#objects.get(path);
    if (redirect === undefined) {
      redirect = this.#add(this.#redirect, path);
      this.#add(this.#metacopy, path);
      this.#objects.set(path, redirect);
    }
    return redirect;
  }

  #newName(full: ByteString, stores: XattrName['stores']): XattrName {
    const divided = divideName(full, this.#isV2);
    return { full, ...divided, filterBit: filterBit(divided), stores, values: new Map() };
  }

  #add(name: XattrName, stored: ByteString): number {
    this.#nameOf.push(name);
    this.#stored.push(stored);
    return this.#uses.push(0) - 1;
  }

  /**
   * Adds a set and returns its number. `attributes` have distinct names. The array is sorted in place (EROFS-020),
   * except for format v2, which keeps their order (EROFS-084).
   */
  addSet(attributes: number[]): number {
    if (attributes.length === 0) return EMPTY_SET;
    if (!this.#isV2 && !this.#inOrder(attributes))
      attributes.sort((a, b) => compareBytes(this.name(a).full, this.name(b).full));
    for (const attribute of attributes) this.#members.push(attribute);
    this.#starts.push(this.#members.length);
    return this.#starts.length - 2;
  }

  #inOrder(attributes: readonly number[]): boolean {
    for (let i = 1; i < attributes.length; i++) {
      if (this.name(attributes[i] as number).full < this.name(attributes[i - 1] as number).full) return false;
    }
    return true;
  }

  /** Counts an inode with the attributes of `set`. */
  use(set: number): void {
    for (let i = this.first(set); i < this.first(set + 1); i++) {
      const attribute = this.member(i);
      this.#uses[attribute] = (this.#uses[attribute] as number) + 1;
    }
  }

  /** Lays out the shared area and returns its size. Neither attributes nor uses may be added after that. */
  share(): number {
    // EROFS-021
    for (let i = 0; i < this.#uses.length; i++) if ((this.#uses[i] as number) > 1) this.#shared.push(i);
    this.#shared.sort(this.#isV2 ? this.#compareV2 : this.#compare);
    this.#sharedOffset = new Float64Array(this.#uses.length).fill(-1);
    let size = 0;
    for (const attribute of this.#shared) {
      this.#sharedOffset[attribute] = size;
      size += this.entrySize(attribute);
    }
    this.#divideSets();
    return size;
  }

  /** Moves the references of each set to its front, without changing the order otherwise (EROFS-023, EROFS-088). */
  #divideSets(): void {
    const max = this.#isV2 ? Number.POSITIVE_INFINITY : XATTR_SHARED_MAX;
    this.#referenceCounts = new Uint16Array(this.#starts.length);
    this.#bodySizes = new Uint32Array(this.#starts.length);
    for (let set = EMPTY_SET + 1; set < this.#starts.length - 1; set++) {
      let size = XATTR_BODY_HEAD;
      let references = 0;
      for (let i = this.first(set); i < this.first(set + 1); i++) {
        const attribute = this.member(i);
        if (this.sharedOffset(attribute) < 0 || references >= max) {
          size += this.entrySize(attribute);
          continue;
        }
        const to = this.first(set) + references++;
        this.#members.copyWithin(to + 1, to, i);
        this.#members[to] = attribute;
        size += XATTR_REFERENCE_SIZE;
      }
      this.#referenceCounts[set] = references;
      this.#bodySizes[set] = size;
    }
  }

  /** EROFS-022 */
  readonly #compare = (a: number, b: number): number => {
    const [nameA, nameB] = [this.name(a).full, this.name(b).full];
    if (nameA !== nameB) return compareBytes(nameB, nameA);
    const [storedA, storedB] = [this.#stored[a] as ByteString, this.#stored[b] as ByteString];
    if (storedA.length !== storedB.length) return storedB.length - storedA.length;
    return compareBytes(storedB, storedA);
  };

  /** EROFS-087 */
  readonly #compareV2 = (a: number, b: number): number => {
    const [nameA, nameB] = [this.name(a), this.name(b)];
    if (nameA.index !== nameB.index) return nameA.index - nameB.index;
    if (nameA !== nameB) return compareBytes(nameA.suffix, nameB.suffix);
    return compareBytes(this.#stored[a] as ByteString, this.#stored[b] as ByteString);
  };

  name(attribute: number): XattrName {
    return this.#nameOf[attribute] as XattrName;
  }

  /** Size of the value of an attribute. */
  valueSize(attribute: number): number {
    const stored = this.#stored[attribute] as ByteString;
    switch (this.name(attribute).stores) {
      case 'value':
        return stored.length;
      case 'redirect':
        return 1 + stored.length;
      case 'metacopy':
        return metacopySize(stored);
    }
  }

  /** Writes the value of an attribute into `target`, which is zero, starting at `at`. */
  writeValue(attribute: number, target: Uint8Array, at: number): void {
    const stored = this.#stored[attribute] as ByteString;
    switch (this.name(attribute).stores) {
      case 'value':
        writeBytes(stored, target, at);
        break;
      case 'redirect':
        target[at] = SLASH;
        writeBytes(stored, target, at + 1);
        break;
      case 'metacopy':
        if (stored.length > 0) writeMetacopy(stored, target, at);
    }
  }

  /** Size of an attribute entry, including padding. */
  entrySize(attribute: number): number {
    return roundUp(XATTR_ENTRY_HEAD + this.name(attribute).suffix.length + this.valueSize(attribute), 4);
  }

  /** Whether an attribute of the image has this name. */
  hasName(full: ByteString): boolean {
    return this.#names.has(full);
  }

  /** The shared attributes, in the order of the shared area. */
  get shared(): readonly number[] {
    return this.#shared;
  }

  /** Offset of an attribute in the shared area. */
  sharedOffset(attribute: number): number {
    return this.#sharedOffset[attribute] as number;
  }

  /** Index of the first {@link member} of a set. It ends where the next set begins. */
  first(set: number): number {
    return this.#starts[set] as number;
  }

  /** The attribute at an index of all sets. After {@link share}, the references of a set come first. */
  member(index: number): number {
    return this.#members[index] as number;
  }

  /** Number of references in a set. Known after {@link share}. */
  referenceCount(set: number): number {
    return this.#referenceCounts[set] as number;
  }

  /** Size of the attribute body for a set. Known after {@link share}. */
  bodySize(set: number): number {
    return this.#bodySizes[set] as number;
  }
}
