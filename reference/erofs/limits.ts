/**
 * The limits of a tree in an image (EROFS-004, EROFS-053).
 * @module
 */

/** Start of the attribute sum of an inode (EROFS-004). */
export const XATTR_SUM_BASE = 12;
/** What each attribute adds to the sum, besides the lengths of its name and value. */
export const XATTR_SUM_EACH = 7;

/** Maximum lengths in bytes, and other maximum values. */
export const limits = {
  name: 255,
  /** Of a path, counting the slash before each name. */
  path: 4096,
  target: 4095,
  payload: 4095,
  content: 5000,
  xattrName: 255,
  xattrValue: 65535,
  /** Of {@link XATTR_SUM_BASE} and, for each attribute, {@link XATTR_SUM_EACH} + name + value. */
  xattrSum: 32767,
  externalSize: 2n ** 53n,
  seconds: 2n ** 63n - 1n,
  nanoseconds: 999_999_999,
} as const;
