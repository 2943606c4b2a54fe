import { describe, expect, test } from 'vitest';
import * as tar from '../../conformance/generate/builder/tar.ts';
import {
  type ProbesOfCell,
  type ProbesOfTable,
  probeCells,
} from '../../spec/tool/probe-cells.test.helper.ts';
import { cellsOf } from '../../spec/tool/table.ts';
import { junk, outcome, type Probe, proveWith, usual, usualLine, withRecords } from './probes.test.helper.ts';

const file = (fields: tar.Fields = {}) => tar.file('a', 'x', { ...usual, ...fields });
const symlink = (link: tar.Bytes) => tar.symlink('a', link, usual);
const device = tar.character('a', 7, 7, usual);
const records = (...list: readonly (readonly [string, tar.Bytes])[]) =>
  tar.concat(...list.map(([key, value]) => tar.record(key, value)));
const every = (from: number, to: number) => Uint8Array.from({ length: to - from }, (_, i) => from + i);

const MIB = 2 ** 20;
/** What is not a record, alone and after one that is. */
const malformed = [
  ...['a=1\n', '5 a=1', '5 a=1\n', '7 a=1\n', '4 a\n', '+6 a=1\n', ' 6 a=1\n', '6\ta=1\n', '6 a=1\n\0'],
  ...['99999999999999999999 a=1\n', tar.record('', '1'), tar.record('a\0', '1'), tar.record(junk(1), '1')],
].flatMap(each => [each, tar.concat(tar.record('comment', 'c'), each)]);

const kinds = ['x', 'L', 'K', 'g'] as const;
type Kind = (typeof kinds)[number];

/** A header of each type: its content, the entry that follows, and an archive that gives the same tree. */
const extensions = {
  x: { content: tar.record('path', 'a'), next: file({ name: 'z' }), control: file() },
  L: { content: 'a\0', next: file({ name: 'z' }), control: file() },
  K: { content: 't\0', next: symlink('z'), control: symlink('t') },
  g: { content: tar.record('path', 'z'), next: file(), control: file() },
} as const;

function probesOf(kind: Kind): ProbesOfTable<Probe> {
  const { content: usualContent, next } = extensions[kind];
  const header = (fields: tar.Fields = {}, content: tar.Bytes = usualContent) =>
    tar.entry({ name: 'e', type: kind, ...fields }, content);
  const read = (...before: readonly Uint8Array[]) => tar.concat(...before, next);
  const size = tar.bytes(usualContent).length;
  const column = kind === 'L' || kind === 'K' ? '`L`, `K`' : `\`${kind}\``;
  const of = (probes: ProbesOfCell<Probe>) => ({ [column]: probes });
  const isGlobal = kind === 'g';
  const other =
    kind === 'x' ? tar.longName('n'.repeat(MIB - 1)) : tar.paxRaw(tar.record('c', 'c'.repeat(MIB - 12)));
  const mixed = [tar.longName('a'), tar.longLink('t'), tar.pax({ path: 'a' })];
  const contents = {
    x: { read: [header(), header({}, records(['comment', 'c'], ['path', 'a']))].map(each => read(each)) },
    L: { read: [header(), header({}, 'a')].map(each => read(each)) },
    K: { read: [header(), header({}, 't')].map(each => read(each)) },
    g: {
      ignored: [header(), header({}, records(['size', '+'], ['mtime', '1'], ['mtime', '2']))].map(each =>
        read(each),
      ),
    },
  };
  const rejectedContents =
    kind === 'x' || isGlobal
      ? { 'TAR_PAX LAYER-068': malformed.map(each => read(header({}, each))) }
      : { 'TAR_EXTENSION LAYER-062': ['', '\0', 'a\0b', 'a\0\0'].map(each => read(header({}, each))) };

  return {
    form: of(
      isGlobal
        ? {
            any: [tar.USTAR, tar.GNU, tar.V7, 'ustar\x0001', 'junkjunk'].map(magic =>
              read(header({ magic })),
            ),
          }
        : { 'TAR_EXTENSION LAYER-060': [tar.V7, 'ustar  0'].map(magic => read(header({ magic }))) },
    ),
    checksum: of({ 'TAR_CHECKSUM LAYER-053': [0, 'junk'].map(checksum => read(header({ checksum }))) }),
    size: of({
      number: [`  ${size.toString(8)} `, tar.base256(BigInt(size), 12)].map(each =>
        read(header({ size: each })),
      ),
      'TAR_NUMBER LAYER-051': ['+5', '8', ' '.repeat(12)].map(each => read(header({ size: each }))),
      'TAR_RANGE LAYER-052': [-1n, 2n ** 53n].map(each => read(header({ size: tar.base256(each, 12) }))),
      'TAR_LIMIT LAYER-067': [read(header({ size: MIB + 1 })), ...(isGlobal ? [] : [read(other, header())])],
    }),
    'other fields': of({
      ignored: [
        ...['mode', 'uid', 'gid', 'mtime', 'link', 'uname', 'gname', 'major', 'minor', 'prefix'].map(field =>
          read(header({ [field]: junk(5) })),
        ),
        ...['', '..', 'z/'].map(name => read(header({ name }))),
      ],
    }),
    content: of({ ...contents[kind], ...rejectedContents }),
    position: of(
      isGlobal
        ? { 'TAR_EXTENSION LAYER-065': mixed.map(each => read(each, header())) }
        : {
            'TAR_EXTENSION LAYER-060': [
              read(header(), header()),
              header(),
              tar.archive(header()),
              // The second of its type, but not in sequence.
              read(header(), kind === 'K' ? tar.longName('a') : tar.longLink('t'), header()),
            ],
          },
    ),
  };
}

describe.each(kinds)('a header of type %s', kind => {
  const { control } = extensions[kind];
  const own = new RegExp(`\`${kind}\``);
  const cells = cellsOf('layers.md', 'part').filter(({ column }) => own.test(column));
  probeCells('the table of extended headers', cells, probesOf(kind), (claim, probe) =>
    proveWith(control, claim, probe),
  );
});

/** The cells of a row: the values of keywords that are ignored in `g`. */
function row(
  globals: Readonly<Record<string, tar.Bytes>>,
  inX: ProbesOfCell<Probe>,
  value: ProbesOfCell<Probe>,
  codes: ProbesOfCell<Probe>,
): Readonly<Record<string, ProbesOfCell<Probe>>> {
  const ignored = Object.entries(globals).map(([key, text]) =>
    tar.concat(tar.pax({ [key]: text }, { type: 'g' }), file()),
  );
  return { 'in `x`': inX, 'in `g`': { ignored }, value, 'error codes': codes };
}

const x = (list: Readonly<Record<string, tar.Bytes>>, next = file()) => withRecords(list, next);
const twice = (key: string, first: tar.Bytes, last: tar.Bytes, next = file()) =>
  tar.concat(tar.paxRaw(records([key, first], [key, last])), next);
const ids = (value: string, next: tar.Fields = {}) =>
  ['uid', 'gid'].map(key => x({ [key]: value }, file({ [key]: 77, ...next })));
const line = (xattr: string) => `/a 1 100640 1 ${usualLine} - x - ${xattr}\n`;
const xattr = (name: tar.Bytes, value: tar.Bytes) =>
  tar.concat(tar.paxRaw(tar.record(tar.concat('SCHILY.xattr.', name), value)), file());
/** Bytes that a name or a target can have: all but NUL, and no slash. */
const octets = tar.concat(every(1, 0x2f), every(0x30, 0xff));
const sparse = ['GNU.sparse.', 'GNU.sparse.map', 'SCHILY.realsize', 'SUN.holesdata'];
const ignoredKeys = [
  ...[
    'atime',
    'ctime',
    'uname',
    'gname',
    'comment',
    'hdrcharset',
    'LIBARCHIVE.xattr.user.n',
    'SCHILY.acl.access',
  ],
  ...['RHT.security.selinux', 'PATH', 'Size', 'schily.xattr.user.n', 'SCHILY.xattr', 'GNU.sparse'],
];
const longPart = 'n'.repeat(256);
const longPath = 'n/'.repeat(2048);

const recordProbes: ProbesOfTable<Probe> = {
  '`path`': row(
    { path: 'z' },
    { read: [x({ path: 'a' }, file({ name: 'z' })), twice('path', 'z', 'a', file({ name: 'y' }))] },
    { read: [{ of: x({ path: octets }), is: tar.concat(tar.longName(octets), file()) }] },
    {
      'TAR_PAX LAYER-071': [x({ path: '' }), twice('path', '', 'a')],
      'TAR_EXTENSION LAYER-063': [tar.concat(tar.longName('a'), x({ path: 'a' }))],
      'TAR_NAME LAYER-079': ['..', 'b/../a', '\0', 'a\0'].map(path => x({ path })),
      'TAR_NAME LAYER-080': ['a/', '.', 'a/.'].map(path => x({ path })),
      'TAR_LIMIT LAYER-083': [longPart, `${longPath}n`].map(path => x({ path })),
    },
  ),
  '`linkpath`': row(
    { linkpath: 'z' },
    {
      read: [
        { of: x({ linkpath: 't' }, symlink('z')), is: `/a 1 120640 1 ${usualLine} t - -\n` },
        { of: twice('linkpath', 'z', 't', symlink('y')), is: symlink('t') },
      ],
      ignored: [x({ linkpath: 'a/../b\0' })],
    },
    {
      read: [
        { of: x({ linkpath: octets }, symlink('z')), is: tar.concat(tar.longLink(octets), symlink('z')) },
      ],
    },
    {
      'TAR_PAX LAYER-071': [x({ linkpath: '' }, symlink('t')), x({ linkpath: '' })],
      'TAR_EXTENSION LAYER-063': [tar.concat(tar.longLink('t'), x({ linkpath: 't' }, symlink('t')))],
      'TAR_LINK LAYER-086': [
        x({ linkpath: 'a\0b' }, symlink('t')),
        x({ linkpath: 'a\0' }, tar.hardlink('h', 'a')),
      ],
      'TAR_LINK LAYER-087': ['../a', 'a/', '.'].map(linkpath => x({ linkpath }, tar.hardlink('h', 'a'))),
      'TAR_LIMIT LAYER-083': [
        x({ linkpath: longPath }, symlink('t')),
        x({ linkpath: longPart }, tar.hardlink('h', 'a')),
      ],
    },
  ),
  '`size`': row(
    { size: '77' },
    { read: [x({ size: '1' }, file({ size: 77 })), twice('size', '77', '1', file({ size: 5 }))] },
    {
      read: [x({ size: '0001' }), { of: x({ size: String(2 ** 53 - 1) }), is: 'TAR_TRUNCATED' }],
    },
    {
      'TAR_NUMBER LAYER-072': ['', '+1', ' 1', '1 ', '0x1', '1.0', '1\0', '-'].map(size => x({ size })),
      'TAR_RANGE LAYER-072': ['-1', '-0', String(2n ** 53n), '9'.repeat(400)].map(size => x({ size })),
      'TAR_SIZE LAYER-057': [
        tar.directory('a/'),
        tar.hardlink('a', 't'),
        tar.symlink('a', 't'),
        tar.fifo('a'),
      ].map(next => x({ size: '1' }, next)),
    },
  ),
  '`uid`, `gid`': row(
    { uid: '77', gid: '77' },
    {
      read: [
        x({ uid: '1000', gid: '100' }, file({ uid: 77, gid: 77 })),
        twice('uid', '77', '1000'),
        twice('gid', '77', '100'),
      ],
    },
    {
      read: [
        x({ uid: '0001000', gid: '000100' }),
        { of: x({ uid: String(2 ** 32 - 1) }), is: file({ uid: tar.base256(2n ** 32n - 1n, 8) }) },
        // Up to 2^53-1 it is the entry that is rejected, so that a later record can still count.
        twice('uid', String(2 ** 53 - 1), '1000'),
      ],
    },
    {
      'TAR_NUMBER LAYER-072': ['', '+1', ' 1', '1 ', '0x1', '1\0'].flatMap(value => ids(value)),
      'TAR_RANGE LAYER-072': ['-1', String(2n ** 53n)].flatMap(value => ids(value)),
      'TAR_RANGE LAYER-090': [String(2 ** 32), String(2 ** 53 - 1)].flatMap(value => ids(value)),
    },
  ),
  '`mtime`': row(
    { mtime: '77' },
    {
      read: [
        x({ mtime: '5' }, file({ mtime: 77 })),
        { of: x({ mtime: '9.25' }), is: '/a 1 100640 1 1000 100 0 9.250000000 - x -\n' },
      ],
    },
    {
      read: [
        ...['5.', '05', '5.0', `5.${'0'.repeat(9)}9`].map(mtime => x({ mtime })),
        { of: x({ mtime: String(2n ** 63n - 1n) }), is: file({ mtime: tar.base256(2n ** 63n - 1n, 12) }) },
      ],
    },
    {
      'TAR_NUMBER LAYER-074': ['', '.5', '+5', ' 5', '1e3', '1.5.5', '5,5', '--5'].map(mtime => x({ mtime })),
      'TAR_RANGE LAYER-074': ['-1', '-1.5', '-0', String(2n ** 63n), '9'.repeat(4000)].map(mtime =>
        x({ mtime }),
      ),
      'TAR_PAX LAYER-071': [twice('mtime', '5', '5')],
    },
  ),
  '`SCHILY.xattr.NAME`': row(
    { 'SCHILY.xattr.user.n': 'v', 'SCHILY.xattr.': 'v' },
    { read: [{ of: xattr('user.n', 'v'), is: line('user.n=v') }] },
    {
      read: [
        { of: xattr('user.n', ''), is: line('user.n=') },
        { of: xattr('user.n', '\0=\n'), is: line('user.n=\\x00\\x3d\\n') },
        { of: xattr('user.n', 'v'.repeat(65535)), is: line(`user.n=${'v'.repeat(65535)}`) },
        { of: xattr('n'.repeat(255), 'v'), is: line(`${'n'.repeat(255)}=v`) },
      ],
    },
    {
      'TAR_XATTR LAYER-095': [
        ...['', 'user.%25', 'user.%3D'].map(name => xattr(name, 'v')),
        twice('SCHILY.xattr.user.n', 'v', 'v'),
      ],
      'TAR_LIMIT LAYER-097': [xattr('n'.repeat(256), 'v'), xattr('user.n', 'v'.repeat(65536))],
    },
  ),
  '`SCHILY.devmajor`, `SCHILY.devminor`': row(
    { 'SCHILY.devmajor': '7', 'SCHILY.devminor': 'junk' },
    {
      rejected: [{ of: x({ 'SCHILY.devmajor': '7' }, device), is: 'TAR_DEVICE' }],
      ignored: [x({ 'SCHILY.devmajor': '7', 'SCHILY.devminor': '7' })],
    },
    { any: ['', 'junk', junk(9)].map(value => x({ 'SCHILY.devmajor': value, 'SCHILY.devminor': value })) },
    {
      'TAR_DEVICE LAYER-059': ['SCHILY.devmajor', 'SCHILY.devminor'].flatMap(key =>
        ['7', '', 'junk'].map(value => x({ [key]: value }, device)),
      ),
    },
  ),
  '`GNU.sparse.*`, `SCHILY.realsize`, `SUN.holesdata`': row(
    Object.fromEntries(sparse.map(key => [key, '1'])),
    { rejected: sparse.map(key => ({ of: x({ [key]: '1' }), is: 'TAR_SPARSE' })) },
    { any: ['', 'junk', junk(9)].map(value => ({ of: x({ 'GNU.sparse.map': value }), is: 'TAR_SPARSE' })) },
    { 'TAR_SPARSE LAYER-056': sparse.map(key => x({ [key]: '0' }, tar.directory('a/'))) },
  ),
  'any other, such as `atime`, `uname`, `LIBARCHIVE.xattr.*` or `SCHILY.acl.access`': row(
    Object.fromEntries(ignoredKeys.map(key => [key, 'z'])),
    { ignored: ignoredKeys.map(key => x({ [key]: '77' })) },
    { any: ['', '\0=\n', every(0, 256)].flatMap(value => ignoredKeys.map(key => x({ [key]: value }))) },
    {},
  ),
  'any, if the record is malformed': {
    'in `x`': {
      rejected: malformed.map(each => ({ of: tar.concat(tar.paxRaw(each), file()), is: 'TAR_PAX' })),
    },
    'in `g`': {
      rejected: malformed.map(each => ({
        of: tar.concat(tar.paxRaw(each, { type: 'g' }), file()),
        is: 'TAR_PAX',
      })),
    },
    'error codes': { 'TAR_PAX LAYER-068': [tar.concat(tar.paxRaw('junk'), file())] },
  },
};

test('the control is read as it is written', async () => {
  expect(await outcome(file())).toBe(`/a 1 100640 1 ${usualLine} - x -\n`);
});

probeCells('the table of records', cellsOf('layers.md', 'keyword'), recordProbes, (claim, probe) =>
  proveWith(file(), claim, probe),
);
