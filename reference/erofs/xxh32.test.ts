import { expect, test } from 'vitest';
import { ascii } from '../bytes.ts';
import { divideName, filterBit } from './xattr-name.ts';
import { xxh32 } from './xxh32.ts';

/** The sanity values of https://github.com/Cyan4973/xxHash, and of the kernel's EROFS names. */
test.each([
  ['', 0, 0x02cc5d05],
  ['abc', 0, 0x32d153ff],
  ['Nobody inspects the spammish repetition', 0, 0xe2293b2f],
  ['overlay.opaque', 0x25bbe093, 0x4ce0a7f4],
] as const)('xxh32 of "%s"', (text, seed, hash) => {
  expect(xxh32(ascii(text), seed)).toBe(hash);
});

test.each([
  ['trusted.overlay.opaque', 20],
  ['trusted.overlay.metacopy', 31],
  ['trusted.overlay.redirect', 17],
  ['user.overlay.whiteouts', 20],
  ['security.capability', 29],
  ['system.posix_acl_access', 30],
  ['system.posix_acl_default', 21],
  ['user.', 16],
] as const)('the filter bit of %s', (name, bit) => {
  expect(filterBit(divideName(ascii(name), false))).toBe((1 << bit) >>> 0);
});
