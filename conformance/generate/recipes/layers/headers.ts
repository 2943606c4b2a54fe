/**
 * Header blocks that are accepted: forms, types, numbers, checksums, attributes.
 * @module
 */

import {
  base256,
  block,
  bytes,
  character,
  concat,
  directory,
  type Fields,
  fifo,
  file,
  GNU,
  hardlink,
  header,
  longName,
  padded,
  pax,
  paxRaw,
  record,
  symlink,
  V7,
} from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { reads, rootWith } from './parts.ts';

const REPRODUCIBLE = 'https://github.com/google/go-containerregistry/pull/1550';
const PYTHON_PREFIX = 'https://github.com/python/cpython/issues/155629';
/** The test `TestUntarUstarGnuConflict`. */
const OTHER_VERSION =
  'https://github.com/moby/moby/blob/04472304f61784403033f6241a520bd41e5d723b/pkg/archive/archive_test.go';
const SIGNED = 'https://github.com/composefs/tar-core/commit/7727e25';

/** The largest number that is not an mtime. */
const LARGEST = 2n ** 53n - 1n;

/** A header whose checksum is the sum of its bytes as signed numbers. */
function signedChecksum(): Uint8Array {
  const block = header({ name: Uint8Array.of(0xc3, 0xa9), mode: 0o644, size: 0 });
  const sum = new Int8Array(block.fill(0x20, 148, 156)).reduce((total, byte) => total + byte, 0);
  block.set(bytes(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return block;
}

/** The longest prefix of star; after it are numbers. */
const starPrefix = 'p'.repeat(130);

/** A header whose checksum has eight digits. */
function fullChecksum(fields: Fields): Uint8Array {
  const sum = new TextDecoder().decode(header(fields).subarray(148, 154));
  return header({ ...fields, checksum: sum.padStart(8, '0') });
}

export const recipes: readonly Recipe[] = [
  reads('v7-headers', {
    title: 'Headers without a magic are read as v7',
    except: ['rust'],
    requirements: ['LAYER-046', 'LAYER-054'],
    layer: [
      directory('d/', { magic: V7, uid: 7, gid: 8, mtime: 9 }),
      file('d/f', 'hello', { magic: V7, type: '\0' }),
      symlink('d/s', 'f', { magic: V7 }),
      hardlink('d/h', 'd/f', { magic: V7 }),
    ],
    tree: [
      rootWith(1),
      '/d 0 40755 2 7 8 0 9.0 - - -',
      '/d/f 5 100644 2 0 0 0 0.0 - hello -',
      '/d/h 0 @100644 - - - - 0.0 /d/f - -',
      '/d/s 1 120777 1 0 0 0 0.0 f - -',
    ],
  }),
  reads('bytes-behind-prefix', {
    title: 'A byte just behind the prefix has no meaning in a v7 or GNU header',
    requirements: ['LAYER-046', 'LAYER-047'],
    class: 'LIMIT',
    layer: [
      file('a', 'hello', { magic: V7, at: { 500: 'x' } }),
      file('b', '', { magic: GNU, at: { 500: 'x' } }),
    ],
    tree: ['/a 5 100644 1 0 0 0 0.0 - hello -', '/b 0 100644 1 0 0 0 0.0 - - -'],
  }),
  reads('unknown-magic', {
    title: 'A header with an unknown version or an unknown magic is accepted',
    requirements: ['LAYER-046'],
    class: 'EDGE_CASE',
    layer: [file('f', 'hello', { magic: 'ustar\0\0\0' }), file('g', '', { magic: 'whatever' })],
    tree: ['/f 5 100644 1 0 0 0 0.0 - hello -', '/g 0 100644 1 0 0 0 0.0 - - -'],
  }),
  reads('unknown-magic-prefix', {
    title: 'A ustar header with an unknown version has a prefix',
    requirements: ['LAYER-046', 'LAYER-077'],
    class: 'KNOWN_BUG',
    links: [OTHER_VERSION],
    except: ['rust'],
    layer: [file('f', '', { magic: 'ustar\x0011', prefix: 'pre' })],
    tree: [rootWith(1), '/pre 0 40755 2 0 0 0 0.0 - - -', '/pre/f 0 100644 1 0 0 0 0.0 - - -'],
  }),
  reads('unknown-version', {
    title: 'Ustar headers with an unknown version are read like other ones',
    requirements: ['LAYER-046', 'LAYER-058', 'LAYER-060'],
    class: 'KNOWN_BUG',
    links: [OTHER_VERSION],
    except: ['rust'],
    layer: [
      directory('p/', { magic: 'ustar\0 \0' }),
      file('f', 'hello', { magic: 'ustar\0 \0', prefix: 'p' }),
      character('c', 1, 3, { magic: 'ustar\0\0\0' }),
      pax({ path: 'x' }, { magic: 'ustar\x0001' }),
      file('y', '', { magic: 'ustar\x0001' }),
      longName('z', { magic: 'ustar\0  ' }),
      file('y', '', { magic: GNU }),
    ],
    tree: [
      rootWith(1),
      '/c 0 20600 1 0 0 259 0.0 - - -',
      '/p 0 40755 2 0 0 0 0.0 - - -',
      '/p/f 5 100644 1 0 0 0 0.0 - hello -',
      '/x 0 100644 1 0 0 0 0.0 - - -',
      '/z 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  reads('gnu-headers', {
    title: 'GNU headers have device numbers, and owners in base-256',
    requirements: ['LAYER-046', 'LAYER-050', 'LAYER-058'],
    layer: [
      character('c', 1, 3, { magic: GNU }),
      file('f', 'hello', { magic: GNU, uid: base256(3000000000n, 8) }),
    ],
    tree: ['/c 0 20600 1 0 0 259 0.0 - - -', '/f 5 100644 1 3000000000 0 0 0.0 - hello -'],
  }),
  reads('gnu-times', {
    title: 'Times of access and change in a GNU header are ignored',
    requirements: ['LAYER-047'],
    class: 'KNOWN_BUG',
    links: [REPRODUCIBLE, PYTHON_PREFIX],
    except: ['python'],
    layer: [
      file('a', 'hello', { magic: GNU, at: { 345: '00000000000\x0000000000000\0' } }),
      file('b', '', { magic: GNU, at: { 345: concat(base256(1n << 40n, 12), base256(7n, 12)) } }),
    ],
    tree: ['/a 5 100644 1 0 0 0 0.0 - hello -', '/b 0 100644 1 0 0 0 0.0 - - -'],
  }),
  reads('gnu-time-limit', {
    title: 'A time of access in a GNU header can be 2^63-1',
    requirements: ['LAYER-047'],
    class: 'LIMIT',
    links: [PYTHON_PREFIX],
    except: ['python'],
    layer: [file('f', 'hello', { magic: GNU, at: { 345: base256((1n << 63n) - 1n, 12) } })],
    tree: ['/f 5 100644 1 0 0 0 0.0 - hello -'],
  }),
  reads('device-records-on-hard-link', {
    title: 'PAX records for a device number are ignored on a hard link',
    requirements: ['LAYER-059', 'LAYER-069'],
    class: 'EDGE_CASE',
    layer: [
      character('c', 1, 3),
      pax({ 'SCHILY.devmajor': '9', 'SCHILY.devminor': '9' }),
      hardlink('d', 'c'),
    ],
    tree: ['/c 0 20600 2 0 0 259 0.0 - - -', '/d 0 @20600 - - - - 0.0 /c - -'],
  }),
  reads('every-type', {
    title: 'Each type flag gives its type of inode',
    except: ['rust'],
    requirements: ['LAYER-054', 'LAYER-058', 'LAYER-084'],
    layer: [
      file('0', 'zero', { type: '0', link: 'ignored', major: 1, minor: 2 }),
      file('NUL', 'nul', { type: '\0' }),
      file('7', 'seven', { type: '7' }),
      hardlink('1', '0'),
      symlink('2', 'target'),
      character('3', 1, 3),
      block('4', 259, 65537),
      directory('5/'),
      fifo('6'),
    ],
    tree: [
      rootWith(1),
      '/0 4 100644 2 0 0 0 0.0 - zero -',
      '/1 0 @100644 - - - - 0.0 /0 - -',
      '/2 6 120777 1 0 0 0 0.0 target - -',
      '/3 0 20600 1 0 0 259 0.0 - - -',
      '/4 0 60600 1 0 0 268501761 0.0 - - -',
      '/5 0 40755 2 0 0 0 0.0 - - -',
      '/6 0 10644 1 0 0 0 0.0 - - -',
      '/7 5 100644 1 0 0 0 0.0 - seven -',
      '/NUL 3 100644 1 0 0 0 0.0 - nul -',
    ],
  }),
  reads('largest-device', {
    title: 'The largest device number is 4095:1048575',
    requirements: ['LAYER-058'],
    class: 'LIMIT',
    layer: [block('b', 4095, 1048575), character('c', 255, 256)],
    tree: ['/b 0 60600 1 0 0 4294967295 0.0 - - -', '/c 0 20600 1 0 0 1113856 0.0 - - -'],
  }),
  reads('numbers-fill-their-fields', {
    title: 'Octal digits can fill every number field of a header',
    requirements: ['LAYER-049', 'LAYER-053', 'LAYER-058'],
    class: 'EDGE_CASE',
    layer: [
      fullChecksum({
        ...{ name: 'b', type: '4', mode: '00000640', uid: '00012345', gid: '00054321' },
        ...{ size: '000000000000', mtime: '000012345670', major: '00007654', minor: '03210765' },
      }),
      fullChecksum({ name: 'f', mode: '00004755', size: '000000000005', mtime: '077777777777' }),
      padded('hello'),
    ],
    tree: [
      '/b 0 60640 1 5349 22737 3508514037 2739128.0 - - -',
      '/f 5 104755 1 0 0 0 8589934591.0 - hello -',
    ],
  }),
  reads('device-number-of-a-file', {
    title: 'Device numbers of entries that are not devices have no limit',
    requirements: ['LAYER-059', 'LAYER-051'],
    class: 'EDGE_CASE',
    layer: [file('f', 'hello', { major: 0o7777777, minor: 0o7777777 })],
    tree: ['/f 5 100644 1 0 0 0 0.0 - hello -'],
  }),
  reads('number-spellings', {
    title: 'Octal numbers can have leading spaces and trailing spaces or NULs',
    requirements: ['LAYER-049'],
    layer: [
      file('a', '', { uid: '    17 ', gid: '0000017\0' }),
      file('b', '', { uid: '00000017', gid: '17' }),
      file('c', '', { uid: '', gid: '17  \0\0 \0' }),
      file('d', 'hello', { size: '          5 ', mtime: '77777777777' }),
    ],
    tree: [
      '/a 0 100644 1 15 15 0 0.0 - - -',
      '/b 0 100644 1 15 15 0 0.0 - - -',
      '/c 0 100644 1 0 15 0 0.0 - - -',
      '/d 5 100644 1 0 0 0 8589934591.0 - hello -',
    ],
  }),
  reads('base-256', {
    title: 'Base-256 numbers are accepted up to the limits of the attributes',
    requirements: ['LAYER-050', 'LAYER-089', 'LAYER-091'],
    class: 'LIMIT',
    layer: [
      file('f', 'hello', {
        mode: base256(0o4755n, 8),
        uid: base256(4294967295n, 8),
        gid: base256(4294967294n, 8),
        size: base256(5n, 12),
        mtime: base256(2n ** 63n - 1n, 12),
      }),
    ],
    tree: ['/f 5 104755 1 4294967295 4294967294 0 9223372036854775807.0 - hello -'],
  }),
  reads('largest-numbers', {
    title: 'Numbers of 2^53-1 are accepted where they have no limit of their own',
    requirements: ['LAYER-052', 'LAYER-070', 'LAYER-072', 'LAYER-088', 'LAYER-130'],
    class: 'LIMIT',
    except: ['libarchive', 'rust'],
    layer: [
      file('a', 'x', { mode: base256(LARGEST, 8) }),
      pax({ uid: '5' }),
      file('b', '', { uid: base256(LARGEST, 8) }),
      paxRaw(
        concat(
          record('size', `${LARGEST}`),
          record('gid', `${LARGEST}`),
          record('gid', '6'),
          record('size', '1'),
        ),
      ),
      file('c', 'x'),
      directory('d/', { size: base256(LARGEST, 12) }),
    ],
    tree: [
      rootWith(1),
      '/a 1 107777 1 0 0 0 0.0 - x -',
      '/b 0 100644 1 5 0 0 0.0 - - -',
      '/c 1 100644 1 0 6 0 0.0 - x -',
      '/d 0 40755 2 0 0 0 0.0 - - -',
    ],
  }),
  reads('signed-checksum', {
    title: 'A checksum over signed bytes is accepted',
    except: ['rust'],
    requirements: ['LAYER-053'],
    class: 'KNOWN_BUG',
    links: [SIGNED],
    layer: [signedChecksum()],
    tree: ['/\\xc3\\xa9 0 100644 1 0 0 0 0.0 - - -'],
  }),
  reads('type-bits-in-the-mode', {
    title: 'Only the lower twelve bits of the mode are used',
    except: ['rust'],
    requirements: ['LAYER-088'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/blob/main/crates/composefs/src/dumpfile.rs'],
    layer: [
      file('a', '', { mode: 0o100644 }),
      file('b', '', { mode: 0o47777 }),
      file('c', '', { mode: 0o7770644 }),
      symlink('s', 't', { mode: 0o120640 }),
    ],
    tree: [
      '/a 0 100644 1 0 0 0 0.0 - - -',
      '/b 0 107777 1 0 0 0 0.0 - - -',
      '/c 0 100644 1 0 0 0 0.0 - - -',
      '/s 1 120640 1 0 0 0 0.0 t - -',
    ],
  }),
  reads('owner-names', {
    title: 'Names of users and groups are ignored',
    requirements: ['LAYER-089', 'LAYER-069'],
    layer: [
      pax({ uname: 'root', gname: 'root' }),
      file('f', '', { uid: 1000, gid: 100, uname: 'root', gname: 'wheel' }),
    ],
    tree: ['/f 0 100644 1 1000 100 0 0.0 - - -'],
  }),
  reads('star-headers', {
    title: 'A header with the mark of star and a short prefix is read as ustar',
    requirements: ['LAYER-077', 'LAYER-048'],
    class: 'EDGE_CASE',
    layer: [
      directory('pre/'),
      file('f', 'hello', { prefix: 'pre', at: { 476: '00000000077\x0000000000077\0', 508: 'tar\0' } }),
    ],
    tree: [rootWith(1), '/pre 0 40755 2 0 0 0 0.0 - - -', '/pre/f 5 100644 1 0 0 0 0.0 - hello -'],
  }),
  reads('star-prefix-limit', {
    title: 'A header with the mark of star can have a prefix of 130 bytes',
    requirements: ['LAYER-048', 'LAYER-077'],
    class: 'LIMIT',
    layer: [
      longName(`${starPrefix}/`),
      directory('short/'),
      file('f', 'hello', {
        prefix: starPrefix,
        at: { 476: '00000000077\x0000000000077\0', 508: 'tar\0' },
      }),
    ],
    tree: [
      rootWith(1),
      `/${starPrefix} 0 40755 2 0 0 0 0.0 - - -`,
      `/${starPrefix}/f 5 100644 1 0 0 0 0.0 - hello -`,
    ],
  }),
  reads('star-marks-of-others', {
    title: 'Four bytes that are almost the mark of star are ignored',
    requirements: ['LAYER-048', 'LAYER-077'],
    class: 'EDGE_CASE',
    layer: [
      longName(`${'p'.repeat(140)}/`),
      directory('short/'),
      ...['txr\0', 'tax\0', 'xar\0', 'tar '].map((end, i) =>
        file(String(i), '', { prefix: 'p'.repeat(140), at: { 508: end } }),
      ),
    ],
    tree: [
      rootWith(1),
      `/${'p'.repeat(140)} 0 40755 2 0 0 0 0.0 - - -`,
      ...[0, 1, 2, 3].map(i => `/${'p'.repeat(140)}/${i} 0 100644 1 0 0 0 0.0 - - -`),
    ],
  }),
  reads('owner-overridden', {
    title: 'Owners of 2^32 that a record or a later record overrides are accepted',
    requirements: ['LAYER-070', 'LAYER-090'],
    class: 'EDGE_CASE',
    layer: [
      pax({ uid: '5' }),
      file('a', '', { uid: base256(2n ** 40n, 8) }),
      paxRaw(concat(record('gid', '4294967296'), record('gid', '6'))),
      file('b'),
    ],
    tree: ['/a 0 100644 1 5 0 0 0.0 - - -', '/b 0 100644 1 0 6 0 0.0 - - -'],
  }),
];
