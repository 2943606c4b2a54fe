/**
 * Names, paths and link targets.
 * @module
 */

import {
  concat,
  directory,
  entry,
  fifo,
  file,
  hardlink,
  longLink,
  longName,
  pax,
  symlink,
} from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { reads, rejects, rootWith } from './parts.ts';

/** 15 names of 255 bytes and one of 254: a path of 4094 bytes with its slashes, so that `/f` makes 4096. */
const deep = [...Array<string>(15).fill('d'.repeat(255)), 'd'.repeat(254)];

/** Dumpfile lines of the implied directories of a path. */
function implied(parts: readonly string[]): string[] {
  return parts.map((_, i) => {
    const links = i === parts.length - 1 ? 2 : 3;
    return `/${parts.slice(0, i + 1).join('/')} 0 40755 ${links} 0 0 0 0.0 - - -`;
  });
}

const accepted: readonly Recipe[] = [
  reads('ustar-prefix', {
    title: 'The prefix precedes the name, separated by a slash',
    requirements: ['LAYER-077', 'LAYER-076'],
    layer: [
      directory('pre/'),
      directory('fix/', { prefix: 'pre' }),
      file('f', 'hello', { prefix: 'pre/fix' }),
      directory('', { prefix: 'pre/dir' }),
    ],
    tree: [
      rootWith(1),
      '/pre 0 40755 4 0 0 0 0.0 - - -',
      '/pre/dir 0 40755 2 0 0 0 0.0 - - -',
      '/pre/fix 0 40755 2 0 0 0 0.0 - - -',
      '/pre/fix/f 5 100644 1 0 0 0 0.0 - hello -',
    ],
  }),
  reads('full-fields', {
    title: 'Name, prefix and link target can fill their fields',
    requirements: ['LAYER-076', 'LAYER-077'],
    class: 'LIMIT',
    layer: [
      directory('', { prefix: 'p'.repeat(155) }),
      file('n'.repeat(100), '', { prefix: 'p'.repeat(155) }),
      symlink('s', 't'.repeat(100)),
    ],
    tree: [
      rootWith(1),
      `/${'p'.repeat(155)} 0 40755 2 0 0 0 0.0 - - -`,
      `/${'p'.repeat(155)}/${'n'.repeat(100)} 0 100644 1 0 0 0 0.0 - - -`,
      `/s 100 120777 1 0 0 0 0.0 ${'t'.repeat(100)} - -`,
    ],
  }),
  reads('bytes-behind-a-nul', {
    title: 'A field is read up to its first NUL',
    requirements: ['LAYER-076'],
    class: 'EDGE_CASE',
    layer: [symlink('s\0rest', 't\0rest', { prefix: '\0rest' })],
    tree: ['/s 1 120777 1 0 0 0 0.0 t - -'],
  }),
  reads('normal-paths', {
    title: 'Empty and "." parts of paths are removed',
    requirements: ['LAYER-078'],
    layer: [
      directory('./'),
      directory('/'),
      directory('./d/.'),
      file('/abs', 'a'),
      file('d//f', 'b'),
      file('d/./g', 'c'),
      directory('.d..'),
    ],
    tree: [
      rootWith(2),
      '/.d.. 0 40755 2 0 0 0 0.0 - - -',
      '/abs 1 100644 1 0 0 0 0.0 - a -',
      '/d 0 40755 2 0 0 0 0.0 - - -',
      '/d/f 1 100644 1 0 0 0 0.0 - b -',
      '/d/g 1 100644 1 0 0 0 0.0 - c -',
    ],
  }),
  reads('names-are-bytes', {
    title: 'Names are kept byte for byte',
    requirements: ['LAYER-078', 'LAYER-085'],
    layer: [
      file(Uint8Array.of(0xff, 0xfe)),
      file('a\nb=c\\d'),
      pax({ path: Uint8Array.of(0x80, 0x20), linkpath: Uint8Array.of(0xe9) }),
      symlink('s', 't'),
      file('\x7f\x01'),
    ],
    tree: [
      '/a\\nb=c\\\\d 0 100644 1 0 0 0 0.0 - - -',
      '/\\x7f\\x01 0 100644 1 0 0 0 0.0 - - -',
      '/\\x80\\x20 1 120777 1 0 0 0 0.0 \\xe9 - -',
      '/\\xff\\xfe 0 100644 1 0 0 0 0.0 - - -',
    ],
  }),
  reads('symlink-targets', {
    title: 'Targets of symlinks are not normalized',
    requirements: ['LAYER-085'],
    layer: [symlink('a', '..//x/./../'), symlink('b', '/'), symlink('c', '.')],
    tree: [
      '/a 11 120777 1 0 0 0 0.0 ..//x/./../ - -',
      '/b 1 120777 1 0 0 0 0.0 / - -',
      '/c 1 120777 1 0 0 0 0.0 . - -',
    ],
  }),
  reads('hard-link-targets', {
    title: 'Targets of hard links are normalized in the same way as names',
    except: ['rust'],
    requirements: ['LAYER-087'],
    layer: [directory('d/'), file('d/f', 'hello'), hardlink('g', './d//f'), hardlink('h', '/d/./f')],
    tree: [
      rootWith(1),
      '/d 0 40755 2 0 0 0 0.0 - - -',
      '/d/f 5 100644 3 0 0 0 0.0 - hello -',
      '/g 0 @100644 - - - - 0.0 /d/f - -',
      '/h 0 @100644 - - - - 0.0 /d/f - -',
    ],
  }),
  reads('long-paths', {
    title: 'A path of 4095 bytes with parts of 255 bytes is accepted',
    except: ['rust'],
    requirements: ['LAYER-082'],
    class: 'LIMIT',
    layer: [longName([...deep.slice(0, -1), 'd'.repeat(253), 'f'].join('//')), file('short', 'hello')],
    tree: [
      rootWith(1),
      ...implied([...deep.slice(0, -1), 'd'.repeat(253)]),
      `/${[...deep.slice(0, -1), 'd'.repeat(253), 'f'].join('/')} 5 100644 1 0 0 0 0.0 - hello -`,
    ],
  }),
  reads('deep-path', {
    title: 'A file below 300 directories is accepted',
    requirements: ['LAYER-082', 'MERGE-007'],
    class: 'LIMIT',
    except: ['rust'],
    layer: [longName([...Array<string>(300).fill('d'), 'f'].join('/')), file('short', 'hello')],
    tree: [
      rootWith(1),
      ...implied(Array<string>(300).fill('d')),
      `/${[...Array<string>(300).fill('d'), 'f'].join('/')} 5 100644 1 0 0 0 0.0 - hello -`,
    ],
  }),
  reads('long-targets', {
    title: 'A symlink target of 4095 bytes is accepted',
    requirements: ['LAYER-082'],
    class: 'LIMIT',
    layer: [longLink('t'.repeat(4095)), symlink('s', 't')],
    tree: [`/s 4095 120777 1 0 0 0 0.0 ${'t'.repeat(4095)} - -`],
  }),
  reads('links-of-no-links', {
    title: 'Link targets of entries that are not links are ignored',
    requirements: ['LAYER-084'],
    class: 'EDGE_CASE',
    layer: [pax({ linkpath: 'x' }), file('f', 'hello', { link: 'y' }), longLink('z'), directory('d/')],
    tree: [rootWith(1), '/d 0 40755 2 0 0 0 0.0 - - -', '/f 5 100644 1 0 0 0 0.0 - hello -'],
  }),
];

/** A rejected name or target: slug, title, layer. */
type Name = readonly [slug: string, title: string, layer: Uint8Array];

const names: readonly Name[] = [
  ['name-empty', 'An empty file name is rejected', file('')],
  ['name-empty-directory', 'An empty directory name is rejected', directory('')],
  ['name-parent', 'A name that leads out of the root is rejected', file('../f')],
  [
    'name-parent-inside',
    'A name with ".." in its middle is rejected',
    concat(directory('a/'), file('a/../f')),
  ],
  ['name-nul', 'A path with a NUL in a PAX record is rejected', concat(pax({ path: 'a\0b' }), file('f'))],
];

const ofDirectories: readonly Name[] = [
  ['file-slash', 'A file whose name ends in a slash is rejected', file('f/')],
  ['file-prefix', 'A file whose name consists of its prefix is rejected', file('', '', { prefix: 'f' })],
  [
    'file-slash-nul',
    'A file of type NUL whose name ends in a slash is rejected',
    entry({ name: 'f/', mode: 0o755, type: '\0' }),
  ],
  ['file-dot', 'A file whose name ends in a slash and a dot is rejected', file('f/.')],
  ['root-file', 'A file at the root is rejected', file('.')],
  ['root-symlink', 'A symlink at the root is rejected', symlink('/', 't')],
  ['symlink-slash', 'A symlink whose name ends in a slash is rejected', symlink('s/', 't')],
  [
    'hard-link-slash',
    'A hard link whose name ends in a slash is rejected',
    concat(file('f'), hardlink('h/', 'f')),
  ],
  ['fifo-slash', 'A fifo whose name ends in a slash is rejected', fifo('p/')],
];

const targets: readonly Name[] = [
  ['target-empty', 'A symlink with an empty target is rejected', symlink('s', '')],
  [
    'target-nul',
    'A symlink target with a NUL is rejected',
    concat(pax({ linkpath: 'a\0b' }), symlink('s', 't')),
  ],
];

const hardTargets: readonly Name[] = [
  ['link-parent', 'A hard link target with ".." is rejected', hardlink('h', 'd/../f')],
  ['link-slash', 'A hard link target that ends in a slash is rejected', hardlink('h', 'f/')],
  ['link-root', 'A hard link whose target is the root is rejected', hardlink('h', '.')],
];

const rejected: readonly Recipe[] = [
  ...names.map(([slug, title, layer]) =>
    rejects(slug, {
      title,
      requirements: ['LAYER-079'],
      layer: [layer],
      code: 'TAR_NAME',
      control: 'normal-paths',
    }),
  ),
  rejects('name-parent-last', {
    title: 'A directory whose name ends in ".." is rejected',
    requirements: ['LAYER-079'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/blob/main/crates/composefs-oci/src/tar.rs'],
    layer: [directory('a/..')],
    code: 'TAR_NAME',
    control: 'normal-paths',
  }),
  ...ofDirectories.map(([slug, title, layer]) =>
    rejects(slug, {
      title,
      requirements: ['LAYER-080'],
      layer: [layer],
      code: 'TAR_NAME',
      control: 'normal-paths',
    }),
  ),
  rejects('old-directory-renamed', {
    title: 'A type NUL entry with a directory name and a PAX path is rejected',
    requirements: ['LAYER-081'],
    class: 'HOSTILE',
    layer: [pax({ path: 'f' }), entry({ name: 'd/', mode: 0o755, type: '\0' })],
    code: 'TAR_NAME',
    control: 'pax-path',
  }),
  ...targets.map(([slug, title, layer]) =>
    rejects(slug, {
      title,
      requirements: ['LAYER-086'],
      layer: [layer],
      code: 'TAR_LINK',
      control: 'symlink-targets',
    }),
  ),
  rejects('link-empty', {
    title: 'A hard link with an empty target is rejected',
    requirements: ['LAYER-086'],
    layer: [file('f'), hardlink('h', '')],
    code: 'TAR_LINK',
    control: 'hard-link-targets',
  }),
  ...hardTargets.map(([slug, title, layer]) =>
    rejects(slug, {
      title,
      requirements: ['LAYER-087'],
      layer: [file('f'), directory('d/'), layer],
      code: 'TAR_LINK',
      control: 'hard-link-targets',
    }),
  ),
  rejects('part-too-long', {
    title: 'A path with a part of 256 bytes is rejected',
    requirements: ['LAYER-083'],
    class: 'LIMIT',
    layer: [directory('d/'), longName(`d/${'n'.repeat(256)}`), file('short')],
    code: 'TAR_LIMIT',
    control: 'long-paths',
  }),
  rejects('path-too-long', {
    title: 'A path of 4096 bytes is rejected',
    requirements: ['LAYER-083'],
    class: 'LIMIT',
    layer: [
      ...deep.flatMap((_, i) => [longName(`${deep.slice(0, i + 1).join('/')}/`), directory('short/')]),
      longName([...deep, 'f'].join('/')),
      file('short'),
    ],
    code: 'TAR_LIMIT',
    control: 'long-paths',
  }),
  rejects('target-too-long', {
    title: 'A symlink target of 4096 bytes is rejected',
    requirements: ['LAYER-083'],
    class: 'LIMIT',
    layer: [longLink('t'.repeat(4096)), symlink('s', 't')],
    code: 'TAR_LIMIT',
    control: 'long-targets',
  }),
];

export const recipes: readonly Recipe[] = [...accepted, ...rejected];
