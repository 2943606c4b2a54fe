/**
 * The first difference between what has to come back and what came, in the words of its format.
 * @module
 */

/** One difference. `expected` and `got` are for people. */
export interface Difference {
  /** The value or file of the answer. */
  readonly name: string;
  /** Byte offset in the file. */
  readonly offset?: number;
  /** The part of the file: `inode 12 /etc/passwd`, `line 3 /etc`. */
  readonly where?: string;
  /** The field of the format; differences in the same field have the same cause. */
  readonly field: string;
  readonly expected: string;
  readonly got: string;
  /** The requirement that decides the field, where that is known. */
  readonly requirement?: string;
}

/** `difference` as one line, with `file` as the answer named it. */
export function differenceText({ offset, where, field, expected, got }: Difference, file: string): string {
  const place = offset === undefined ? file : `${file} @0x${offset.toString(16)}`;
  const part = [where, field].filter(text => text !== undefined && text !== '').join(', ');
  return `${place}: ${part === '' ? '' : `${part}: `}expected ${expected}, got ${got}`;
}

/** The offset of the first byte that differs; undefined where `got` begins with all of `expected`. */
export function firstDifference(expected: Uint8Array, got: Uint8Array): number | undefined {
  const at = expected.findIndex((byte, i) => byte !== got[i]);
  return at < 0 ? undefined : at;
}

/** Bytes for people: hex, cut off after `most` bytes. */
export function bytesText(bytes: Uint8Array, most = 32): string {
  if (bytes.length === 0) return 'nothing';
  const shown = Buffer.from(bytes.subarray(0, most)).toString('hex');
  return bytes.length > most ? `${shown}…` : shown;
}
