/**
 * The extended attributes at the end of a line (spec/dumpfile.md, "Extended attributes").
 * @module
 */

import { type ByteString, shortened } from '../bytes.ts';
import { noXattrs, type Xattrs } from '../tree/inode.ts';
import { unescapeField } from './escape.ts';
import type { Fields } from './fields.ts';

/** Length of the longest name in bytes (DUMP-050). */
const MAX_NAME = 255;

/** The limit of all extended attributes of an inode, and what the inode and each attribute count (DUMP-052). */
const MAX_TOTAL = 32767;
const TOTAL_BASE = 12;
const TOTAL_EACH = 7;

/** Number of cached texts, and the length in bytes of the longest one. */
const CACHE_ENTRIES = 1024;
const CACHE_LENGTH = 256;

/** Parses extended attributes. Lines with equal text share one map, as most lines of a labelled tree do. */
export class XattrParser {
  readonly #cache = new Map<string, Xattrs>();

  /** The extended attributes of a line. Rejects with DUMPFILE_XATTR. */
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
    if (equal < 0)
      throw fields.rejection(
        'DUMPFILE_XATTR',
        `the extended attribute has no equals sign: ${shortened(field)}`,
      );
    const key = unescapeField(field.slice(0, equal), fields.line);
    const value = unescapeField(field.slice(equal + 1), fields.line);
    // DUMP-050
    if (key.length === 0 || key.length > MAX_NAME || key.includes('\0')) {
      const detail = `the name of an extended attribute has ${key.length} bytes (1 to ${MAX_NAME} are allowed), or a NUL`;
      throw fields.rejection('DUMPFILE_XATTR', `${detail}: ${shortened(field)}`);
    }
    // DUMP-051
    if (xattrs.has(key))
      throw fields.rejection(
        'DUMPFILE_XATTR',
        `two extended attributes have the same name: ${shortened(field)}`,
      );
    total += TOTAL_EACH + key.length + value.length;
    // DUMP-052
    if (total > MAX_TOTAL) {
      throw fields.rejection('DUMPFILE_XATTR', `the extended attributes add up to more than ${MAX_TOTAL}`);
    }
    xattrs.set(key, value);
  }
  return xattrs;
}
