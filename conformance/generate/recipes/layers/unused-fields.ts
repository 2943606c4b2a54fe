/**
 * Fields and records that the type of an entry has no use for: which of them are checked nevertheless.
 * @module
 */

import { directory, entry, file, GNU, hardlink, longLink, pax, symlink, V7 } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { reads, rejects, rootWith } from './parts.ts';

const target = '/a 1 100644 2 0 0 0 0.0 - x -';
const linked = [target, '/b 0 @100644 - - - - 0.0 /a - -'];

const accepted: readonly Recipe[] = [
  reads('extended-header-numbers', {
    title: 'Malformed numbers that an extended header does not need are ignored',
    requirements: ['LAYER-119'],
    class: 'EDGE_CASE',
    except: ['go', 'libarchive', 'python'],
    layer: [pax({ path: 'b' }, { uid: 'xyz', mtime: '9' }), file('a', 'x')],
    tree: ['/b 1 100644 1 0 0 0 0.0 - x -'],
  }),
  reads('long-name-with-prefix', {
    title: 'A prefix in the header of a GNU long name is ignored',
    requirements: ['LAYER-119'],
    class: 'EDGE_CASE',
    layer: [entry({ name: '././@LongLink', type: 'L', magic: GNU, prefix: 'p' }, 'b\0'), file('a', 'x')],
    tree: ['/b 1 100644 1 0 0 0 0.0 - x -'],
  }),
  reads('link-target-of-many-slashes', {
    title: 'A hard link target of 5000 bytes can lead to a short path',
    requirements: ['LAYER-083', 'LAYER-078'],
    class: 'LIMIT',
    layer: [file('a', 'x'), longLink(`${'./'.repeat(2499)}.//a`.slice(-5000)), hardlink('b', 'a')],
    tree: linked,
  }),
  reads('contiguous-v7', {
    title: 'Type 7 is a regular file in a v7 header, too',
    requirements: ['LAYER-054'],
    class: 'EDGE_CASE',
    layer: [entry({ name: 'a', type: '7', magic: V7, mode: 0o644 }, 'x')],
    tree: ['/a 1 100644 1 0 0 0 0.0 - x -'],
  }),
  reads('hardlink-largest-uid', {
    title: 'A hard link entry can have the largest uid',
    requirements: ['LAYER-090', 'MERGE-012'],
    class: 'LIMIT',
    layer: [file('a', 'x'), pax({ uid: '4294967295' }), hardlink('b', 'a')],
    tree: linked,
  }),
  reads('whiteout-symlink', {
    title: 'A symbolic link whose name begins with the prefix is a marker',
    requirements: ['MERGE-017'],
    class: 'EDGE_CASE',
    layer: [directory('d/'), symlink('d/.wh.a', 'x')],
    tree: [rootWith(1), '/d 0 40755 2 0 0 0 0.0 - - -'],
    except: ['go', 'libarchive', 'python'],
  }),
];

const rejected: readonly Recipe[] = [
  rejects('linkpath-and-long-link-of-file', {
    title: 'Two targets from extended headers on a regular file are rejected',
    requirements: ['LAYER-063'],
    class: 'EDGE_CASE',
    code: 'TAR_EXTENSION',
    control: 'hardlink-largest-uid',
    layer: [pax({ linkpath: 'a' }), longLink('b'), file('c', 'x')],
  }),
  rejects('extended-header-size', {
    title: 'A malformed size of an extended header is rejected',
    requirements: ['LAYER-119'],
    class: 'MALFORMED',
    code: 'TAR_NUMBER',
    control: 'extended-header-numbers',
    layer: [entry({ name: 'p', type: 'x', size: 'xyz' }), file('a', 'x')],
  }),
  rejects('hardlink-uid-too-large', {
    title: 'A uid of 2^32 on a hard link entry is rejected',
    requirements: ['LAYER-090'],
    class: 'LIMIT',
    code: 'TAR_RANGE',
    control: 'hardlink-largest-uid',
    layer: [file('a', 'x'), pax({ uid: '4294967296' }), hardlink('b', 'a')],
  }),
  rejects('uid-minus-zero', {
    title: 'A uid record -0 is rejected',
    requirements: ['LAYER-072'],
    class: 'EDGE_CASE',
    code: 'TAR_RANGE',
    control: 'hardlink-largest-uid',
    layer: [pax({ uid: '-0' }), file('a', 'x')],
  }),
  rejects('sparse-record-on-directory', {
    title: 'A sparse record on a directory is rejected',
    requirements: ['LAYER-056'],
    class: 'EDGE_CASE',
    code: 'TAR_SPARSE',
    control: 'whiteout-symlink',
    layer: [pax({ 'GNU.sparse.major': '1' }), directory('d/')],
  }),
  rejects('whiteout-symlink-with-size', {
    title: 'A marker that is a symbolic link with a size is rejected',
    requirements: ['LAYER-057', 'MERGE-017'],
    class: 'EDGE_CASE',
    code: 'TAR_SIZE',
    control: 'whiteout-symlink',
    layer: [directory('d/'), symlink('d/.wh.a', 'x', { size: 1 })],
  }),
];

export const recipes: readonly Recipe[] = [...accepted, ...rejected];
