/**
 * The canonical dumpfile of a tree of layers: what a printer writes that has no parser beside it. Every line is written
 * by hand from the requirements of the dumpfile chapter.
 * @module
 */

import { verityDigest } from '../../../suite/verity.ts';
import {
  block,
  bytes,
  character,
  concat,
  directory,
  fifo,
  file,
  hardlink,
  pax,
  symlink,
} from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { reads, rootWith } from './parts.ts';

/** Longer than inline content, so that it is an object (TREE-005, TREE-006). */
const long = 'x'.repeat(65);
const digest = verityDigest(bytes(long));
const object = `${digest.slice(0, 2)}/${digest.slice(2)}`;

/** No reader of archives prints dumpfiles, so none confirms these cases. */
const except = ['go', 'libarchive', 'python', 'rust'] as const;

export const recipes: readonly Recipe[] = [
  reads('printed-types', {
    title: 'Every type of inode is printed with the fields of its type',
    requirements: [
      'DUMP-008',
      'DUMP-002',
      'DUMP-004',
      'DUMP-007',
      'DUMP-010',
      'DUMP-011',
      'DUMP-012',
      'DUMP-013',
      'DUMP-014',
    ],
    except,
    layer: [
      block('block', 8, 257, { mode: 0o660, gid: 6 }),
      character('character', 1, 3, { mode: 0o666, uid: 7 }),
      directory('directory/', { mode: 0o1777, mtime: 5 }),
      file('empty', '', { mode: 0 }),
      fifo('fifo', { mode: 0o7 }),
      file('inline', 'hello', { mode: 0o4755, mtime: 4294967296 }),
      pax({ mtime: '1.000000005' }),
      file('nanoseconds'),
      file('object', long, { uid: 2097151 }),
      pax({ mtime: '2.5' }),
      symlink('symlink', 'object'),
    ],
    tree: [
      rootWith(1),
      // 257 is 0x101: the lower 8 bits of the minor are bits 0 to 7, the others begin at bit 20.
      `/block 0 60660 1 0 6 ${(8 << 8) | 1 | (1 << 20)} 0.0 - - -`,
      `/character 0 20666 1 7 0 ${(1 << 8) | 3} 0.0 - - -`,
      '/directory 0 41777 2 0 0 0 5.0 - - -',
      '/empty 0 100000 1 0 0 0 0.0 - - -',
      '/fifo 0 10007 1 0 0 0 0.0 - - -',
      '/inline 5 104755 1 0 0 0 4294967296.0 - hello -',
      '/nanoseconds 0 100644 1 0 0 0 1.5 - - -',
      `/object 65 100644 1 2097151 0 0 0.0 ${object} - ${digest}`,
      '/symlink 6 120777 1 0 0 0 2.500000000 object - -',
    ],
  }),
  reads('printed-order', {
    title: 'Names are printed depth first, and hard links by their first name',
    requirements: ['DUMP-001', 'DUMP-006', 'DUMP-009', 'DUMP-016'],
    except,
    layer: [
      directory('a/'),
      file('z', 'z', { mode: 0o600, uid: 1, mtime: 9 }),
      hardlink('a/a', 'z'),
      file('ab'),
      file('a!'),
      directory('a/b/'),
      hardlink('-', 'z'),
      directory('a/b/c/'),
      file('\x01'),
    ],
    tree: [
      rootWith(1),
      '/\\x01 0 100644 1 0 0 0 0.0 - - -',
      '/- 1 100600 3 1 0 0 9.0 - z -',
      '/a 0 40755 3 0 0 0 0.0 - - -',
      '/a/a 0 @100600 - - - - 0.0 /- - -',
      '/a/b 0 40755 3 0 0 0 0.0 - - -',
      '/a/b/c 0 40755 2 0 0 0 0.0 - - -',
      // Comparing whole paths would put it before /a/a.
      '/a! 0 100644 1 0 0 0 0.0 - - -',
      '/ab 0 100644 1 0 0 0 0.0 - - -',
      '/z 0 @100600 - - - - 0.0 /- - -',
    ],
  }),
  reads('printed-escapes', {
    title: 'Bytes are escaped as the field requires, and attributes sorted',
    requirements: ['DUMP-003', 'DUMP-004', 'DUMP-005', 'DUMP-015'],
    except,
    layer: [
      pax({
        'SCHILY.xattr.user.b': concat('=', new Uint8Array([0xff])),
        'SCHILY.xattr.user.B': '',
        'SCHILY.xattr.user.a b': '-',
        'SCHILY.xattr.security.capability': '\\',
      }),
      file('a=b c\\', '-'),
      file('content', concat('=\t\n\r ~', new Uint8Array([0, 0x7f, 0x80, 0xc3, 0xa9]))),
      symlink('dash', '-'),
      symlink('dashes', '--'),
    ],
    tree: [
      '/a=b\\x20c\\\\ 1 100644 1 0 0 0 0.0 - \\x2d - security.capability=\\\\ user.B= user.a\\x20b=- user.b=\\x3d\\xff',
      '/content 11 100644 1 0 0 0 0.0 - =\\t\\n\\r\\x20~\\x00\\x7f\\x80\\xc3\\xa9 -',
      '/dash 1 120777 1 0 0 0 0.0 \\x2d - -',
      '/dashes 2 120777 1 0 0 0 0.0 -- - -',
    ],
  }),
];
