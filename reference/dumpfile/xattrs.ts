/**
 * The extended attributes at the end of a dumpfile line (spec/dumpfile.md).
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import { noXattrs, type Xattrs } from '../tree/inode.ts';
import { unescapeField } from './escape.ts';
import { type Fields, shown } from './fields.ts';

const SPACE = 0x20;
const EQUAL = 0x3d;

const MAX_KEY = 255;

/** What all the xattrs of an inode may come to, counted as {@link parseXattrs} does. */
const MAX_TOTAL = 32767;
const TOTAL_BASE = 12;
const TOTAL_EACH = 7;

/** Texts to remember, and the longest of them in bytes. */
const CACHE_ENTRIES = 1024;
const CACHE_LENGTH = 256;

/** Reads xattrs; lines with the same text share one map, as most lines of a labelled tree do. */
export class XattrParser {
  readonly #cache = new Map<ByteString, Xattrs>();

  /** The xattrs of a line. Refused with DUMPFILE_XATTR. */
  parse(fields: Fields): Xattrs {
    const text = fields.rest();
    if (text.length === 0) return noXattrs;
    if (text.length > CACHE_LENGTH) return parseXattrs(text, fields);
    const key = byteString(text);
    const cached = this.#cache.get(key);
    if (cached !== undefined) return cached;
    const xattrs = parseXattrs(text, fields);
    if (this.#cache.size >= CACHE_ENTRIES) this.#cache.clear();
    this.#cache.set(key, xattrs);
    return xattrs;
  }
}

function parseXattrs(text: Uint8Array, fields: Fields): Xattrs {
  const xattrs = new Map<ByteString, ByteString>();
  let total = TOTAL_BASE;
  for (let from = 0; from < text.length; ) {
    const space = text.indexOf(SPACE, from);
    const to = space < 0 ? text.length : space;
    const field = text.subarray(from, to);
    from = to + 1;
    const equal = field.indexOf(EQUAL);
    // DUMP-050
    if (equal < 0) throw fields.refuse('DUMPFILE_XATTR', `no equals sign: ${shown(field)}`);
    const key = byteString(unescapeField(field.subarray(0, equal), fields.number));
    const value = byteString(unescapeField(field.subarray(equal + 1), fields.number));
    // DUMP-050
    if (key.length === 0 || key.length > MAX_KEY || key.includes('\0')) {
      throw fields.refuse('DUMPFILE_XATTR', `a name of ${key.length} bytes, or with a NUL: ${shown(field)}`);
    }
    // DUMP-051
    if (xattrs.has(key)) throw fields.refuse('DUMPFILE_XATTR', `there twice: ${shown(field)}`);
    total += TOTAL_EACH + key.length + value.length;
    // DUMP-052
    if (total > MAX_TOTAL) throw fields.refuse('DUMPFILE_XATTR', `all together above ${MAX_TOTAL} bytes`);
    xattrs.set(key, value);
  }
  return xattrs;
}
