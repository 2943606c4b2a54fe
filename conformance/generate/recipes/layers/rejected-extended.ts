/**
 * Extended headers that are rejected: PAX, GNU long names, global headers, extended attributes.
 * @module
 */

import {
  bytes,
  concat,
  entry,
  file,
  longLink,
  longName,
  pax,
  paxRaw,
  record,
  symlink,
  V7,
} from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { COMPOSEFS_RS_TAR, globalHeader, longHeader, rejects } from './parts.ts';

const TAR_CORE_TWICE = 'https://github.com/composefs/tar-core/blob/main/src/parse.rs';
const GO_EMPTY = 'https://github.com/golang/go/blob/master/src/archive/tar/reader.go';

/** Malformed content of a PAX header: slug, title, content. */
const malformed: readonly (readonly [slug: string, title: string, content: Uint8Array | string])[] = [
  ['length-missing', 'A PAX record without a length is rejected', 'path=x\n'],
  ['length-too-long', 'A PAX record that is longer than its header is rejected', '99 path=x\n'],
  ['length-too-short', 'A PAX record that ends in its keyword is rejected', '5 path=x\n'],
  ['length-sign', 'A PAX record with a signed length is rejected', '+11 path=x\n'],
  ['length-space', 'A PAX record with a space before its length is rejected', ' 11 path=x\n'],
  ['length-tab', 'A PAX record with a tab after its length is rejected', '10\tpath=x\n'],
  [
    'length-semicolon',
    'A PAX record with the byte after 9 in its length is rejected',
    '1; path=abcdefghijkl\n',
  ],
  ['line-feed-missing', 'A PAX record that does not end in a line feed is rejected', '10 path=xy'],
  ['equals-missing', 'A PAX record without a value is rejected', '8 pathx\n'],
  [
    'equals-missing-first',
    'A PAX record without a value is rejected before one that has a value',
    '6 abc\n12 path=new\n',
  ],
  ['keyword-empty', 'A PAX record with an empty keyword is rejected', '5 =x\n'],
  ['keyword-nul', 'A PAX record with a NUL in its keyword is rejected', record('a\0b', 'c')],
  [
    'keyword-not-utf8',
    'A PAX record with a keyword that is not UTF-8 is rejected',
    record(Uint8Array.of(0xff), 'c'),
  ],
  ['rest', 'NULs after the last PAX record are rejected', concat(record('path', 'x'), '\0\0\0\0')],
];

export const recipes: readonly Recipe[] = [
  ...malformed.map(([slug, title, content]) =>
    rejects(`pax-${slug}`, {
      title,
      requirements: ['LAYER-068'],
      layer: [paxRaw(content), file('f')],
      code: 'TAR_PAX',
      control: 'pax-path',
    }),
  ),
  rejects('global-malformed', {
    title: 'A global header with malformed records is rejected',
    requirements: ['LAYER-068'],
    layer: [paxRaw('garbage', { type: 'g' }), file('f')],
    code: 'TAR_PAX',
    control: 'global-header',
  }),
  rejects('pax-mtime-twice', {
    title: 'Two PAX records mtime are rejected',
    requirements: ['LAYER-071'],
    class: 'KNOWN_BUG',
    links: [COMPOSEFS_RS_TAR],
    layer: [paxRaw(concat(record('mtime', '1.5'), record('mtime', '2'))), file('f')],
    code: 'TAR_PAX',
    control: 'pax-last-record',
  }),
  rejects('pax-path-empty', {
    title: 'An empty PAX path is rejected',
    requirements: ['LAYER-071'],
    class: 'HOSTILE',
    links: [GO_EMPTY],
    layer: [pax({ path: '' }), file('f')],
    code: 'TAR_PAX',
    control: 'pax-path',
  }),
  rejects('pax-linkpath-empty', {
    title: 'An empty PAX link target is rejected',
    requirements: ['LAYER-071'],
    class: 'HOSTILE',
    links: [GO_EMPTY],
    layer: [pax({ linkpath: '' }), symlink('s', 't')],
    code: 'TAR_PAX',
    control: 'pax-path',
  }),
  rejects('pax-path-emptied', {
    title: 'An empty PAX path before a second one is rejected',
    requirements: ['LAYER-071'],
    class: 'HOSTILE',
    links: [GO_EMPTY],
    layer: [paxRaw(concat(record('path', ''), record('path', 'p'))), file('f')],
    code: 'TAR_PAX',
    control: 'pax-last-record',
  }),
  rejects('pax-linkpath-emptied', {
    title: 'An empty PAX link target before a second one is rejected',
    requirements: ['LAYER-071'],
    class: 'HOSTILE',
    links: [GO_EMPTY],
    layer: [paxRaw(concat(record('linkpath', ''), record('linkpath', 'p'))), symlink('s', 't')],
    code: 'TAR_PAX',
    control: 'pax-last-record',
  }),
  ...(
    [
      ['empty', 'uid', ''],
      ['plus', 'uid', '+5'],
      ['space', 'gid', ' 5'],
      ['hex', 'gid', '0x5'],
      ['fraction', 'size', '5.0'],
      ['minus-alone', 'gid', '-'],
      ['minus-inside', 'uid', '1-5'],
      ['minus-letter', 'gid', '-5x'],
    ] as const
  ).map(([slug, keyword, value]) =>
    rejects(`pax-number-${slug}`, {
      title: `A PAX record ${keyword} with the value "${value}" is rejected`,
      requirements: ['LAYER-072'],
      layer: [pax({ [keyword]: value }), file('f', 'hello')],
      code: 'TAR_NUMBER',
      control: 'pax-numbers',
    }),
  ),
  ...(
    [
      ['malformed', 'uid', 'x', 'TAR_NUMBER'],
      ['negative', 'size', '-1', 'TAR_RANGE'],
    ] as const
  ).map(([slug, keyword, value, code]) =>
    rejects(`pax-number-${slug}-replaced`, {
      title: `A PAX record ${keyword}=${value} before another one is rejected`,
      requirements: ['LAYER-070', 'LAYER-072'],
      class: 'HOSTILE',
      layer: [paxRaw(concat(record(keyword, value), record(keyword, '5'))), file('f', 'hello')],
      code,
      control: 'pax-last-record',
    }),
  ),
  rejects('pax-number-negative', {
    title: 'A negative uid in a PAX record is rejected',
    requirements: ['LAYER-072'],
    layer: [pax({ uid: '-5' }), file('f')],
    code: 'TAR_RANGE',
    control: 'pax-numbers',
  }),
  rejects('pax-uid-too-large-replaced', {
    title: 'A PAX record uid of 2^53 before another one is rejected',
    requirements: ['LAYER-070', 'LAYER-072'],
    class: 'LIMIT',
    layer: [paxRaw(concat(record('uid', '9007199254740992'), record('uid', '5'))), file('f')],
    code: 'TAR_RANGE',
    control: 'largest-numbers',
  }),
  rejects('pax-size-too-large', {
    title: 'A size of 2^64 in a PAX record is rejected',
    requirements: ['LAYER-072'],
    class: 'HOSTILE',
    layer: [pax({ size: '18446744073709551616' }), file('f')],
    code: 'TAR_RANGE',
    control: 'pax-numbers',
  }),
  ...(
    [
      ['empty', ''],
      ['space', ' 1'],
      ['plus', '+5'],
      ['no-seconds', '.5'],
      ['minus-point', '-.5'],
      ['exponent', '1e3'],
      ['two-dots', '1.5.5'],
      ['letters', '1.12x'],
      ['comma', '1,5'],
      ['minus-letter', '-1x'],
      ['minus-inside', '1-5'],
    ] as const
  ).map(([slug, value]) =>
    rejects(`pax-mtime-${slug}`, {
      title: `A PAX record mtime with the value "${value}" is rejected`,
      requirements: ['LAYER-074'],
      layer: [pax({ mtime: value }), file('f')],
      code: 'TAR_NUMBER',
      control: 'pax-mtime',
    }),
  ),
  rejects('pax-mtime-non-ascii', {
    title: 'A PAX record mtime with a non-ASCII ninth digit is rejected',
    requirements: ['LAYER-074'],
    class: 'KNOWN_BUG',
    links: [COMPOSEFS_RS_TAR],
    layer: [pax({ mtime: '1.12345678\u00e9' }), file('f')],
    code: 'TAR_NUMBER',
    control: 'pax-mtime',
  }),
  rejects('pax-mtime-negative', {
    title: 'A PAX record mtime before 1970 is rejected',
    requirements: ['LAYER-074'],
    class: 'KNOWN_BUG',
    links: [COMPOSEFS_RS_TAR],
    layer: [pax({ mtime: '-1.5' }), file('f')],
    code: 'TAR_RANGE',
    control: 'pax-mtime',
  }),
  rejects('pax-mtime-minus-zero', {
    title: 'A PAX record mtime of -0 is rejected',
    requirements: ['LAYER-074'],
    class: 'EDGE_CASE',
    layer: [pax({ mtime: '-0' }), file('f')],
    code: 'TAR_RANGE',
    control: 'pax-mtime',
  }),
  rejects('pax-mtime-minus-point-last', {
    title: 'A negative PAX record mtime that ends in a point is rejected',
    requirements: ['LAYER-074'],
    class: 'EDGE_CASE',
    layer: [pax({ mtime: '-5.' }), file('f')],
    code: 'TAR_RANGE',
    control: 'pax-mtime',
  }),
  rejects('pax-mtime-20-digits', {
    title: 'A PAX record mtime of 10^19 is rejected',
    requirements: ['LAYER-074'],
    class: 'LIMIT',
    layer: [pax({ mtime: '10000000000000000000' }), file('f')],
    code: 'TAR_RANGE',
    control: 'pax-mtime',
  }),
  rejects('pax-mtime-too-large', {
    title: 'A PAX record mtime of 2^63 is rejected',
    requirements: ['LAYER-074'],
    layer: [pax({ mtime: '9223372036854775808' }), file('f')],
    code: 'TAR_RANGE',
    control: 'pax-mtime',
  }),
  ...(
    [
      ['major', 'GNU.sparse.major', '1'],
      ['name', 'GNU.sparse.name', 'real'],
      ['realsize', 'SCHILY.realsize', '9'],
      ['holes', 'SUN.holesdata', ' 0 5 9'],
    ] as const
  ).map(([slug, keyword, value]) =>
    rejects(`sparse-pax-${slug}`, {
      title: `An entry with the PAX record ${keyword} is rejected`,
      requirements: ['LAYER-056'],
      layer: [pax({ [keyword]: value }), file('f', 'hello')],
      code: 'TAR_SPARSE',
      control: 'pax-numbers',
    }),
  ),
  ...(
    [
      ['pax-v7', 'A PAX header of form v7 is rejected', [pax({ path: 'x' }, { magic: V7 }), file('f')]],
      [
        'long-name-v7',
        'A GNU long name header of form v7 is rejected',
        [longName('x', { magic: V7 }), file('f')],
      ],
      [
        'long-link-v7',
        'A GNU long link target header of form v7 is rejected',
        [longLink('x', { magic: V7 }), symlink('s', 't')],
      ],
      [
        'pax-twice',
        'Two PAX headers for one entry are rejected',
        [pax({ path: 'a' }), pax({ uid: '5' }), file('f')],
      ],
      [
        'long-name-twice',
        'Two GNU long names for one entry are rejected',
        [longName('a'), longName('b'), file('f')],
      ],
      [
        'long-link-twice',
        'Two GNU long link targets for one entry are rejected',
        [longLink('a'), longLink('b'), symlink('s', 't')],
      ],
      [
        'long-link-without-entry',
        'A GNU long link target without an entry is rejected',
        [file('f'), longLink('a')],
      ],
      ['pax-without-entry', 'A PAX header without an entry is rejected', [file('f'), pax({ path: 'a' })]],
      ['long-name-without-entry', 'A GNU long name without an entry is rejected', [file('f'), longName('a')]],
    ] as const
  ).map(([slug, title, layer]) =>
    rejects(slug, {
      title,
      requirements: ['LAYER-060'],
      class: 'HOSTILE',
      links: [TAR_CORE_TWICE],
      layer,
      code: 'TAR_EXTENSION',
      control: slug.startsWith('pax') ? 'pax-path' : 'gnu-long-names',
    }),
  ),
  rejects('pax-without-entry-or-end', {
    title: 'A PAX header at the end of the layer is rejected',
    requirements: ['LAYER-060'],
    layer: concat(file('f'), pax({ path: 'a' })),
    code: 'TAR_EXTENSION',
    control: 'end-missing',
  }),
  ...(
    [
      ['long-name-empty', 'An empty GNU long name is rejected', longHeader('L', '')],
      ['long-name-nul', 'A GNU long name that is a NUL is rejected', longHeader('L', '\0')],
      ['long-name-two-nuls', 'A GNU long name that ends in two NULs is rejected', longHeader('L', 'x\0\0')],
      ['long-name-inner-nul', 'A GNU long name with a NUL inside is rejected', longHeader('L', 'x\0y\0')],
      [
        'long-link-inner-nul',
        'A GNU long link target with a NUL inside is rejected',
        longHeader('K', 'x\0y\0'),
      ],
    ] as const
  ).map(([slug, title, layer]) =>
    rejects(slug, {
      title,
      requirements: ['LAYER-062'],
      class: 'HOSTILE',
      layer: [layer, symlink('s', 't')],
      code: 'TAR_EXTENSION',
      control: 'gnu-long-names',
    }),
  ),
  ...(
    [
      ['name', 'GNU long name followed by a PAX path', [longName('a'), pax({ path: 'b' }), file('f')]],
      ['name-first', 'PAX path followed by a GNU long name', [pax({ path: 'b' }), longName('a'), file('f')]],
      [
        'target',
        'GNU long link target followed by a PAX link target',
        [longLink('a'), pax({ linkpath: 'b' }), symlink('s', 't')],
      ],
    ] as const
  ).map(([slug, what, layer]) =>
    rejects(`two-sources-of-${slug}`, {
      title: `A ${what} is rejected`,
      requirements: ['LAYER-063'],
      class: 'HOSTILE',
      layer,
      code: 'TAR_EXTENSION',
      control: 'long-name-and-records',
    }),
  ),
  rejects('global-in-between', {
    title: 'A global header between a PAX header and its entry is rejected',
    requirements: ['LAYER-065'],
    class: 'HOSTILE',
    layer: [pax({ path: 'a' }), globalHeader({ comment: 'c' }), file('f')],
    code: 'TAR_EXTENSION',
    control: 'global-header',
  }),
  rejects('extended-header-promises', {
    title: 'A PAX header that declares 8 GiB of records is rejected',
    requirements: ['LAYER-067'],
    class: 'HOSTILE',
    layer: [entry({ name: 'x', type: 'x', size: 0o77777777777 }), file('f')],
    code: 'TAR_LIMIT',
    control: 'extended-header-limit',
  }),
  ...(
    [
      ['name-empty', 'An empty extended attribute name is rejected', pax({ 'SCHILY.xattr.': 'v' })],
      [
        'escaped-equals',
        'An extended attribute name with "%3D" is rejected',
        pax({ 'SCHILY.xattr.user.a%3Db': 'v' }),
      ],
      [
        'escaped-percent',
        'An extended attribute name with "%25" is rejected',
        pax({ 'SCHILY.xattr.user.a%25b': 'v' }),
      ],
      [
        'twice',
        'Two extended attributes of one name are rejected',
        paxRaw(concat(record('SCHILY.xattr.user.a', '1'), record('SCHILY.xattr.user.a', '2'))),
      ],
    ] as const
  ).map(([slug, title, header]) =>
    rejects(`xattr-${slug}`, {
      title,
      requirements: ['LAYER-095'],
      layer: [header, file('f')],
      code: 'TAR_XATTR',
      control: 'xattr-bytes',
    }),
  ),
  ...(
    [
      ['name', 256, `SCHILY.xattr.${'n'.repeat(256)}`, bytes('v')],
      ['value', 65536, 'SCHILY.xattr.user.a', new Uint8Array(65536).fill(0x76)],
    ] as const
  ).map(([slug, length, keyword, value]) =>
    rejects(`xattr-${slug}-too-long`, {
      title: `An extended attribute ${slug} of ${length} bytes is rejected`,
      requirements: ['LAYER-097'],
      class: 'LIMIT',
      layer: [pax({ [keyword]: value }), file('f')],
      code: 'TAR_LIMIT',
      control: 'xattr-limits',
    }),
  ),
];
