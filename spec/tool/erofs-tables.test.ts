import { describe, expect, test } from 'vitest';
import { ascii } from '../../reference/bytes.ts';
import { erofsFormats, formatRules } from '../../reference/erofs/format-rules.ts';
import * as structures from '../../reference/erofs/structures.ts';
import { divideName, prefixOf } from '../../reference/erofs/xattr-name.ts';
import {
  type Contents,
  cellOf,
  chapter,
  citedIn,
  codeSpans,
  contentsOf,
  type Requirements,
  requirements,
  type Table,
  tableOf,
} from './tables.test.helper.ts';

const erofs = chapter('erofs.md');

/** The only table of a requirement. */
function tableIn({ tables }: Contents, id: string): Table {
  const [table, second] = tables.filter(({ requirement }) => requirement === id);
  if (table === undefined || second !== undefined) throw new Error(`${id} does not have one table`);
  return table;
}

/** Fields of a structure that do not begin where the one before them ends. */
function misplacedFields(table: Table): string[] {
  let next = '0';
  return table.rows.flatMap(row => {
    const [at = '', size = '', field = ''] = row.cells;
    const expected = next;
    const sum = Number(at) + Number(size);
    next = Number.isNaN(sum) || size === '' ? `${at} + ${size}` : String(sum);
    return at === expected ? [] : [`${field} is at ${at}, not at ${expected}`];
  });
}

type Sizes = Readonly<Record<string, number>>;

/** What the table of a structure says: offset, size and name of each field of a fixed size. */
function fieldsOf(table: Table): string[] {
  return table.rows
    .filter(({ cells: [, size = ''] }) => /^[0-9]+$/.test(size))
    .map(({ cells: [at = '', size = '', field = ''] }) => `${at} ${size} ${field.replace(/, n$/, '')}`);
}

/** What it has to say by the structure of the reference, whose fields are those in `names`, in this order. */
function expectedFields(
  sizes: Sizes,
  names: readonly (readonly [field: string, ...names: string[]])[],
): string[] {
  expect(names.flatMap(([, ...each]) => each)).toEqual(Object.keys(sizes));
  let at = 0;
  return names.map(([field, ...each]) => {
    const size = each.reduce((sum, name) => sum + (sizes[name] ?? 0), 0);
    const line = `${at} ${size} ${field}`;
    at += size;
    return line;
  });
}

/** The fields of each structure: the name in the chapter, and the names in the reference. */
const fields = {
  'EROFS-024': [
    structures.xattrEntryFields,
    [
      ['length of the suffix', 'e_name_len'],
      ['number of the prefix', 'e_name_index'],
      ['length of the value', 'e_value_size'],
    ],
  ],
  'EROFS-025': [
    structures.xattrBodyFields,
    [
      ['name filter', 'h_name_filter'],
      ['number of references', 'h_shared_count'],
      ['0', 'h_reserved'],
    ],
  ],
  'EROFS-030': [
    structures.direntFields,
    [
      ['nid of the image inode', 'nid'],
      ['offset of the name, counted from the beginning of the block or tail', 'nameoff'],
      ['type', 'file_type'],
      ['0', 'reserved'],
    ],
  ],
  'EROFS-037': [
    structures.compactFields,
    [
      ['format', 'i_format'],
      ['`xattr_icount`', 'i_xattr_icount'],
      ['mode, with the type', 'i_mode'],
      ['link count', 'i_nlink'],
      ['size', 'i_size'],
      ['0', 'i_reserved'],
      ['u', 'i_u'],
      ['number of the image inode', 'i_ino'],
      ['owner', 'i_uid'],
      ['group', 'i_gid'],
      ['0', 'i_reserved2'],
    ],
  ],
  'EROFS-038': [
    structures.extendedFields,
    [
      ['format', 'i_format'],
      ['`xattr_icount`', 'i_xattr_icount'],
      ['mode, with the type', 'i_mode'],
      ['0', 'i_reserved'],
      ['size', 'i_size'],
      ['u', 'i_u'],
      ['number of the image inode', 'i_ino'],
      ['owner', 'i_uid'],
      ['group', 'i_gid'],
      ['mtime, seconds', 'i_mtime'],
      ['mtime, nanoseconds', 'i_mtime_nsec'],
      ['link count', 'i_nlink'],
      ['0', 'i_reserved2'],
    ],
  ],
  'EROFS-048': [
    structures.headerFields,
    [
      ['magic', 'magic'],
      ['version', 'version'],
      ['flags', 'flags'],
      ['composefs version', 'composefs_version'],
      ['reserved', 'unused'],
    ],
  ],
  'EROFS-049': [
    structures.superblockFields,
    [
      ['magic', 'magic'],
      ['checksum', 'checksum'],
      ['compatible features', 'feature_compat'],
      ['log2 of the block size', 'blkszbits'],
      ['extra slots', 'sb_extslots'],
      ['root nid', 'root_nid'],
      ['inodes', 'inos'],
      ['build time, seconds', 'build_time'],
      ['build time, nanoseconds', 'build_time_nsec'],
      ['blocks', 'blocks'],
      ['first metadata block', 'meta_blkaddr'],
      ['shared area block', 'xattr_blkaddr'],
      ['UUID, volume name', 'uuid', 'volume_name'],
      ['incompatible features', 'feature_incompat'],
      ['everything else', 'reserved'],
    ],
  ],
} as const;

describe('the structures of an image', () => {
  test.each(Object.keys(fields) as (keyof typeof fields)[])('%s has the fields of the reference', id => {
    const [sizes, names] = fields[id];
    expect(misplacedFields(tableIn(erofs, id))).toEqual([]);
    expect(fieldsOf(tableIn(erofs, id))).toEqual(expectedFields(sizes, names));
  });

  test('are all compared', () => {
    const structures = erofs.tables.filter(({ header }) => header[0] === 'at');
    expect(structures.map(({ requirement }) => requirement)).toEqual(Object.keys(fields));
  });

  test.each([
    ['EROFS-048', 'magic', structures.HEADER_MAGIC],
    ['EROFS-048', 'version', structures.HEADER_VERSION],
    ['EROFS-048', 'flags', structures.FLAG_HAS_ACL],
    ['EROFS-048', 'composefs version', formatRules.v1.composefsVersion],
    ['EROFS-049', 'magic', structures.SUPERBLOCK_MAGIC],
    ['EROFS-049', 'compatible features', structures.FEATURE_COMPAT],
    ['EROFS-049', 'log2 of the block size', structures.LOG_BLOCK_SIZE],
  ])('%s has the constant of the reference for %s', (id, field, constant) => {
    const table = tableIn(erofs, id);
    const row = table.rows.find(({ cells }) => cells[2] === field);
    expect(row && Number(/^\S+/.exec(cellOf(table, row, 'value'))?.[0])).toBe(constant);
  });

  test('are where the parts of the file say', () => {
    const parts = tableIn(erofs, 'EROFS-046').rows.map(({ cells }) => cells.slice(0, 2));
    expect(parts.slice(0, 2)).toEqual([
      ['0', String(structures.HEADER_SIZE)],
      [String(structures.SUPERBLOCK_AT), String(structures.INODES_AT)],
    ]);
    expect(parts.slice(2).map(([from]) => from)).toEqual(['1152', 'E', 'D = up(E + s, 4096)']);
  });

  test.each([
    ['a gap', '| 0 | 4 | a |\n| 5 | 1 | b |', ['b is at 5, not at 4']],
    ['an overlap', '| 0 | 4 | a |\n| 2 | 4 n | b |\n| 2 + 4 n | | c |', ['b is at 2, not at 4']],
    ['a wrong sum', '| 0 | 4 | a |\n| 4 | 4 n | b |\n| 4 + 8 n | | c |', ['c is at 4 + 8 n, not at 4 + 4 n']],
    ['nothing wrong', '| 0 | 4 | a |\n| 4 | 4 n | b |\n| 4 + 4 n | | c |', []],
  ])('would not have %s', (_, rows, problems) => {
    const table = tableOf(contentsOf(`# X\n\n| at | size | field |\n|---|---|---|\n${rows}\n`), 'X', 'at');
    expect(misplacedFields(table)).toEqual(problems);
  });

  test.each([
    ['in another order', '| 0 | 2 | group |\n| 2 | 2 | owner |'],
    ['of another size', '| 0 | 1 | owner |\n| 1 | 3 | group |'],
    ['with one missing', '| 0 | 2 | owner |'],
  ])('would not have fields %s', (_, rows) => {
    const table = tableOf(contentsOf(`# X\n\n| at | size | field |\n|---|---|---|\n${rows}\n`), 'X', 'at');
    const names = [
      ['owner', 'i_uid'],
      ['group', 'i_gid'],
    ] as const;
    expect(fieldsOf(table)).not.toEqual(expectedFields({ i_uid: 2, i_gid: 2 }, names));
  });
});

/** What is wrong with the table of formats. */
function wrongDifferences(contents: Contents, requirements: Requirements): string[] {
  const inSection = 'Differences between the formats';
  const table = tableOf(contents, inSection, 'subject');
  const inColumn = (format: string) =>
    table.rows.flatMap(row => citedIn(cellOf(table, row, `\`${format}\``)));
  const columns = { v0: inColumn('v0'), v1: inColumn('v1'), v2: inColumn('v2') };
  const inText = contents.passages
    .filter(({ sections }) => sections.includes(inSection))
    .map(({ text }) => text);
  const cited = new Set([...Object.values(columns).flat(), ...inText.flatMap(citedIn)]);
  const ofFormats = contents.passages
    .filter(({ sections }) => sections.includes('Format v0') || sections.includes('Format v2'))
    .flatMap(({ requirement }) => requirement ?? []);
  const missing = [...new Set(ofFormats)].filter(id => !cited.has(id)).map(id => `${id} is missing`);
  const columnsWith = (id: string) => erofsFormats.filter(format => columns[format].includes(id)).join(', ');
  const misplaced = [...requirements].flatMap(([id, { text, status }]) => {
    const formats = /\b(?:in|for) the formats? ((?:`v[012]`(?:, | and )?)+),/.exec(text)?.[1];
    if (!id.startsWith('EROFS-') || status !== 'active' || formats === undefined) return [];
    const own = codeSpans(formats).sort().join(', ');
    if (columnsWith(id) === own || (columnsWith(id) === '' && cited.has(id))) return [];
    return [`${id} is in ${columnsWith(id) || 'no column'}, and for ${own}`];
  });
  return [...missing, ...misplaced];
}

describe('the differences between the formats', () => {
  test('name the requirements of each format in its column', () => {
    expect(wrongDifferences(erofs, requirements)).toEqual([]);
  });

  const text = (text: string) =>
    ({ actor: 'writer', file: 'spec/erofs.md', level: 'MUST', status: 'active', text }) as const;
  const some: Requirements = new Map([
    ['EROFS-001', text('The writer MUST.')],
    ['EROFS-002', text('The writer MUST, for the format `v2`, write.')],
    ['EROFS-003', text('The reader MUST, in the formats `v0` and `v1`, read.')],
  ]);
  const [one, two, three] = ['001', '002', '003'].map(n => `[EROFS-${n}](#EROFS-${n})`);
  const source = (...rows: string[]) =>
    contentsOf(
      [
        '# Differences between the formats',
        '',
        '| subject | `v0` | `v1` | `v2` |',
        '|---|---|---|---|',
        ...rows,
      ]
        .concat(
          '',
          '# Format v2',
          '',
          '- <a id="EROFS-002"></a>**EROFS-002** The writer MUST, for the format `v2`, write.',
        )
        .join('\n'),
    );

  test.each([
    ['nothing wrong', `| a | ${one} | ${one} | ${two} |`, `| b | ${three} | ${three} | - |`, []],
    [
      'a requirement of v2 within a range for v0',
      `| a | ${one} | ${one} | ${two} |`,
      `| b | ${one} to ${three} | ${three} | ${two} |`,
      ['EROFS-002 is in v0, v2, and for v2'],
    ],
    [
      'a requirement that is missing',
      `| a | ${one} | ${one} | ${one} |`,
      `| b | ${three} | ${three} | - |`,
      ['EROFS-002 is missing', 'EROFS-002 is in no column, and for v2'],
    ],
    [
      'a requirement that is missing in a column',
      `| a | ${one} | ${one} | ${two} |`,
      `| b | ${three} | ${one} | - |`,
      ['EROFS-003 is in v0, and for v0, v1'],
    ],
  ])('find %s', (_, first, second, problems) => {
    expect(wrongDifferences(source(first, second), some)).toEqual(problems);
  });
});

test('the formats are those of the reference', () => {
  const { rows } = tableOf(erofs, 'Formats', 'format');
  expect(rows.map(({ cells: [format = ''] }) => format.replaceAll('`', '')).sort()).toEqual([
    ...erofsFormats,
  ]);
});

test('the numbers of prefixes are those of the reference', () => {
  const { rows } = tableIn(erofs, 'EROFS-019');
  const numbers = rows.map(({ cells: [number, prefix = ''] }) => {
    const [name = ''] = codeSpans(prefix);
    expect(divideName(ascii(`${name}x`), false)).toEqual({ index: Number(number), suffix: 'x' });
    return Number(number);
  });
  expect(numbers.sort()).toEqual([0, 1, 2, 3, 4, 5, 6].filter(index => prefixOf(index, false) !== undefined));
});

/** A sum of products, with the numbers of the chapters. */
function calculate(sum: string): number {
  return sum
    .split(' + ')
    .map(product => product.split(' × ').reduce((value, factor) => value * Number(factor), 1))
    .reduce((value, term) => value + term, 0);
}

test('the references in the example are calculated correctly', () => {
  const { rows, header } = tableOf(erofs, 'File and inode layout', 'reference');
  const examples = rows.map(({ cells }) =>
    /^([^=]+) = (0x[0-9a-f]+),/.exec(cells[header.indexOf('in the example')] ?? ''),
  );
  expect(examples.map(example => calculate(example?.[1] ?? ''))).toEqual(
    examples.map(example => Number(example?.[2])),
  );
  expect(calculate('4096 × 4 + 4 × 0x1e0')).toBe(0x4780);
});
