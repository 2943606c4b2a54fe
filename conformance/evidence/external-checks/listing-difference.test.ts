import { describe, expect, test } from 'vitest';
import type { ListedEntry } from './expected-listing.ts';
import { type VisibilityLimitName, visibleOnLinux } from './linux.ts';
import { listingDifference, type SeenEntry, type SeenListing } from './listing-difference.ts';

const file: ListedEntry = {
  path: '/f',
  mode: '100644',
  size: '5',
  nlink: 1,
  uid: 1,
  gid: 2,
  rdev: 0,
  mtime: '3.4',
  links: '/f',
  xattrs: new Map([['user.k', 'v']]),
  content: 'hello',
};
const seen: SeenEntry = { ...file, xattrs: { 'user.k': 'v' }, content: 'hello' };

const compare = (expected: readonly ListedEntry[], got: SeenListing) =>
  listingDifference(expected, got, 'erofs', () => {});

describe('listingDifference', () => {
  test('finds no difference between equal listings', () => {
    expect(compare([file], [seen])).toBeUndefined();
  });

  test.each([
    [{ mode: '100645' }, '"/f", mode: expected "100644", got "100645"'],
    [{ size: '6' }, '"/f", size: expected "5", got "6"'],
    [{ nlink: 2 }, '"/f", nlink: expected 1, got 2'],
    [{ uid: 2 }, '"/f", uid: expected 1, got 2'],
    [{ gid: 1 }, '"/f", gid: expected 2, got 1'],
    [{ rdev: 1 }, '"/f", rdev: expected 0, got 1'],
    [{ mtime: '3.5' }, '"/f", mtime: expected "3.4", got "3.5"'],
    [{ links: '/e' }, '"/f", links: expected "/f", got "/e"'],
    [{ content: 'hellp' }, '"/f", content: expected "hello", got "hellp"'],
    [{ content: { hole: true as const } }, '"/f", content: expected "hello", got {"hole":true}'],
    [{ xattrs: {} }, '"/f", xattr "user.k" is missing'],
    [{ xattrs: { 'user.k': 'w' } }, '"/f", xattr "user.k": expected "v", got "w"'],
    [
      { xattrs: { 'user.k': { errno: 'ENODATA' } } },
      '"/f", xattr "user.k": expected "v", got {"errno":"ENODATA"}',
    ],
    [{ xattrs: { 'user.k': 'v', 'user.l': '' } }, '"/f", xattr "user.l" is not expected'],
    [{ path: '/g' }, 'expected "/f", got "/g"'],
  ] satisfies [Partial<SeenEntry>, string][])('finds %j', (change, difference) => {
    expect(compare([file], [{ ...seen, ...change }])).toBe(difference);
  });

  test('finds missing, unexpected and unreadable entries', () => {
    expect(compare([file], [])).toBe('"/f" is missing');
    expect(compare([], [seen])).toBe('"/f" is not expected');
    expect(compare([file], [{ path: '/f', errno: 'EIO' }])).toBe('"/f", expected an inode, got EIO');
  });

  test('finds a different order of names, a different target, and a difference far from the beginning', () => {
    const folder = { ...file, mode: '40755', names: ['a', 'b'] };
    const swapped = { ...seen, mode: '40755', names: ['b', 'a'] };
    expect(compare([folder], [swapped])).toContain('names: expected ["a","b"], got ["b","a"]');
    expect(compare([{ ...file, target: 'a' }], [{ ...seen, target: 'b' }])).toContain('target');
    const long = 'x'.repeat(5000);
    expect(compare([{ ...file, content: `${long}y` }], [{ ...seen, content: `${long}z` }])).toContain(
      'content',
    );
  });
});

describe('visibleOnLinux', () => {
  const shown = (
    name: string,
    value = 'v',
    more: Partial<ListedEntry> = {},
    mountKind: 'erofs' | 'overlay' = 'erofs',
  ) => {
    const met: VisibilityLimitName[] = [];
    const entry = { ...file, xattrs: new Map([[name, value]]), ...more };
    return [visibleOnLinux(entry, mountKind, limit => met.push(limit)).xattrs.get(name), ...met];
  };
  const capability = `\x01\x00\x00\x02${'\x00'.repeat(16)}`;

  test('says which attributes are not visible, and why', () => {
    expect(shown('user.k')).toEqual(['v']);
    expect(shown('security.selinux')).toEqual(['v']);
    expect(shown('lustre.lov')).toEqual([undefined, 'prefix']);
    expect(shown('system.other')).toEqual([undefined, 'prefix']);
    expect(shown('user.')).toEqual([null, 'shortName']);
    expect(shown('user.k', 'v', { mode: '120777' })).toEqual([null, 'userElsewhere']);
    expect(shown('user.k', 'v', { mode: '40700' })).toEqual(['v']);
    expect(shown('system.posix_acl_access')).toEqual([null, 'acl']);
    expect(shown('security.capability')).toEqual([null, 'capability']);
    expect(shown('security.capability', capability)).toEqual([capability]);
  });

  test('limits names to 255 bytes, counted as overlayfs stores them', () => {
    const name = (length: number) => 'trusted.overlay.'.padEnd(length, 'x');
    expect(shown(name(255))).toEqual(['v']);
    expect(shown(name(256))).toEqual([null, 'longName']);
    expect(shown(name(247), 'v', {}, 'overlay')).toEqual(['v']);
    expect(shown(name(248), 'v', {}, 'overlay')).toEqual([null, 'longName']);
    expect(shown('trusted.overlay.', 'v', {}, 'overlay')).toEqual([null, 'shortName']);
  });

  test('says which owners and contents are not visible', () => {
    const met: VisibilityLimitName[] = [];
    const entry = { ...file, uid: 2 ** 32 - 1, content: { lost: true as const } };
    const result = visibleOnLinux(entry, 'erofs', limit => met.push(limit));
    expect(result).toMatchObject({ uid: 65534, gid: 2 });
    expect(result.content).toBeUndefined();
    expect(met).toEqual(['chunks', 'owner']);
  });
});
