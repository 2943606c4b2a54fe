/**
 * The first difference between an expected and an actual result, in terms of the format of the result.
 * @module
 */

/** One difference. `expected` and `got` are text for people. */
export interface Difference {
  /** The name of the value or file in the answer. */
  readonly name: string;
  /** Byte offset in the file. */
  readonly offset?: number;
  /** The part of the file: `inode 12 /etc/passwd`, `line 3 /etc`. */
  readonly where?: string;
  /** The field of the format. Differences in the same field are reported as one cause. */
  readonly field: string;
  readonly expected: string;
  readonly got: string;
  /** The requirement that defines the field, if it is known. */
  readonly requirement?: string;
}

/** An expected file, and the beginning of the file of an answer, which has `size` bytes. */
export interface ComparedFiles {
  readonly name: string;
  readonly expected: Uint8Array;
  readonly got: Uint8Array;
  readonly size: number;
}

/** A difference as one line; `file` is the path or name of the file in the answer. */
export function differenceText({ offset, where, field, expected, got }: Difference, file: string): string {
  const location = offset === undefined ? file : `${file} @0x${offset.toString(16)}`;
  const part = [where, field].filter(text => text !== undefined && text !== '').join(', ');
  return `${location}: ${part === '' ? '' : `${part}: `}expected ${expected}, got ${got}`;
}

/** The offset of the first byte that differs; undefined if `got` starts with all of `expected`. */
export function firstDifference(expected: Uint8Array, got: Uint8Array): number | undefined {
  const at = expected.findIndex((byte, i) => byte !== got[i]);
  return at < 0 ? undefined : at;
}

/** Bytes as hex, cut off after `most` bytes. */
export function bytesText(bytes: Uint8Array, most = 32): string {
  if (bytes.length === 0) return 'nothing';
  const shown = Buffer.from(bytes.subarray(0, most)).toString('hex');
  return bytes.length > most ? `${shown}…` : shown;
}

/** Bytes of a difference that are shown. */
const SHOWN = 16;

/** The first difference between two files of bytes. */
export function bytesDifference({ name, expected, got, size }: ComparedFiles): Difference {
  const at = firstDifference(expected, got);
  if (at === undefined || at >= size) {
    return { name, field: 'size', expected: `${expected.length}`, got: `${size}` };
  }
  const [want = '', found = ''] = [expected, got].map(bytes => bytesText(bytes.subarray(at, at + SHOWN)));
  return { name, offset: at, field: '', expected: want, got: found };
}
