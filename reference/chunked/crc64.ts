/**
 * CRC-64 with the polynomial of ISO 3309, as tar-split data has it: reflected, with all bits inverted at both ends.
 * @module
 */

/** The reversed polynomial is d800000000000000; its lower half is 0. */
const POLYNOMIAL_HIGH = 0xd8000000;

/** The upper and the lower half of the entry of each byte. */
const [high, low] = table();

function table(): readonly [Uint32Array, Uint32Array] {
  const upper = new Uint32Array(256);
  const lower = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let [h, l] = [0, byte];
    for (let bit = 0; bit < 8; bit++) {
      const carry = l & 1;
      l = ((l >>> 1) | (h << 31)) >>> 0;
      h = ((h >>> 1) ^ (carry === 1 ? POLYNOMIAL_HIGH : 0)) >>> 0;
    }
    upper[byte] = h;
    lower[byte] = l;
  }
  return [upper, lower];
}

/** A checksum computed from pieces. */
export class Crc64 {
  #high = 0xffffffff;
  #low = 0xffffffff;

  update(bytes: Uint8Array): void {
    let [h, l] = [this.#high, this.#low];
    for (const byte of bytes) {
      const i = (l ^ byte) & 0xff;
      l = (((l >>> 8) | (h << 24)) ^ (low[i] ?? 0)) >>> 0;
      h = ((h >>> 8) ^ (high[i] ?? 0)) >>> 0;
    }
    this.#high = h;
    this.#low = l;
  }

  /** Eight bytes, the most significant one first. */
  digest(): Uint8Array {
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, ~this.#high >>> 0);
    view.setUint32(4, ~this.#low >>> 0);
    return bytes;
  }
}
