/**
 * The lines of policy files (spec/selinux.md, "Lines").
 * @module
 */

import { type ByteString, bytesOf } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';

/** A line, without the byte that ends it. */
export interface Line {
  readonly text: ByteString;
  readonly location: LineLocation;
}

/** The file of a line, and its number in it, counted from 1. */
export type LineLocation = Required<Pick<Location, 'entry' | 'line'>>;

/** A line that is not a comment, as its words. */
export interface WordLine {
  readonly words: readonly [ByteString, ...ByteString[]];
  readonly location: LineLocation;
}

/** The lines of the file at `path`. */
export function* linesOf(text: ByteString, path: ByteString): Generator<Line> {
  let number = 0;
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found;
    yield { text: text.slice(at, end) as ByteString, location: { entry: path, line: ++number } };
    at = end + 1;
  }
}

/**
 * The lines of the policy file at `path` that are not comments (SELINUX-011). Rejects a line, also a comment, that has
 * more than `longest` bytes.
 */
export function* wordLinesOf(
  text: ByteString,
  path: ByteString,
  longest = Number.POSITIVE_INFINITY,
): Generator<WordLine> {
  for (const { text: line, location } of linesOf(text, path)) {
    if (line.length > longest) {
      throw malformed(`the line has ${line.length} bytes, more than ${longest}`, location);
    }
    const [first, ...others] = (line.match(/[^ \t\v\f\r]+/g) ?? []) as ByteString[];
    if (first === undefined || first.startsWith('#')) {
      if (!isUtf8(line)) throw malformed('the comment is not UTF-8', location);
      continue;
    }
    const other = /[^\x20-\x7e\t\v\f\r]/.exec(line)?.[0].charCodeAt(0);
    if (other !== undefined) {
      const byte = other.toString(16).padStart(2, '0');
      throw malformed(`the line contains the byte 0x${byte}, but is not a comment`, location);
    }
    yield { words: [first, ...others], location };
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Whether bytes are UTF-8. */
export function isUtf8(bytes: ByteString): boolean {
  // Nearly all are ASCII.
  if (!/[\x80-\xff]/.test(bytes)) return true;
  try {
    utf8.decode(bytesOf(bytes));
    return true;
  } catch {
    return false;
  }
}

/** The rejection of a policy. */
export function malformed(detail: string, location: Location): ComposefsError {
  return new ComposefsError('TRANSFORM_SELINUX', detail, location);
}
