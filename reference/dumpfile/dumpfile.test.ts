import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { example } from '../../spec/tool/example.ts';
import { ascii, byteString } from '../bytes.ts';
import { type Code, ComposefsError } from '../errors.ts';
import type { Attributes, Directory, Inode, Leaf } from '../tree/inode.ts';
import { DumpfileParser, parseDumpfile } from './parse.ts';
import { printDumpfile } from './print.ts';

const root = '/ 0 40755 2 0 0 0 0.0 - - -\n';

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0));
}

function printed(tree: Directory): string {
  return Buffer.concat([...printDumpfile(tree)]).toString('latin1');
}

function canonical(text: string): string {
  return printed(parseDumpfile(bytes(text)));
}

function rejection(text: string): ComposefsError {
  try {
    parseDumpfile(bytes(text));
  } catch (error) {
    if (error instanceof ComposefsError) return error;
    throw error;
  }
  throw new Error('the dumpfile is not rejected');
}

/** The line of an empty file, with some other fields. */
function file(fields: Readonly<Record<string, string>>, name = '/a'): string {
  const all = {
    ...{ path: name, size: '0', mode: '100644', nlink: '1', uid: '0', gid: '0', rdev: '0', mtime: '0.0' },
    ...{ payload: '-', content: '-', digest: '-', ...fields },
  };
  return `${Object.values(all).join(' ')}\n`;
}

describe('the examples of the chapter', () => {
  test('the example is canonical', () => {
    expect(canonical(example('dumpfile-canonical'))).toBe(example('dumpfile-canonical'));
  });

  test('the grammar has all fixed fields', () => {
    const rule = /^inode {6}= ([\s\S]*?)\nhardlink/m.exec(example('dumpfile-grammar'))?.[1] ?? '';
    expect(rule.split(/\s+SP\s+/).length).toBe(12);
  });
});

const name = fc
  .uint8Array({ minLength: 1, maxLength: 8 })
  .map(raw => byteString(raw.map(byte => (byte === 0 || byte === 0x2f ? 0x2d : byte))))
  .filter(text => text !== '.' && text !== '..');

const attributes: fc.Arbitrary<Attributes> = fc.record({
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  gid: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  mtime: fc.record({
    sec: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    nsec: fc.integer({ min: 0, max: 999_999_999 }),
  }),
  xattrs: fc
    .array(fc.tuple(name, fc.uint8Array({ maxLength: 8 }).map(byteString)), { maxLength: 4 })
    .map(entries => new Map(entries)),
});

const content = fc.oneof(
  fc.record({ kind: fc.constant('inline' as const), content: fc.uint8Array({ maxLength: 80 }) }),
  fc.record({ kind: fc.constant('inline' as const), content: fc.constant(bytes('-')) }),
  fc.record({ kind: fc.constant('external' as const), size: fc.bigInt({ min: 1n, max: 2n ** 53n }) }),
  fc.record({
    kind: fc.constant('external' as const),
    size: fc.bigInt({ min: 1n, max: 2n ** 53n }),
    payload: name,
    digest: fc
      .oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ minLength: 64, maxLength: 64 }))
      .map(byteString),
  }),
  fc.record({ kind: fc.constant('symlink' as const), target: fc.oneof(name, fc.constant(ascii('-'))) }),
  fc.record({ kind: fc.constantFrom('character', 'block'), rdev: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
  fc.record({ kind: fc.constantFrom('fifo', 'socket') }),
);

const leaf: fc.Arbitrary<Leaf> = fc
  .tuple(attributes, content)
  .map(([shared, rest]) => ({ ...shared, ...rest }));

const { tree } = fc.letrec<{ tree: Directory; child: Inode }>(tie => ({
  child: fc.oneof({ maxDepth: 3 }, leaf, tie('tree')),
  tree: fc
    .tuple(attributes, fc.array(fc.tuple(name, tie('child')), { maxLength: 6 }))
    .map(([shared, children]) => ({ kind: 'directory', ...shared, children: new Map(children) })),
}));

/** A tree in which some leaves have a second name in the root. */
const linked: fc.Arbitrary<Directory> = fc
  .tuple(tree, fc.array(name, { maxLength: 3 }))
  .map(([made, names]) => {
    const leaves: Leaf[] = [];
    const collect = ({ children }: Directory): void => {
      for (const inode of children.values()) {
        if (inode.kind === 'directory') collect(inode);
        else leaves.push(inode);
      }
    };
    collect(made);
    for (const [i, second] of names.entries()) {
      const target = leaves[i];
      if (target !== undefined && !made.children.has(second)) made.children.set(second, target);
    }
    return made;
  });

describe('a printed tree', () => {
  test('is parsed into the same tree', () => {
    fc.assert(
      fc.property(linked, made => {
        const text = printed(made);
        const read = parseDumpfile(bytes(text));
        expect(read).toEqual(made);
        expect(printed(read)).toBe(text);
      }),
    );
  });

  test('is parsed into the same tree in chunks of any size', () => {
    fc.assert(
      fc.property(linked, fc.integer({ min: 1, max: 40 }), (made, size) => {
        const text = bytes(printed(made));
        const parser = new DumpfileParser();
        for (let at = 0; at < text.length; at += size) parser.push(text.slice(at, at + size));
        expect(parser.finish()).toEqual(made);
      }),
    );
  });

  test('is parsed into the same tree from a buffer that is reused', () => {
    fc.assert(
      fc.property(linked, fc.integer({ min: 1, max: 40 }), (made, size) => {
        const text = bytes(printed(made));
        for (const buffer of [Buffer.alloc(size), new Uint8Array(size)]) {
          const parser = new DumpfileParser();
          for (let at = 0; at < text.length; at += size) {
            const piece = text.subarray(at, at + size);
            buffer.set(piece);
            parser.push(buffer.subarray(0, piece.length));
            buffer.fill(0);
          }
          expect(parser.finish()).toEqual(made);
        }
      }),
    );
  });

  test('is printed in chunks of limited size', () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => file({}, `/${i}`));
    const chunks = [...printDumpfile(parseDumpfile(bytes(root + lines.join(''))))];
    expect(chunks.length).toBeGreaterThan(5);
    expect(Math.max(...chunks.map(chunk => chunk.length))).toBeLessThan(66_000);
  });

  test('can be deeper than the stack', () => {
    const bottom: Directory = parseDumpfile(bytes(root));
    let top = bottom;
    for (let depth = 0; depth < 12_000; depth++) top = { ...bottom, children: new Map([[ascii('d'), top]]) };
    let length = 0;
    for (const chunk of printDumpfile(top)) length += chunk.length;
    expect(length).toBeGreaterThan(12_000 * 12_000);
  });
});

describe('hard links', () => {
  test('are one inode under several names', () => {
    const { children } = parseDumpfile(
      bytes(root + file({}, '/b') + file({ mode: '@100644', payload: '/b' })),
    );
    expect(children.get(ascii('a'))).toBe(children.get(ascii('b')));
  });

  test('are printed as links to the first name, whatever the order of the input', () => {
    const text = root + file({ nlink: '9' }, '/b') + file({ mode: '@120000', payload: '/b' });
    expect(canonical(text)).toBe(`${root + file({ nlink: '2' })}/b 0 @100644 - - - - 0.0 /a - -\n`);
  });
});

const digest = '5a'.repeat(32);
const object = `5a/${'5a'.repeat(31)}`;
const long = (length: number) => 'x'.repeat(length);
const deepest = `/${long(255)}`.repeat(16);
const nest = Array.from({ length: 16 }, (_, i) =>
  file({ mode: '40755' }, deepest.slice(0, 256 * (i + 1))),
).join('');

describe('limits', () => {
  test.each<[string, string]>([
    ['a name of 255 bytes', file({}, `/${long(255)}`)],
    ['a path of 4096 bytes', nest],
    ['a symlink target of 4095 bytes', file({ mode: '120777', payload: long(4095) })],
    ['an object path of 4095 bytes', file({ size: '1', payload: long(4095) })],
    ['content of 5000 bytes', file({ size: '5000', content: long(5000) })],
    ['a file of 2^53 bytes', file({ size: '9007199254740992' })],
    ['a directory of 2^64 - 1 bytes', file({ mode: '40755', size: '18446744073709551615' })],
    [
      'numbers of 32 bits',
      file({ mode: '60644', nlink: '4294967295', uid: '4294967295', rdev: '4294967295' }),
    ],
    ['the latest time', file({ mtime: '9223372036854775807.999999999' })],
    ['an xattr name of 255 bytes', file({ x: `${long(255)}=` })],
    ['xattrs that add up to 32767', file({ x: `user.a=${long(32742)}` })],
    ['a mode with leading zeros', file({ mode: `${'0'.repeat(50)}100644` })],
    ['a digest of 64 bytes', file({ size: '1', payload: object, digest: digest + digest })],
    ['a digest in capitals', file({ size: '1', payload: object, digest: digest.toUpperCase() })],
    ['a line of 262144 bytes', file({ mode: '@100644', payload: '/b', content: long(262_144 - 50) })],
  ])('%s is accepted', (_, line) => {
    expect(() => parseDumpfile(bytes(root + file({}, '/b') + line))).not.toThrow();
  });
});

describe('a dumpfile is rejected', () => {
  test.each<[string, string, Code]>([
    ['without lines', '', 'DUMPFILE_ROOT'],
    ['with a root that is a file', file({}, '/'), 'DUMPFILE_ROOT'],
    ['with a root that is a hard link', file({ mode: '@100644', payload: '/a' }, '/'), 'DUMPFILE_ROOT'],
    ['with a root that is not first', file({}) + root, 'DUMPFILE_ROOT'],
    ['with two roots', root + root, 'DUMPFILE_ROOT'],
    ['for an empty line', `${root}\n`, 'DUMPFILE_LINE'],
    [
      'for a line that is too long',
      root + file({ mode: '@100644', content: long(262_145) }),
      'DUMPFILE_LINE',
    ],
    ['for a long line without an end', root + long(262_145), 'DUMPFILE_LINE'],
    ['for ten fields', `${root}/a 0 100644 1 0 0 0 0.0 - -\n`, 'DUMPFILE_FIELD'],
    ['for a space at the end', root.replace('\n', ' \n'), 'DUMPFILE_FIELD'],
    ['for a space at the start', root + file({}, ' /a'), 'DUMPFILE_FIELD'],
    ['for two spaces', root + file({ size: ' 0' }), 'DUMPFILE_FIELD'],
    ['for two spaces before an xattr', root + file({ x: ' user.a=b' }), 'DUMPFILE_FIELD'],
    ['for a carriage return', root.replace('\n', '\r\n'), 'DUMPFILE_BYTE'],
    ['for a control byte', root + file({}, '/a\x01'), 'DUMPFILE_BYTE'],
    ['for a high byte', root + file({}, '/\xc3\xa9'), 'DUMPFILE_BYTE'],
    ['for a DEL', root + file({}, '/\x7f'), 'DUMPFILE_BYTE'],
    ['for a NUL', root + file({}, '/\0'), 'DUMPFILE_BYTE'],
    ['for an unknown escape', root + file({}, '/\\q'), 'DUMPFILE_ESCAPE'],
    ['for a backslash at the end', root + file({}, '/a\\'), 'DUMPFILE_ESCAPE'],
    ['for one hex digit', root + file({}, '/\\x4'), 'DUMPFILE_ESCAPE'],
    ['for a sign in an escape', root + file({}, '/\\x+4'), 'DUMPFILE_ESCAPE'],
    ['for a byte after f in an escape', root + file({}, '/\\x4g'), 'DUMPFILE_ESCAPE'],
    ['for an escape in an xattr', root + file({ x: 'user.a=\\' }), 'DUMPFILE_ESCAPE'],
    ['for a sign', root + file({ uid: '+1' }), 'DUMPFILE_NUMBER'],
    ['for a minus', root + file({ size: '-1' }), 'DUMPFILE_NUMBER'],
    ['for a leading zero', root + file({ gid: '01' }), 'DUMPFILE_NUMBER'],
    ['for a leading zero of nanoseconds', root + file({ mtime: '1.05' }), 'DUMPFILE_NUMBER'],
    ['for a uid of 2^32', root + file({ uid: '4294967296' }), 'DUMPFILE_NUMBER'],
    ['for a gid of many digits', root + file({ gid: '9'.repeat(400) }), 'DUMPFILE_NUMBER'],
    ['for a link count of 2^32', root + file({ nlink: '4294967296' }), 'DUMPFILE_NUMBER'],
    ['for a dash where a number is', root + file({ nlink: '-' }), 'DUMPFILE_NUMBER'],
    ['for a device number of a file', root + file({ rdev: '1' }), 'DUMPFILE_NUMBER'],
    ['for a device number of 2^32', root + file({ mode: '20644', rdev: '4294967296' }), 'DUMPFILE_NUMBER'],
    ['for a time without a dot', root + file({ mtime: '5' }), 'DUMPFILE_NUMBER'],
    ['for a time without nanoseconds', root + file({ mtime: '5.' }), 'DUMPFILE_NUMBER'],
    ['for a time with two dots', root + file({ mtime: '5.5.5' }), 'DUMPFILE_NUMBER'],
    ['for a dot in another field', root + file({ mtime: '5', payload: 'a.b' }), 'DUMPFILE_NUMBER'],
    ['for a second of nanoseconds', root + file({ mtime: '5.1000000000' }), 'DUMPFILE_NUMBER'],
    ['for a time of 2^63', root + file({ mtime: '9223372036854775808.0' }), 'DUMPFILE_NUMBER'],
    ['for a time of 20 digits', root + file({ mtime: '99999999999999999999.0' }), 'DUMPFILE_NUMBER'],
    ['for a letter in a long number', root + file({ size: '1234567890123456x' }), 'DUMPFILE_NUMBER'],
    ['for a file of more than 2^53 bytes', root + file({ size: '9007199254740993' }), 'DUMPFILE_NUMBER'],
    [
      'for a directory of 2^64 bytes',
      root + file({ mode: '40755', size: '18446744073709551616' }),
      'DUMPFILE_NUMBER',
    ],
    ['for a mode without a file type', root + file({ mode: '644' }), 'DUMPFILE_MODE'],
    ['for a mode with an unknown file type', root + file({ mode: '110644' }), 'DUMPFILE_MODE'],
    ['for a mode that is not octal', root + file({ mode: '100648' }), 'DUMPFILE_MODE'],
    ['for a mode above 16 bits', root + file({ mode: '1100644' }), 'DUMPFILE_MODE'],
    ['for a mode that is only an at sign', root + file({ mode: '@' }), 'DUMPFILE_MODE'],
    ['for a relative path', root + file({}, 'a'), 'DUMPFILE_PATH'],
    ['for two slashes', root + file({}, '//a'), 'DUMPFILE_PATH'],
    ['for a slash at the end', root + file({ mode: '40755' }, '/a/'), 'DUMPFILE_PATH'],
    ['for a dot', root + file({}, '/.'), 'DUMPFILE_PATH'],
    ['for two dots', root + file({}, '/..'), 'DUMPFILE_PATH'],
    ['for a NUL in a path', root + file({}, '/a\\x00b'), 'DUMPFILE_PATH'],
    ['for a name of 256 bytes', root + file({}, `/${long(256)}`), 'DUMPFILE_PATH'],
    ['for a path of 4098 bytes', root + nest + file({}, `${deepest}/a`), 'DUMPFILE_PATH'],
    [
      'for a relative hard link',
      root + file({}) + file({ mode: '@100644', payload: 'a' }, '/b'),
      'DUMPFILE_PATH',
    ],
    ['for a missing parent', root + file({}, '/d/a'), 'DUMPFILE_PARENT'],
    [
      'for a parent that comes later',
      root + file({}, '/d/a') + file({ mode: '40755' }, '/d'),
      'DUMPFILE_PARENT',
    ],
    ['for a parent that is a file', root + file({}) + file({}, '/a/b'), 'DUMPFILE_PARENT'],
    ['for a grandparent that is a file', root + file({}) + file({}, '/a/b/c'), 'DUMPFILE_PARENT'],
    [
      'for a parent that is a symlink',
      root + file({ mode: '40755' }, '/d') + file({ mode: '120777', payload: 'd' }) + file({}, '/a/b'),
      'DUMPFILE_PARENT',
    ],
    ['for two lines for a path', root + file({}) + file({}), 'DUMPFILE_DUPLICATE'],
    [
      'for two lines for a directory',
      root + file({ mode: '40755' }) + file({ mode: '40755' }),
      'DUMPFILE_DUPLICATE',
    ],
    ['for a hard link to nothing', root + file({ mode: '@100644', payload: '/b' }), 'DUMPFILE_HARDLINK'],
    ['for a hard link to itself', root + file({ mode: '@100644', payload: '/a' }), 'DUMPFILE_HARDLINK'],
    [
      'for a hard link to a later line',
      root + file({ mode: '@100644', payload: '/b' }) + file({}, '/b'),
      'DUMPFILE_HARDLINK',
    ],
    ['for a hard link to the root', root + file({ mode: '@100644', payload: '/' }), 'DUMPFILE_HARDLINK'],
    [
      'for a hard link to a directory',
      root + file({ mode: '40755' }) + file({ mode: '@100644', payload: '/a' }, '/b'),
      'DUMPFILE_HARDLINK',
    ],
    [
      'for a hard link that is a directory',
      root + file({}) + file({ mode: '@40755', payload: '/a' }, '/b'),
      'DUMPFILE_HARDLINK',
    ],
    ['for a hard link without a target', root + file({ mode: '@100644' }), 'DUMPFILE_HARDLINK'],
    ['for a symlink without a target', root + file({ mode: '120777' }), 'DUMPFILE_PAYLOAD'],
    ['for a NUL in a target', root + file({ mode: '120777', payload: '\\x00' }), 'DUMPFILE_PAYLOAD'],
    ['for a target of 4096 bytes', root + file({ mode: '120777', payload: long(4096) }), 'DUMPFILE_PAYLOAD'],
    ['for an absolute object path', root + file({ size: '1', payload: '/a/b' }), 'DUMPFILE_PAYLOAD'],
    [
      'for an object path outside the store',
      root + file({ size: '1', payload: 'a/../../b' }),
      'DUMPFILE_PAYLOAD',
    ],
    [
      'for an object path with a slash at the end',
      root + file({ size: '1', payload: 'a/' }),
      'DUMPFILE_PAYLOAD',
    ],
    [
      'for content that is shorter than its size',
      root + file({ size: '6', content: 'hello' }),
      'DUMPFILE_CONTENT',
    ],
    ['for content of 5001 bytes', root + file({ size: '5001', content: long(5001) }), 'DUMPFILE_CONTENT'],
    [
      'for content and an object path',
      root + file({ size: '5', payload: object, content: 'hello' }),
      'DUMPFILE_CONTENT',
    ],
    ['for content and a digest', root + file({ size: '5', content: 'hello', digest }), 'DUMPFILE_CONTENT'],
    ['for a digest without an object path', root + file({ size: '5', digest }), 'DUMPFILE_CONTENT'],
    [
      'for content of a symlink',
      root + file({ size: '1', mode: '120777', payload: 'a', content: 'b' }),
      'DUMPFILE_CONTENT',
    ],
    ['for a digest of a symlink', root + file({ mode: '120777', payload: 'a', digest }), 'DUMPFILE_CONTENT'],
    ['for a payload of a directory', root + file({ mode: '40755', payload: 'a' }), 'DUMPFILE_CONTENT'],
    ['for a payload of a device', root + file({ mode: '20644', payload: 'a' }), 'DUMPFILE_CONTENT'],
    ['for a payload of a socket', root + file({ mode: '140644', payload: 'a' }), 'DUMPFILE_CONTENT'],
    ['for a short digest', root + file({ size: '5', payload: object, digest: '5a' }), 'DUMPFILE_DIGEST'],
    [
      'for a digest that is not hex',
      root + file({ size: '5', payload: object, digest: 'xy'.repeat(32) }),
      'DUMPFILE_DIGEST',
    ],
    ['for an xattr without an equals sign', root + file({ x: 'user.a' }), 'DUMPFILE_XATTR'],
    ['for an xattr without a name', root + file({ x: '=a' }), 'DUMPFILE_XATTR'],
    ['for an xattr with a long name', root + file({ x: `${long(256)}=` }), 'DUMPFILE_XATTR'],
    ['for an xattr with a NUL', root + file({ x: 'user.\\x00=' }), 'DUMPFILE_XATTR'],
    ['for two xattrs of the same name', root + file({ x: 'user.a=1', y: 'user.\\x61=1' }), 'DUMPFILE_XATTR'],
    ['for xattrs that add up to 32768', root + file({ x: `user.a=${long(32_743)}` }), 'DUMPFILE_XATTR'],
  ])('%s', (_, text, code) => {
    expect(rejection(text).code).toBe(code);
  });

  test.each([1, 2, 3, 7, 1000])('with the same error code in chunks of %i', size => {
    const good = file({}, '/a') + file({}, '/b');
    for (const bad of ['\xef\xbb\xbf', '\xff', '\xc3', '\xc3\xa9', '\xf0\x9f\x98\x80', '\x80\x80']) {
      for (const [text, line] of [
        [bad + root, 1],
        [root + good + file({}, `/${bad}`) + good, 4],
        [root + good + file({ x: `user.${bad}=` }), 4],
      ] as const) {
        const parser = new DumpfileParser();
        const all = bytes(text);
        let error: unknown;
        try {
          for (let at = 0; at < all.length; at += size) parser.push(all.subarray(at, at + size));
        } catch (caught) {
          error = caught;
        }
        expect(error).toMatchObject({ code: 'DUMPFILE_BYTE', location: { line } });
      }
    }
  });

  test('with the number of the line', () => {
    expect(rejection(root + file({}) + file({})).location).toEqual({ line: 3, entry: '/a' });
    expect(rejection(root + file({}) + file({ uid: 'x' }, '/b')).location).toEqual({ line: 3 });
    expect(rejection(`${root}\n`).location.line).toBe(2);
  });
});
