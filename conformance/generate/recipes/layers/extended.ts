/**
 * Extended headers: PAX, GNU long names, global headers, extended attributes.
 * @module
 */

import {
  bytes,
  concat,
  directory,
  entry,
  file,
  GNU,
  hardlink,
  header,
  longLink,
  longName,
  pax,
  paxRaw,
  record,
  symlink,
  USTAR,
  V7,
} from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { reads, rejects, rootWith } from './parts.ts';

const TAR_CORE_TWICE = 'https://github.com/composefs/tar-core/blob/main/src/parse.rs';
/** The tar reader of composefs-rs. */
const TAR = 'https://github.com/composefs/composefs-rs/blob/main/crates/composefs-oci/src/tar.rs';
const GO_EMPTY = 'https://github.com/golang/go/blob/master/src/archive/tar/reader.go';

/** Digest of a file whose content is a header, from fsverity-utils. */
const HIDDEN = 'b07e1e16b5b12d20e36b0353e644bc0745dc179392a99d386696922c6f21673f';

/** A `g` header. */
function global(records: Readonly<Record<string, string>>): Uint8Array {
  return pax(records, { name: 'pax_global_header', type: 'g' });
}

/** An `L` or `K` header with exactly this content, without a NUL at its end. */
function long(type: 'L' | 'K', content: string): Uint8Array {
  return entry({ name: '././@LongLink', type, magic: GNU, mode: 0 }, content);
}

const accepted: readonly Recipe[] = [
  reads('pax-path', {
    title: 'PAX records override the name and the link target of an entry',
    except: ['rust'],
    requirements: ['LAYER-069', 'LAYER-075', 'LAYER-084'],
    layer: [
      directory('d/'),
      pax({ path: `d/${'n'.repeat(200)}` }),
      file('short', 'hello', { prefix: 'not/there' }),
      pax({ path: 's', linkpath: 't'.repeat(200) }),
      symlink('x', 'y'),
      pax({ path: 'h', linkpath: `./d/${'n'.repeat(200)}` }),
      hardlink('x', 'y'),
    ],
    tree: [
      rootWith(1),
      '/d 0 40755 2 0 0 0 0.0 - - -',
      `/d/${'n'.repeat(200)} 5 100644 2 0 0 0 0.0 - hello -`,
      `/h 0 @100644 - - - - 0.0 /d/${'n'.repeat(200)} - -`,
      `/s 200 120777 1 0 0 0 0.0 ${'t'.repeat(200)} - -`,
    ],
  }),
  reads('pax-directory', {
    title: 'A PAX path of a directory can end in a slash',
    requirements: ['LAYER-069', 'LAYER-078'],
    layer: [pax({ path: './d/' }), directory('x')],
    tree: [rootWith(1), '/d 0 40755 2 0 0 0 0.0 - - -'],
  }),
  reads('pax-numbers', {
    title: 'PAX records override size, owner and group',
    requirements: ['LAYER-069', 'LAYER-072'],
    layer: [
      pax({ size: '5', uid: '4294967295', gid: '0' }),
      file('f', 'hello', { size: 0, uid: 7, gid: 8 }),
      pax({ size: '0005', uid: '007' }),
      file('g', 'hello', { size: 3 }),
    ],
    tree: ['/f 5 100644 1 4294967295 0 0 0.0 - hello -', '/g 5 100644 1 7 0 0 0.0 - hello -'],
  }),
  reads('pax-size-over-header', {
    title: 'Content that looks like a header is content if a PAX size covers it',
    requirements: ['LAYER-069', 'LAYER-092'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/tar-rs/pull/454'],
    layer: [pax({ size: '512' }), header({ name: 'f', mode: 0o644, size: 0 }), file('hidden')],
    tree: [`/f 512 100644 1 0 0 0 0.0 ${HIDDEN.slice(0, 2)}/${HIDDEN.slice(2)} - ${HIDDEN}`],
    confirmedBy: ['fsverity-utils 1.6'],
  }),
  reads('pax-mtime', {
    title: 'Only nine digits of the fraction of a time are used',
    requirements: ['LAYER-073', 'LAYER-091'],
    class: 'KNOWN_BUG',
    links: [
      'https://github.com/composefs/composefs-rs/issues/310',
      'https://github.com/composefs/composefs/issues/204',
    ],
    layer: [
      pax({ mtime: '1.5' }),
      file('a', '', { mtime: 9 }),
      pax({ mtime: '1.' }),
      file('b'),
      pax({ mtime: '001.1234567899' }),
      file('c'),
      pax({ mtime: '9223372036854775807.000000001' }),
      file('d'),
      pax({ mtime: '0.9999999999999999999999' }),
      file('e'),
      pax({ comment: 'no time' }),
      file('f', '', { mtime: 9 }),
    ],
    tree: [
      '/a 0 100644 1 0 0 0 1.500000000 - - -',
      '/b 0 100644 1 0 0 0 1.0 - - -',
      '/c 0 100644 1 0 0 0 1.123456789 - - -',
      '/d 0 100644 1 0 0 0 9223372036854775807.1 - - -',
      '/e 0 100644 1 0 0 0 0.999999999 - - -',
      '/f 0 100644 1 0 0 0 9.0 - - -',
    ],
  }),
  reads('pax-last-record', {
    title: 'The last of two PAX records with the same keyword is used',
    requirements: ['LAYER-070'],
    class: 'EDGE_CASE',
    layer: [
      paxRaw(concat(record('path', 'one'), record('uid', '1'), record('uid', '2'), record('path', 'two'))),
      file('f'),
    ],
    tree: ['/two 0 100644 1 2 0 0 0.0 - - -'],
  }),
  reads('pax-other-records', {
    title: 'PAX records without a meaning are ignored',
    requirements: ['LAYER-069', 'LAYER-094'],
    layer: [
      pax({
        atime: '7.5',
        ctime: '8.5',
        comment: 'a=b\nc',
        hdrcharset: 'BINARY',
        'SCHILY.dev': '9',
        'SCHILY.filetype': 'directory',
        'VENDOR.path': 'x',
        'LIBARCHIVE.creationtime': '9',
      }),
      file('f', 'hello'),
    ],
    tree: ['/f 5 100644 1 0 0 0 0.0 - hello -'],
  }),
  reads('pax-empty', {
    title: 'A PAX header without records has no effect',
    requirements: ['LAYER-068'],
    class: 'EDGE_CASE',
    layer: [paxRaw(''), file('f')],
    tree: ['/f 0 100644 1 0 0 0 0.0 - - -'],
  }),
  reads('pax-length-zeros', {
    title: 'The length of a PAX record can have leading zeros',
    requirements: ['LAYER-068'],
    class: 'EDGE_CASE',
    layer: [paxRaw('0012 path=x\n'), file('f')],
    tree: ['/x 0 100644 1 0 0 0 0.0 - - -'],
  }),
  reads('pax-sparse-inside', {
    title: 'Records whose keywords only contain that of a sparse file are ignored',
    requirements: ['LAYER-056', 'LAYER-069'],
    class: 'EDGE_CASE',
    layer: [
      pax({ 'x.GNU.sparse.y': '1', 'GNU.sparse': '1', 'SCHILY.realsizes': '1', 'xSUN.holesdata': '1' }),
      file('f', 'hello'),
    ],
    tree: ['/f 5 100644 1 0 0 0 0.0 - hello -'],
  }),
  reads('pax-in-gnu', {
    title: 'PAX headers can have GNU magic, and GNU long names ustar magic',
    requirements: ['LAYER-060', 'LAYER-061'],
    class: 'EDGE_CASE',
    layer: [pax({ path: 'a' }, { magic: GNU }), file('x'), longName('b', { magic: USTAR }), file('y')],
    tree: ['/a 0 100644 1 0 0 0 0.0 - - -', '/b 0 100644 1 0 0 0 0.0 - - -'],
  }),
  reads('gnu-long-names', {
    title: 'GNU long names can come in either order, with or without a NUL',
    requirements: ['LAYER-061', 'LAYER-075', 'LAYER-084'],
    layer: [
      longName('n'.repeat(150)),
      longLink('t'.repeat(150)),
      symlink('x', 'y', { magic: GNU }),
      longLink('u'),
      long('L', 'other'),
      symlink('x', 'y', { magic: GNU }),
      file('after'),
    ],
    tree: [
      '/after 0 100644 1 0 0 0 0.0 - - -',
      `/${'n'.repeat(150)} 150 120777 1 0 0 0 0.0 ${'t'.repeat(150)} - -`,
      '/other 1 120777 1 0 0 0 0.0 u - -',
    ],
  }),
  reads('long-name-and-records', {
    title: 'A GNU long name and PAX records for other fields can be combined',
    requirements: ['LAYER-060', 'LAYER-063'],
    class: 'EDGE_CASE',
    layer: [
      longName('a'),
      pax({ uid: '5', size: '5' }),
      file('x', 'hello', { size: 0 }),
      pax({ uid: '6', linkpath: 't' }),
      longName('b'),
      symlink('x', 'y'),
    ],
    tree: ['/a 5 100644 1 5 0 0 0.0 - hello -', '/b 1 120777 1 6 0 0 0.0 t - -'],
  }),
  reads('global-header', {
    title: 'The records of a global header are ignored',
    requirements: ['LAYER-064'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/python/cpython/blob/main/Lib/tarfile.py'],
    layer: [
      global({ comment: '0123456789abcdef' }),
      file('a', 'hello'),
      global({ path: 'x', uid: '9', mtime: '55', size: '1', 'SCHILY.xattr.user.a': 'v' }),
      file('b', 'hello'),
      pax({ uid: '3' }),
      file('c'),
      global({ comment: 'last' }),
    ],
    tree: [
      '/a 5 100644 1 0 0 0 0.0 - hello -',
      '/b 5 100644 1 0 0 0 0.0 - hello -',
      '/c 0 100644 1 3 0 0 0.0 - - -',
    ],
    except: ['python'],
  }),
  reads('global-sparse', {
    title: 'Records of sparse files in a global header are ignored',
    requirements: ['LAYER-056', 'LAYER-064'],
    class: 'HOSTILE',
    layer: [
      global({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 'g' }),
      file('f', 'hello'),
    ],
    tree: ['/f 5 100644 1 0 0 0 0.0 - hello -'],
    except: ['python'],
  }),
  reads('global-values', {
    title: 'Malformed values of records in a global header are ignored',
    requirements: ['LAYER-064'],
    class: 'HOSTILE',
    layer: [
      global({ size: '-1', uid: 'x', mtime: '1.x', path: '', 'SCHILY.xattr.': '' }),
      file('f', 'hello'),
    ],
    tree: ['/f 5 100644 1 0 0 0 0.0 - hello -'],
    except: ['python'],
  }),
  reads('global-header-v7', {
    title: 'A global header without a magic is ignored',
    requirements: ['LAYER-064'],
    class: 'EDGE_CASE',
    layer: [pax({ comment: 'c' }, { name: 'pax_global_header', type: 'g', magic: V7 }), file('f', 'hello')],
    tree: ['/f 5 100644 1 0 0 0 0.0 - hello -'],
  }),
  reads('xattr-lower-case-escape', {
    title: 'An extended attribute name with "%3d" is kept',
    requirements: ['LAYER-093', 'LAYER-095'],
    class: 'EDGE_CASE',
    layer: [pax({ 'SCHILY.xattr.user.a%3db': 'v' }), file('f')],
    tree: ['/f 0 100644 1 0 0 0 0.0 - - - user.a%3db=v'],
  }),
  reads('xattr-bytes', {
    title: 'Extended attribute names and values are kept byte for byte',
    except: ['rust'],
    requirements: ['LAYER-093'],
    class: 'KNOWN_BUG',
    links: [
      'https://github.com/composefs/composefs-rs/issues/41',
      'https://github.com/mafintosh/tar-stream/blob/master/headers.js',
    ],
    layer: [
      pax({
        'SCHILY.xattr.security.capability': Uint8Array.of(1, 0, 0, 2, 0xff, 0xfe, 10, 0x3d, 0),
        'SCHILY.xattr.user.empty': '',
        'SCHILY.xattr.user.ä %41': 'a=b',
        'SCHILY.xattr.trusted.x': '\\',
      }),
      file('f'),
      pax({ 'SCHILY.xattr.user.on': 'symlink' }),
      symlink('s', 't'),
    ],
    tree: [
      '/f 0 100644 1 0 0 0 0.0 - - - security.capability=\\x01\\x00\\x00\\x02\\xff\\xfe\\n\\x3d\\x00 ' +
        'trusted.x=\\\\ user.empty= user.\\xc3\\xa4\\x20%41=a\\x3db',
      '/s 1 120777 1 0 0 0 0.0 t - - user.on=symlink',
    ],
  }),
  reads('xattr-other-forms', {
    title: 'Other records for attributes, labels and ACLs are ignored',
    requirements: ['LAYER-094'],
    class: 'KNOWN_BUG',
    links: [TAR],
    layer: [
      pax({
        'LIBARCHIVE.xattr.user.a': 'dg==',
        'SCHILY.xattr.user.b': 'w',
        'RHT.security.selinux': 'system_u:object_r:etc_t:s0',
        'SCHILY.acl.access': 'user::rw-,group::r--,other::r--',
        'SCHILY.fflags': 'nodump',
      }),
      file('f'),
    ],
    tree: ['/f 0 100644 1 0 0 0 0.0 - - - user.b=w'],
    except: ['libarchive', 'rust'],
  }),
  reads('xattr-limits', {
    title: 'Attribute names of 255 bytes and values of 65535 are accepted',
    except: ['rust'],
    requirements: ['LAYER-096'],
    class: 'LIMIT',
    layer: [
      pax({ [`SCHILY.xattr.${'n'.repeat(255)}`]: 'v' }),
      file('a'),
      pax({ 'SCHILY.xattr.user.a': 'v'.repeat(65535) }),
      file('b'),
    ],
    tree: [
      `/a 0 100644 1 0 0 0 0.0 - - - ${'n'.repeat(255)}=v`,
      `/b 0 100644 1 0 0 0 0.0 - - - user.a=${'v'.repeat(65535)}`,
    ],
  }),
];

/** Malformed content of a PAX header: slug, title, content. */
const malformed: readonly (readonly [slug: string, title: string, content: Uint8Array | string])[] = [
  ['length-missing', 'A PAX record without a length is rejected', 'path=x\n'],
  ['length-too-long', 'A PAX record that is longer than its header is rejected', '99 path=x\n'],
  ['length-too-short', 'A PAX record that ends in its keyword is rejected', '5 path=x\n'],
  ['length-sign', 'A PAX record with a signed length is rejected', '+11 path=x\n'],
  ['length-space', 'A PAX record with a space before its length is rejected', ' 11 path=x\n'],
  ['length-tab', 'A PAX record with a tab after its length is rejected', '10\tpath=x\n'],
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

const rejected: readonly Recipe[] = [
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
    links: [TAR],
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
    links: [TAR],
    layer: [pax({ mtime: '1.12345678\u00e9' }), file('f')],
    code: 'TAR_NUMBER',
    control: 'pax-mtime',
  }),
  rejects('pax-mtime-negative', {
    title: 'A PAX record mtime before 1970 is rejected',
    requirements: ['LAYER-074'],
    class: 'KNOWN_BUG',
    links: [TAR],
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
      ['long-name-empty', 'An empty GNU long name is rejected', long('L', '')],
      ['long-name-nul', 'A GNU long name that is a NUL is rejected', long('L', '\0')],
      ['long-name-two-nuls', 'A GNU long name that ends in two NULs is rejected', long('L', 'x\0\0')],
      ['long-name-inner-nul', 'A GNU long name with a NUL inside is rejected', long('L', 'x\0y\0')],
      ['long-link-inner-nul', 'A GNU long link target with a NUL inside is rejected', long('K', 'x\0y\0')],
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
    layer: [pax({ path: 'a' }), global({ comment: 'c' }), file('f')],
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

export const recipes: readonly Recipe[] = [...accepted, ...rejected];
