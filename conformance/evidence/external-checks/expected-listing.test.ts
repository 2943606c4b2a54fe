import { describe, expect, test } from 'vitest';
import { readDumpfileTree } from './dumpfile-tree.ts';
import { type ListedEntry, mountedListing, overlayListing } from './expected-listing.ts';
import { lowerLayerFiles } from './overlay-hidden-files.ts';

const tree = (text: string) => readDumpfileTree(Buffer.from(text, 'latin1'));
const digest = '5a'.repeat(32);

/** The worked example of spec/erofs.md. */
const worked = tree(
  '/ 0 40755 3 0 0 0 100.5 - - - security.selinux=ctx\\x00\n' +
    '/d 0 40755 2 0 0 0 100.5 - - -\n' +
    `/d/e 5000 100644 1 1000 1000 0 100.5 5a/xyz - ${digest} security.selinux=ctx\\x00 user.k=v\n` +
    '/i 5 100644 2 0 0 0 101.7 - hello -\n' +
    '/j 0 @100644 - - - - 0.0 /i - -\n' +
    '/l 3 120777 1 0 0 0 100.5 abc - -\n' +
    '/w 0 20644 1 0 0 0 100.5 - - -\n',
);

const isStub = ({ path }: Pick<ListedEntry, 'path'>) => /^\/[0-9a-f]{2}$/.test(path);
const label = ['security.selinux', 'ctx\x00'] as const;

describe('mountedListing', () => {
  const listing = mountedListing(worked, 'v1');
  const at = (path: string) => listing.find(entry => entry.path === path);

  test('lists the tree and 256 stubs, depth first', () => {
    expect(listing.filter(isStub)).toHaveLength(256);
    expect(listing.filter(entry => !isStub(entry)).map(({ path }) => path)).toEqual([
      '/',
      '/d',
      '/d/e',
      '/i',
      '/j',
      '/l',
      '/w',
    ]);
    expect(at('/00')).toEqual({
      path: '/00',
      mode: '20644',
      size: '0',
      nlink: 1,
      uid: 0,
      gid: 0,
      rdev: 0,
      mtime: '100.5',
      links: '/00',
      xattrs: new Map([label]),
    });
  });

  test('adds attributes to the root and to a directory with a whiteout', () => {
    expect(at('/')).toMatchObject({ mode: '40755', size: '4096', nlink: 3, mtime: '100.5' });
    expect(at('/')?.xattrs).toEqual(
      new Map([
        label,
        ['trusted.overlay.overlay.whiteouts', ''],
        ['trusted.overlay.overlay.opaque', 'x'],
        ['user.overlay.whiteouts', ''],
        ['user.overlay.opaque', 'x'],
        ['trusted.overlay.opaque', 'y'],
      ]),
    );
    expect(at('/d')).toMatchObject({ size: '40', nlink: 2, names: ['e'] });
    expect(at('/d')?.xattrs).toEqual(new Map());
  });

  test('lists a whiteout as a file with attributes, and an object by its attributes', () => {
    expect(at('/w')).toMatchObject({ mode: '100644', size: '0', content: '', nlink: 1 });
    expect(at('/w')?.xattrs).toEqual(
      new Map([
        ['trusted.overlay.overlay.whiteout', ''],
        ['user.overlay.whiteout', ''],
      ]),
    );
    expect(at('/d/e')).toMatchObject({ size: '5000', uid: 1000, content: { hole: true } });
    expect(at('/d/e')?.xattrs).toEqual(
      new Map([
        label,
        ['user.k', 'v'],
        ['trusted.overlay.metacopy', `\x00\x24\x00\x01${'Z'.repeat(32)}`],
        ['trusted.overlay.redirect', '/5a/xyz'],
      ]),
    );
  });

  test('counts hard links, and says which names are one inode', () => {
    expect(at('/i')).toMatchObject({ links: '/i', nlink: 2, mtime: '101.7', content: 'hello' });
    expect(at('/j')).toMatchObject({ links: '/i', nlink: 2, mtime: '101.7', content: 'hello' });
    expect(at('/l')).toMatchObject({ mode: '120777', size: '3', target: 'abc' });
  });

  test('adds no opaque attributes in format v0', () => {
    const root = mountedListing(worked, 'v0')[0];
    expect([...(root?.xattrs.keys() ?? [])].filter(name => name.endsWith('opaque'))).toEqual([
      'trusted.overlay.opaque',
    ]);
    const last = mountedListing(worked, 'v0').find(({ path }) => path === '/w');
    expect(last?.mode).toBe('100644');
    expect(() => mountedListing(worked, 'v9')).toThrow('the external checks do not support the format v9');
  });

  test('adds no stubs and attributes in format v2, and lists times in seconds', () => {
    const old = mountedListing(worked, 'v2');
    expect(old.map(({ path }) => path)).toEqual(['/', '/d', '/d/e', '/i', '/j', '/l', '/w']);
    expect(old[0]?.xattrs).toEqual(new Map([label]));
    expect(old[0]).toMatchObject({ size: '92', mtime: '100.0' });
    expect(old.at(-1)).toMatchObject({ mode: '20644', rdev: 0, xattrs: new Map() });
  });

  test.each([
    ['v1', 2n ** 43n * 1017n, true, 'hole'],
    ['v1', 2n ** 43n * 1017n + 1n, true, 'lost'],
    ['v1', 65n, false, 'hole'],
    ['v2', 2n ** 43n, true, 'hole'],
    ['v2', 2n ** 43n + 1n, true, 'lost'],
    ['v2', 65n, false, 'lost'],
  ] as const)('says whether Linux finds the chunks: %s, %d bytes, with a digest: %s', (...row) => {
    const [format, size, hasDigest, content] = row;
    const line = `/a ${size} 100644 1 0 0 0 0.0 p - ${hasDigest ? digest : '-'}\n`;
    const entries = mountedListing(tree(`/ 0 40755 2 0 0 0 0.0 - - -\n${line}`), format);
    expect(entries.find(({ path }) => path === '/a')?.content).toEqual({ [content]: true });
  });

  test('supports SHA-512 digests, and files without digest and object', () => {
    const files = mountedListing(
      tree(
        `/ 0 40755 2 0 0 0 0.0 - - -\n/a 1 100644 1 0 0 0 0.0 p - ${'ab'.repeat(64)}\n/b 1 100644 1 0 0 0 0.0 - - -\n`,
      ),
      'v1',
    ).filter(entry => /^\/[ab]$/.test(entry.path));
    expect(files.map(({ xattrs }) => Object.fromEntries(xattrs))).toEqual([
      {
        'trusted.overlay.metacopy': `\x00\x44\x00\x02${'\xab'.repeat(64)}`,
        'trusted.overlay.redirect': '/p',
      },
      { 'trusted.overlay.metacopy': '' },
    ]);
  });

  test.each([
    // 2048 bytes: names of 12 + 244 bytes, the last one shorter to leave room for `.` and `..`.
    { last: 244 - 27, size: '2048' },
    { last: 244 - 26, size: '4096' },
  ])('stores at most 2048 bytes of a directory in the tail: $size', ({ last, size }) => {
    const lines = Array.from({ length: 8 }, (_, i) => {
      const name = String(i).padEnd(i === 7 ? last : 244, 'n');
      return `/d/${name} 0 100644 1 0 0 0 0.0 - - -\n`;
    });
    const dumpfile = `/ 0 40755 3 0 0 0 0.0 - - -\n/d 0 40755 2 0 0 0 0.0 - - -\n${lines.join('')}`;
    const entries = mountedListing(tree(dumpfile), 'v1');
    expect(entries.find(({ path }) => path === '/d')?.size).toBe(size);
  });
});

describe('overlayListing', () => {
  test('lists whiteouts that are not escaped, except in the root', () => {
    const dumpfile =
      '/ 0 40755 3 0 0 0 0.0 - - -\n/d 0 40755 2 0 0 0 0.0 - - -\n' +
      '/d/w 0 20644 1 0 0 0 0.0 - - -\n/w 0 20644 1 0 0 0 0.0 - - -\n';
    const shown = overlayListing(mountedListing(tree(dumpfile), 'v2'));
    expect(shown).toMatchObject([
      { path: '/', names: ['d'] },
      { path: '/d', names: ['w'] },
      { path: '/d/w', errno: 'ENOENT' },
    ]);
  });

  test('removes one escape, hides stubs, and cannot read a file without object', () => {
    const shown = overlayListing(
      mountedListing(
        tree(
          '/ 0 40755 2 0 0 0 0.0 - - - trusted.overlay.x=1\n/00 0 20600 1 0 0 0 0.0 - - -\n' +
            '/b 1 100644 1 0 0 0 0.0 - - -\n/c 1 100644 1 0 0 0 0.0 p - - user.k=v\n',
        ),
        'v1',
      ),
    );
    expect(shown.map(({ path }) => path)).toEqual(['/', '/00', '/b', '/c']);
    const [root, whiteout, lost, file] = shown;
    expect(root).toMatchObject({ names: ['00', 'b', 'c'], size: '4096' });
    expect(root && 'xattrs' in root && Object.fromEntries(root.xattrs)).toEqual({
      'trusted.overlay.x': '1',
      'trusted.overlay.opaque': 'x',
      'trusted.overlay.whiteouts': '',
      'user.overlay.opaque': 'x',
      'user.overlay.whiteouts': '',
    });
    expect(whiteout).toMatchObject({ mode: '100600' });
    expect(lost).toEqual({ path: '/b', errno: 'EIO' });
    expect(file && 'xattrs' in file && Object.fromEntries(file.xattrs)).toEqual({ 'user.k': 'v' });
  });
});

describe('the files of a lower layer', () => {
  const folder = (path: string, more = '') => `${path} 0 40755 2 0 0 0 0.0 - - -${more}\n`;

  test('are hidden by whiteouts and opaque directories', () => {
    const dumpfile =
      folder('/') +
      folder('/a', ' trusted.overlay.opaque=y') +
      folder('/a/b') +
      folder('/ab') +
      '/ab/w 0 20644 1 0 0 0 0.0 - - -\n';
    expect(Object.fromEntries(lowerLayerFiles(tree(dumpfile)))).toEqual({
      '/below': true,
      '/a/below': false,
      '/a/b/below': false,
      '/ab/below': true,
      '/ab/w': false,
    });
  });

  test('are visible if the attribute of a whiteout replaced the opaque attribute', () => {
    const dumpfile = `${folder('/') + folder('/a', ' trusted.overlay.opaque=y')}/a/w 0 20644 1 0 0 0 0.0 - - -\n`;
    expect(lowerLayerFiles(tree(dumpfile)).get('/a/below')).toBe(true);
  });

  test('are not needed for a tree that hides nothing', () => {
    expect(lowerLayerFiles(tree(folder('/') + folder('/a'))).size).toBe(0);
  });
});
