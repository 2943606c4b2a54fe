/**
 * The extended attributes at the end of a dumpfile line (spec/dumpfile.md).
 * @module
 */

import type { ByteString } from '../bytes.ts';
import { noXattrs, type Xattrs } from '../tree/inode.ts';
import { shown, unescapeField } from './escape.ts';
import type { Fields } from './fields.ts';

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
  readonly #cache = new Map<string, Xattrs>();

  /** The xattrs of a line. Refused with DUMPFILE_XATTR. */
  parse(fields: Fields): Xattrs {
    const text = fields.rest();
    if (text.length === 0) return noXattrs;
    if (text.length > CACHE_LENGTH) return parseXattrs(text, fields);
    const cached = this.#cache.get(text);
    if (cached !== undefined) return cached;
    const xattrs = parseXattrs(text, fields);
    if (this.#cache.size >= CACHE_ENTRIES) this.#cache.clear();
    this.#cache.set(text, xattrs);
    return xattrs;
  }
}

function parseXattrs(text: string, fields: Fields): Xattrs {
  const xattrs = new Map<ByteString, ByteString>();
  let total = TOTAL_BASE;
  for (const field of text.split(' ')) {
    const equal = field.indexOf('=');
    // DUMP-050
    if (equal < 0) throw fields.refuse('DUMPFILE_XATTR', `no equals sign: ${shown(field)}`);
    const key = unescapeField(field.slice(0, equal), fields.line);
    const value = unescapeField(field.slice(equal + 1), fields.line);
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
