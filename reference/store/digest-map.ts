/**
 * A map from digests to small numbers that takes little more memory than the digests: a store can have millions.
 * @module
 */

/** Digests are evenly distributed, so their first bytes are their hash. */
export class DigestMap {
  readonly #digestSize: number;
  #capacity = 1024;
  #digests: Buffer;
  /** 0: the slot is free. */
  #values: Uint8Array;
  #sizes: Float64Array;
  #used = 0;

  constructor(digestSize: number) {
    this.#digestSize = digestSize;
    this.#digests = Buffer.alloc(this.#capacity * digestSize);
    this.#values = new Uint8Array(this.#capacity);
    this.#sizes = new Float64Array(this.#capacity);
  }

  /** The number of digests. */
  get count(): number {
    return this.#used;
  }

  /** The value of a digest, 0 if it has none. */
  get(digest: string): number {
    return this.#values[this.#slot(Buffer.from(digest, 'hex'))] as number;
  }

  /** The size that was set with the value of a digest, 0 if it has none. */
  size(digest: string): number {
    return this.#sizes[this.#slot(Buffer.from(digest, 'hex'))] as number;
  }

  /** Sets a value from 1 to 255, and a size. */
  set(digest: string, value: number, size = 0): void {
    const key = Buffer.from(digest, 'hex');
    let slot = this.#slot(key);
    if (this.#values[slot] === 0) {
      if (2 * (this.#used + 1) > this.#capacity) {
        this.#grow();
        slot = this.#slot(key);
      }
      this.#used++;
      key.copy(this.#digests, slot * this.#digestSize);
    }
    this.#values[slot] = value;
    this.#sizes[slot] = size;
  }

  /** The slot of `key`, or the free one where it would be. */
  #slot(key: Buffer): number {
    for (let slot = key.readUInt32LE(0) % this.#capacity; ; slot = (slot + 1) % this.#capacity) {
      if (this.#values[slot] === 0) return slot;
      const at = slot * this.#digestSize;
      if (key.compare(this.#digests, at, at + this.#digestSize) === 0) return slot;
    }
  }

  #grow(): void {
    const [digests, values, sizes] = [this.#digests, this.#values, this.#sizes];
    this.#capacity *= 2;
    this.#digests = Buffer.alloc(this.#capacity * this.#digestSize);
    this.#values = new Uint8Array(this.#capacity);
    this.#sizes = new Float64Array(this.#capacity);
    for (const [old, value] of values.entries()) {
      if (value === 0) continue;
      const key = digests.subarray(old * this.#digestSize, (old + 1) * this.#digestSize);
      const slot = this.#slot(key);
      this.#values[slot] = value;
      this.#sizes[slot] = sizes[old] as number;
      key.copy(this.#digests, slot * this.#digestSize);
    }
  }
}
