import { describe, expect, test } from 'vitest';
import * as tar from '../../conformance/generate/builder/tar.ts';
import { example } from '../../spec/tool/example.ts';
import {
  type ProbesOfCell,
  type ProbesOfTable,
  probeCells,
} from '../../spec/tool/probe-cells.test.helper.ts';
import { cellsOf } from '../../spec/tool/table.ts';
import { junk, outcome, type Probe, proveWith, usual, usualLine, withRecords } from './probes.test.helper.ts';

const magics = { ustar: tar.USTAR, GNU: tar.GNU, v7: tar.V7 };
const forms = ['ustar', 'GNU', 'v7'] as const;
type Form = (typeof forms)[number];

const mark = { 508: 'tar\0' };

/** Entries with headers of one form. */
function entriesOf(form: Form) {
  const shared = { ...usual, magic: magics[form] };
  return {
    file: (fields: tar.Fields = {}) => tar.file('a', 'x', { ...shared, ...fields }),
    symlink: (link: tar.Bytes, fields: tar.Fields = {}) => tar.symlink('a', link, { ...shared, ...fields }),
    hardlink: (link: tar.Bytes, fields: tar.Fields = {}) => tar.hardlink('h', link, { ...shared, ...fields }),
    device: (major: tar.Field, minor: tar.Field, fields: tar.Fields = {}) =>
      tar.entry({ ...shared, ...fields, name: 'a', type: '3', major, minor }),
    block: (major: number, minor: number) => tar.block('a', major, minor, shared),
    fifo: (fields: tar.Fields = {}) => tar.fifo('a', { ...shared, ...fields }),
    directory: (fields: tar.Fields) => tar.directory('a/', { ...shared, ...fields }),
  };
}

/** A row of the table: the same probes in each column of a form. */
function row(
  meaning: ProbesOfCell<Probe>,
  overridden: ProbesOfCell<Probe>,
  codes: ProbesOfCell<Probe>,
): Readonly<Record<string, ProbesOfCell<Probe>>> {
  return { ustar: meaning, GNU: meaning, v7: meaning, 'overridden by': overridden, 'error codes': codes };
}

function probesOf(form: Form): ProbesOfTable<Probe> {
  const { file, symlink, hardlink, device, block, fifo, directory } = entriesOf(form);
  const is = (name: Form, probes: readonly Probe[]) => (form === name ? probes : []);

  /** The row of a number, which `record` overrides. */
  const number = (
    field: 'mode' | 'uid' | 'gid' | 'size' | 'mtime',
    value: number,
    {
      tooLarge,
      record = true,
      more = {},
    }: { tooLarge: bigint; record?: boolean; more?: ProbesOfCell<Probe> },
  ) => {
    const width = field === 'size' || field === 'mtime' ? 12 : 8;
    const withRecord = (fields: tar.Fields) => withRecords({ [field]: `${value}` }, file(fields));
    // An overridden field is still checked.
    const rejected = (...values: readonly tar.Field[]) =>
      values.flatMap(each => [file({ [field]: each }), ...(record ? [withRecord({ [field]: each })] : [])]);
    const octal = value.toString(8);
    return row(
      {
        number: [`  ${octal} `, `${octal}\0 \0`, tar.base256(BigInt(value), width)].map(each =>
          file({ [field]: each }),
        ),
      },
      record ? { record: [withRecord({ [field]: 77 })] } : {},
      {
        'TAR_NUMBER LAYER-051': rejected('+5', '      ', '8', '5\x005', Uint8Array.of(0x81, 5)),
        'TAR_RANGE LAYER-052': rejected(tar.base256(-1n, width), tar.base256(tooLarge, width)),
        ...more,
      },
    );
  };
  const wideId = (field: string) => ({
    'TAR_RANGE LAYER-090': [
      file({ [field]: tar.base256(2n ** 32n, 8) }),
      withRecords({ [field]: `${2 ** 32}` }, file()),
    ],
  });
  const longPart = 'n'.repeat(256);
  const longPath = 'n/'.repeat(2048);
  const sum = Number.parseInt(Buffer.from(file().subarray(148, 154)).toString(), 8);
  const mode = number('mode', 0o640, { tooLarge: 2n ** 53n, record: false });
  const size = number('size', 1, {
    tooLarge: 2n ** 53n,
    more: {
      'TAR_SIZE LAYER-057': [
        symlink('t', { size: 1 }),
        device(7, 7, { size: 1 }),
        fifo({ size: 1 }),
        withRecords({ size: '1' }, directory({})),
        withRecords({ size: '1' }, symlink('t')),
      ],
    },
  });
  const signed = { uname: Uint8Array.of(0xff) };

  return {
    '`name`': row(
      {
        read: [
          file({ name: 'a\0z' }),
          { of: file({ name: 'n'.repeat(100) }), is: tar.concat(tar.longName('n'.repeat(100)), file()) },
          ...is('ustar', [{ of: file({ name: 'b', prefix: 'a' }), is: file({ name: 'a/b' }) }]),
        ],
      },
      {
        record: [
          withRecords({ path: 'a' }, file({ name: 'z' })),
          tar.concat(tar.longName('a'), file({ name: 'z' })),
        ],
        'TAR_EXTENSION LAYER-063': [tar.concat(tar.longName('a'), withRecords({ path: 'a' }, file()))],
      },
      {
        'TAR_NAME LAYER-079': [
          ...['', '..', 'b/../a'].map(name => file({ name })),
          withRecords({ path: 'a\0b' }, file()),
        ],
        'TAR_NAME LAYER-080': ['a/', '.', 'a/.'].map(name => file({ name })),
        'TAR_NAME LAYER-081': [withRecords({ path: 'a' }, file({ name: 'a/', type: '\0' }))],
        'TAR_LIMIT LAYER-083': [longPart, `${longPath}n`].map(path => withRecords({ path }, file())),
      },
    ),
    '`mode`': row(
      { number: [...(mode['ustar']?.['number'] ?? []), file({ mode: 0o170640 })] },
      mode['overridden by'] ?? {},
      mode['error codes'] ?? {},
    ),
    '`uid`': number('uid', 1000, { tooLarge: 2n ** 53n, more: wideId('uid') }),
    '`gid`': number('gid', 100, { tooLarge: 2n ** 53n, more: wideId('gid') }),
    '`size`': row(
      {
        number: size['ustar']?.['number'] ?? [],
        // LAYER-130: the field of a hard link or directory is checked only.
        read: [
          {
            of: tar.concat(directory({ size: 1 }), file({ name: 'a/b' })),
            is: tar.concat(directory({}), file({ name: 'a/b' })),
          },
          { of: tar.concat(file(), hardlink('a', { size: 1 })), is: tar.concat(file(), hardlink('a')) },
          { of: directory({ size: '+5' }), is: 'TAR_NUMBER' },
          { of: hardlink('a', { size: tar.base256(-1n, 12) }), is: 'TAR_RANGE' },
        ],
      },
      size['overridden by'] ?? {},
      size['error codes'] ?? {},
    ),
    '`mtime`': number('mtime', 5, { tooLarge: 2n ** 63n }),
    '`checksum`': row(
      {
        octal: [
          file({ checksum: `  ${sum.toString(8)} ` }),
          // The sum of the bytes as signed numbers.
          { of: file({ ...signed, checksum: sum + 0xff - 0x100 }), is: file(signed) },
        ],
      },
      {},
      {
        'TAR_CHECKSUM LAYER-053': [sum + 1, '', 'junk', tar.base256(BigInt(sum), 8)].map(checksum =>
          file({ checksum }),
        ),
      },
    ),
    '`type`': row(
      {
        read: [
          ...['\0', '7'].map(type => file({ type })),
          { of: symlink('t'), is: `/a 1 120640 1 ${usualLine} t - -\n` },
          { of: device(7, 7), is: form === 'v7' ? 'TAR_DEVICE' : '/a 0 20640 1 1000 100 1799 5.0 - - -\n' },
          { of: fifo(), is: `/a 0 10640 1 ${usualLine} - - -\n` },
          { of: directory({}), is: `/a 0 40640 2 ${usualLine} - - -\n` },
          {
            of: tar.concat(file(), hardlink('a')),
            is: `/a 1 100640 2 ${usualLine} - x -\n/h 0 @100640 - - - - 0.0 /a - -\n`,
          },
          ...is('ustar', [
            {
              of: block(7, 7),
              is: '/a 0 60640 1 1000 100 1799 5.0 - - -\n',
            },
          ]),
        ],
      },
      {
        'TAR_SPARSE LAYER-056': ['GNU.sparse.major', 'SCHILY.realsize', 'SUN.holesdata'].map(key =>
          withRecords({ [key]: '1' }, file()),
        ),
      },
      {
        'TAR_TYPE LAYER-055': ['8', 'A', 'D', 'M', 'N', 'V', 'X', '\xff'].map(type => file({ type })),
        'TAR_SPARSE LAYER-056': [file({ type: 'S' })],
      },
    ),
    '`link`': row(
      {
        read: [
          { of: symlink('t\0z'), is: symlink('t') },
          { of: symlink('t'.repeat(100)), is: tar.concat(tar.longLink('t'.repeat(100)), symlink('t')) },
        ],
        ignored: [file({ link: junk(100) })],
      },
      {
        record: [
          { of: withRecords({ linkpath: 't' }, symlink('z')), is: symlink('t') },
          { of: tar.concat(tar.longLink('t'), symlink('z')), is: symlink('t') },
        ],
        'TAR_EXTENSION LAYER-063': [
          tar.concat(tar.longLink('t'), withRecords({ linkpath: 't' }, symlink('t'))),
        ],
      },
      {
        'TAR_LINK LAYER-086': [symlink(''), hardlink(''), withRecords({ linkpath: 'a\0b' }, symlink('t'))],
        'TAR_LINK LAYER-087': ['../a', '.', 'a/', 'a/.'].map(link => tar.concat(file(), hardlink(link))),
        'TAR_LIMIT LAYER-083': [
          withRecords({ linkpath: longPath }, symlink('t')),
          withRecords({ linkpath: longPart }, hardlink('t')),
        ],
      },
    ),
    '`magic`, with the version': {
      ustar: {
        read: ['ustar\x0000', 'ustar\0\0\0', 'ustar\x0001', 'ustar\0 \0'].flatMap(magic => [
          { of: file({ name: 'b', prefix: 'a', magic }), is: tar.file('a/b', 'x', { ...usual }) },
          { of: file({ magic, major: 'x' }), is: 'TAR_NUMBER' },
        ]),
      },
      GNU: { read: is('GNU', [file({ prefix: tar.octal(5, 12) })]) },
      v7: {
        read: ['ustar001', 'ustar \x0000', 'ustar  0', 'USTAR\x0000', 'junkjunk'].map(magic =>
          file({ magic, major: junk(8) }),
        ),
      },
    },
    '`uname`, `gname`': row(
      { ignored: [file({ uname: junk(32), gname: junk(32) })] },
      { ignored: [withRecords({ uname: 'root', gname: 'wheel' }, file())] },
      {},
    ),
    '`major`, `minor`': {
      ...row(
        {
          octal: [{ of: device(' 7 ', '7\0'), is: device(7, 7) }],
          read: [file({ major: 7, minor: '7777777\0' })],
        },
        {
          'TAR_DEVICE LAYER-059': ['SCHILY.devmajor', 'SCHILY.devminor'].map(key =>
            withRecords({ [key]: '7' }, device(7, 7)),
          ),
        },
        {
          'TAR_NUMBER LAYER-051': ['9', '+5', junk(8), tar.base256(7n, 8)].flatMap(each => [
            file({ major: each }),
            file({ minor: each }),
            device(each, 7),
          ]),
          'TAR_DEVICE LAYER-059': [device(2 ** 12, 0), device(0, 2 ** 20)],
        },
      ),
      v7: {
        ignored: [file({ major: junk(8), minor: junk(8) })],
        rejected: [{ of: device(0, 0), is: 'TAR_DEVICE' }],
        'TAR_DEVICE LAYER-059': [device(7, 7)],
      },
    },
    '`prefix`': {
      ustar: {
        read: [{ of: file({ name: 'b', prefix: 'a\0z' }), is: file({ name: 'a/b' }) }],
        'TAR_HEADER LAYER-048': [file({ prefix: 'p'.repeat(131), at: mark })],
      },
      GNU: {
        number: [tar.octal(5, 12), tar.base256(5n, 12)].map(time => file({ at: { 345: time, 357: time } })),
        'TAR_HEADER LAYER-047': [
          file({ prefix: 'p' }),
          ...[357, 369, 499].map(at => file({ at: { [at]: 'p' } })),
        ],
      },
      v7: { 'TAR_HEADER LAYER-047': [345, 357, 369, 499].map(at => file({ at: { [at]: '1' } })) },
      // A prefix of another form is rejected even if the name is overridden.
      'overridden by': {
        read: [withRecords({ path: 'a' }), tar.longName('a')].map(before => ({
          of: tar.concat(before, file({ name: 'z', prefix: 'p' })),
          is: form === 'ustar' ? file() : 'TAR_HEADER',
        })),
      },
      'error codes': {
        read: [{ of: file({ prefix: '..' }), is: form === 'ustar' ? 'TAR_NAME' : 'TAR_HEADER' }],
      },
    },
    'the rest': {
      ...row({ ignored: [file({ at: { 500: junk(12) } }), file({ at: mark })] }, {}, {}),
      ustar: {
        ignored: [file({ at: { 500: junk(12) } }), file({ at: { 500: 'tar\0tar\0tar ' } })],
        read: [
          { of: file({ prefix: 'p'.repeat(130), at: mark }), is: file({ prefix: 'p'.repeat(130) }) },
          { of: file({ prefix: 'p'.repeat(131), at: mark }), is: 'TAR_HEADER' },
        ],
      },
    },
  };
}

const table = cellsOf('layers.md', 'field');
/** The column "error codes" of a row can be for some forms only. */
const isFor = (form: Form, text: string) => {
  const [, some] = /^((?:ustar|GNU|v7)(?:, (?:ustar|GNU|v7))*): /.exec(text) ?? [];
  return some === undefined || some.split(', ').includes(form);
};

describe.each(forms)('a header of form %s', form => {
  const control = entriesOf(form).file();

  test('the control is read as it is written', async () => {
    expect(await outcome(control)).toBe(`/a 1 100640 1 ${usualLine} - x -\n`);
  });

  const cells = table.filter(
    ({ column, text }) =>
      (column === form || column === 'overridden by' || column === 'error codes') && isFor(form, text),
  );
  probeCells('the table of headers', cells, probesOf(form), (claim, probe) =>
    proveWith(control, claim, probe),
  );
});

test('the table of headers has the bytes of the list of fields, and every byte', () => {
  const ranges = table
    .filter(({ column }) => column === 'bytes')
    .flatMap(({ row: fields, text }) => {
      const names = fields.match(/(?<=`)\w+(?=`)/g) ?? [fields];
      return text.split(', ').map((range, i) => {
        const [from = 0, to = from] = range.split('–').map(Number);
        return { name: names[i] ?? '', from, to };
      });
    });
  const ends = ranges.map(({ to }) => to + 1);
  expect(ranges.map(({ from }) => from)).toEqual([0, ...ends.slice(0, -1)]);
  expect(ends.at(-1)).toBe(512);
  const listed = [...example('tar-header').matchAll(/^ *([0-9]+) +([0-9]+) (\w+)$/gm)];
  for (const [, at, length, name] of listed) {
    const range = { name, from: Number(at), to: Number(at) + Number(length) - 1 };
    // The magic has its version in the list as well as in the table.
    expect(ranges).toContainEqual(range);
  }
});
