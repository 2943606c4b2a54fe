/**
 * Sizes of entries that are not regular files, and what follows them.
 * @module
 */

import {
  base256,
  block,
  character,
  concat,
  directory,
  entry,
  fifo,
  file,
  GNU,
  hardlink,
  padded,
  pax,
  paxRaw,
  record,
  symlink,
  V7,
} from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { reads, rejects, rootWith } from './parts.ts';

const SIZES = 'https://github.com/composefs/tar-core/commit/2a2b579';
/** Builders that wrote hard links with a size. */
const LINK_SIZES = [
  'https://github.com/Metaswitch/rpmoci/issues/163',
  'https://github.com/bazel-contrib/rules_img/pull/63',
];
/** It extracted the expected tree. */
const GNU_TAR = 'GNU tar 1.34';

const accepted: readonly Recipe[] = [
  reads('size-of-directory', {
    title: 'The size in the header of a directory is ignored',
    requirements: ['LAYER-130'],
    class: 'HOSTILE',
    links: [SIZES],
    except: ['rust'],
    confirmedBy: [GNU_TAR],
    layer: [directory('d/', { size: 5 })],
    tree: [rootWith(1), '/d 0 40755 2 0 0 0 0.0 - - -'],
  }),
  reads('size-of-directory-before-entries', {
    title: 'Entries after a directory with a size are read',
    requirements: ['LAYER-130'],
    class: 'HOSTILE',
    links: [SIZES],
    except: ['rust'],
    confirmedBy: [GNU_TAR],
    layer: [
      directory('d/', { size: 512 }),
      file('d/f'),
      directory('e/', { size: base256(1n << 40n, 12), magic: GNU }),
      directory('v/', { size: 1, magic: V7 }),
      file('v/f', 'hello'),
    ],
    tree: [
      rootWith(3),
      '/d 0 40755 2 0 0 0 0.0 - - -',
      '/d/f 0 100644 1 0 0 0 0.0 - - -',
      '/e 0 40755 2 0 0 0 0.0 - - -',
      '/v 0 40755 2 0 0 0 0.0 - - -',
      '/v/f 5 100644 1 0 0 0 0.0 - hello -',
    ],
  }),
  reads('size-of-hard-link', {
    title: 'The size in the header of a hard link is ignored',
    requirements: ['LAYER-130'],
    class: 'KNOWN_BUG',
    links: [SIZES, ...LINK_SIZES],
    except: ['rust'],
    confirmedBy: [GNU_TAR],
    layer: [file('f', 'hello'), hardlink('h', 'f', { size: 5 })],
    tree: ['/f 5 100644 2 0 0 0 0.0 - hello -', '/h 0 @100644 - - - - 0.0 /f - -'],
  }),
  reads('size-of-hard-link-before-entries', {
    title: 'Entries after a hard link with a size are read',
    requirements: ['LAYER-130'],
    class: 'KNOWN_BUG',
    links: [SIZES, ...LINK_SIZES],
    except: ['rust'],
    confirmedBy: [GNU_TAR],
    layer: [
      file('f', 'x'.repeat(64)),
      hardlink('g', 'f', { size: 64 }),
      hardlink('h', 'f', { size: 64, magic: GNU }),
      hardlink('i', 'f', { size: 64, magic: V7 }),
      file('z', 'hello'),
    ],
    tree: [
      `/f 64 100644 4 0 0 0 0.0 - ${'x'.repeat(64)} -`,
      '/g 0 @100644 - - - - 0.0 /f - -',
      '/h 0 @100644 - - - - 0.0 /f - -',
      '/i 0 @100644 - - - - 0.0 /f - -',
      '/z 5 100644 1 0 0 0 0.0 - hello -',
    ],
  }),
  reads('size-of-hard-link-with-records', {
    title: 'The size of a hard link is ignored after a PAX header as well',
    requirements: ['LAYER-130'],
    class: 'KNOWN_BUG',
    links: [SIZES, ...LINK_SIZES],
    except: ['rust', 'libarchive'],
    confirmedBy: [GNU_TAR],
    layer: [
      pax({ mtime: '1.5' }),
      file('f', 'hello'),
      pax({ mtime: '1.5' }),
      hardlink('h', 'f', { size: 5 }),
      file('z', 'hello'),
    ],
    tree: [
      '/f 5 100644 2 0 0 0 1.500000000 - hello -',
      '/h 0 @100644 - - - - 0.0 /f - -',
      '/z 5 100644 1 0 0 0 0.0 - hello -',
    ],
  }),
  reads('size-overridden', {
    title: 'A PAX record of size 0 overrides the size of every type',
    requirements: ['LAYER-057', 'LAYER-069', 'LAYER-070'],
    class: 'EDGE_CASE',
    confirmedBy: [GNU_TAR],
    layer: [
      file('f', 'hello'),
      ...[
        directory('d/', { size: 5 }),
        hardlink('h', 'f', { size: 5 }),
        symlink('s', 't', { size: 5 }),
        character('c', 1, 3, { size: 5 }),
        block('b', 1, 3, { size: 5 }),
        fifo('p', { size: 5 }),
      ].flatMap(each => [paxRaw(concat(record('size', '7'), record('size', '0'))), each]),
      file('z', 'hello'),
    ],
    tree: [
      rootWith(1),
      '/b 0 60600 1 0 0 259 0.0 - - -',
      '/c 0 20600 1 0 0 259 0.0 - - -',
      '/d 0 40755 2 0 0 0 0.0 - - -',
      '/f 5 100644 2 0 0 0 0.0 - hello -',
      '/h 0 @100644 - - - - 0.0 /f - -',
      '/p 0 10644 1 0 0 0 0.0 - - -',
      '/s 1 120777 1 0 0 0 0.0 t - -',
      '/z 5 100644 1 0 0 0 0.0 - hello -',
    ],
  }),
];

const rejected: readonly Recipe[] = [
  ...(
    [
      ['symlink', 'symlink with a size', symlink('f', 't', { size: 5 })],
      ['character', 'character device with a size', character('f', 1, 3, { size: 5 })],
      ['block', 'block device with a size', block('b', 1, 3, { size: 5 })],
      ['fifo', 'fifo with a size', fifo('f', { size: 5 })],
      ['pax-size', 'directory with a size in a PAX record', concat(pax({ size: '5' }), directory('d/'))],
      [
        'pax-hard-link',
        'hard link with a size in a PAX record',
        concat(file('f', 'hello'), pax({ size: '5' }), hardlink('h', 'f')),
      ],
      [
        'pax-symlink',
        'symlink with a size in a PAX record, and content',
        concat(pax({ size: '5' }), symlink('s', 't'), padded('hello')),
      ],
    ] as const
  ).map(([slug, what, layer]) =>
    rejects(`size-of-${slug}`, {
      title: `A ${what} is rejected`,
      requirements: ['LAYER-057'],
      class: 'HOSTILE',
      links: [SIZES],
      layer: [layer],
      code: 'TAR_SIZE',
      control: 'every-type',
    }),
  ),
  rejects('size-of-directory-content', {
    title: 'Content after the header of a directory is read as a header',
    requirements: ['LAYER-130', 'LAYER-053'],
    class: 'HOSTILE',
    links: [SIZES],
    layer: [entry({ name: 'd/', mode: 0o755, type: '5' }, 'hello')],
    code: 'TAR_CHECKSUM',
    control: 'size-of-directory',
  }),
  rejects('size-of-hard-link-malformed', {
    title: 'A hard link with a malformed size is rejected',
    requirements: ['LAYER-130', 'LAYER-051'],
    class: 'HOSTILE',
    layer: [file('f', 'hello'), hardlink('h', 'f', { size: '-5' })],
    code: 'TAR_NUMBER',
    control: 'size-of-hard-link',
  }),
  rejects('size-of-directory-negative', {
    title: 'A directory with a negative size is rejected',
    requirements: ['LAYER-130', 'LAYER-052'],
    class: 'HOSTILE',
    layer: [directory('d/', { size: base256(-5n, 12) })],
    code: 'TAR_RANGE',
    control: 'size-of-directory',
  }),
];

export const recipes: readonly Recipe[] = [...accepted, ...rejected];
