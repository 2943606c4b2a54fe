/**
 * The extended attributes of all inodes of an image, each distinct one held once: which are shared, and how many
 * bytes each inode's take.
 *
 * An attribute is a number here, and the attributes of an inode are the number of a set, because an image may
 * have millions of both.
 * @module
 */

import { type ByteString, printable } from '../../bytes.ts';
import { ComposefsError } from '../../errors.ts';
import {
  limits,
  roundUp,
  XATTR_BODY_HEAD,
  XATTR_ENTRY_HEAD,
  XATTR_REFERENCE_SIZE,
  XATTR_SHARED_MAX,
} from '../format.ts';
import { divideName, filterBit } from '../xattr-name.ts';

/** An attribute's name as the image holds it. */
export interface XattrName {
  readonly full: ByteString;
  readonly index: number;
  readonly suffix: ByteString;
  /** What it clears in the filter of its inode. */
  readonly filterBit: number;
  /** Each value it has somewhere, to the number of the attribute. */
  readonly values: Map<ByteString, number>;
}

/** The number of the set that has nothing in it. */
export const EMPTY_SET = 0;

export class XattrTable {
  readonly #names = new Map<ByteString, XattrName>();
  readonly #nameOf: XattrName[] = [];
  readonly #values: ByteString[] = [];
  /** How many inodes have the attribute. */
  readonly #uses: number[] = [];
  /** Where each set begins in #members; one more than there are sets. */
  readonly #starts: number[] = [0, 0];
  readonly #members: number[] = [];
  /** Offset in the shared area of each attribute, -1 where it is not shared; known after {@link share}. */
  #sharedOffset = new Float64Array(0);
  #shared: number[] = [];

  /** The number of an attribute. */
  attribute(full: ByteString, value: ByteString): number {
    let name = this.#names.get(full);
    if (name === undefined) {
      const divided = divideName(full);
      name = { full, ...divided, filterBit: filterBit(divided), values: new Map() };
      this.#names.set(full, name);
    }
    let attribute = name.values.get(value);
    if (attribute === undefined) {
      if (name.suffix.length > limits.xattrName || value.length > limits.xattrValue) {
        throw new ComposefsError('EROFS_LIMIT', `xattr "${printable(full)}" is too long`);
      }
      attribute = this.#values.length;
      name.values.set(value, attribute);
      this.#nameOf.push(name);
      this.#values.push(value);
      this.#uses.push(0);
    }
    return attribute;
  }

  /** The number of a new set. `attributes` have distinct names; the array is sorted in place. */
  addSet(attributes: number[]): number {
    if (attributes.length === 0) return EMPTY_SET;
    if (attributes.length > 1) attributes.sort((a, b) => (this.name(a).full < this.name(b).full ? -1 : 1));
    for (const attribute of attributes) this.#members.push(attribute);
    this.#starts.push(this.#members.length);
    return this.#starts.length - 2;
  }

  /** Counts an inode that has `set`. */
  use(set: number): void {
    for (let i = this.#start(set); i < this.#start(set + 1); i++) {
      const attribute = this.#members[i] as number;
      this.#uses[attribute] = (this.#uses[attribute] as number) + 1;
    }
  }

  /** Lays the shared area out. No attribute and no use may come after. Returns its bytes. */
  share(): number {
    // EROFS-021
    for (let i = 0; i < this.#uses.length; i++) if ((this.#uses[i] as number) > 1) this.#shared.push(i);
    // EROFS-022
    this.#shared.sort((a, b) => {
      const [nameA, nameB] = [this.name(a).full, this.name(b).full];
      if (nameA !== nameB) return nameA > nameB ? -1 : 1;
      const [valueA, valueB] = [this.value(a), this.value(b)];
      if (valueA.length !== valueB.length) return valueB.length - valueA.length;
      return valueA > valueB ? -1 : 1;
    });
    this.#sharedOffset = new Float64Array(this.#uses.length).fill(-1);
    let size = 0;
    for (const attribute of this.#shared) {
      this.#sharedOffset[attribute] = size;
      size += this.entrySize(attribute);
    }
    return size;
  }

  name(attribute: number): XattrName {
    return this.#nameOf[attribute] as XattrName;
  }

  value(attribute: number): ByteString {
    return this.#values[attribute] as ByteString;
  }

  /** Bytes of an attribute, padding counted. */
  entrySize(attribute: number): number {
    return roundUp(XATTR_ENTRY_HEAD + this.name(attribute).suffix.length + this.value(attribute).length, 4);
  }

  /** Whether some attribute of the image has this name. */
  hasName(full: ByteString): boolean {
    return this.#names.has(full);
  }

  /** The shared attributes in the order of their area. */
  get shared(): readonly number[] {
    return this.#shared;
  }

  /** Offset of an attribute in the shared area. */
  sharedOffset(attribute: number): number {
    return this.#sharedOffset[attribute] as number;
  }

  /** The attributes of a set that are references, then those that stand in the inode, each in order (EROFS-023). */
  divide(set: number): { readonly references: readonly number[]; readonly inline: readonly number[] } {
    const references: number[] = [];
    const inline: number[] = [];
    for (let i = this.#start(set); i < this.#start(set + 1); i++) {
      const attribute = this.#members[i] as number;
      const isReference = this.sharedOffset(attribute) >= 0 && references.length < XATTR_SHARED_MAX;
      (isReference ? references : inline).push(attribute);
    }
    return { references, inline };
  }

  /** Bytes that a set takes in an inode. */
  bodySize(set: number): number {
    if (set === EMPTY_SET) return 0;
    let size = XATTR_BODY_HEAD;
    let references = 0;
    for (let i = this.#start(set); i < this.#start(set + 1); i++) {
      const attribute = this.#members[i] as number;
      if (this.sharedOffset(attribute) >= 0 && references < XATTR_SHARED_MAX) {
        references++;
        size += XATTR_REFERENCE_SIZE;
      } else {
        size += this.entrySize(attribute);
      }
    }
    return size;
  }

  #start(set: number): number {
    return this.#starts[set] as number;
  }
}
