import { describe, expect, test } from 'vitest';
import { formatRules } from '../../reference/erofs/format-rules.ts';
import { limits as erofs } from '../../reference/erofs/limits.ts';
import { parseChapter } from './parse.ts';
import {
  cellOf,
  chapter,
  citedIn,
  codesIn,
  contentsOf,
  names,
  type Requirements,
  requirements,
  sourceOf,
  type Table,
  tableOf,
} from './tables.test.helper.ts';

/** A number as the chapters write it: `1,024`, `2^53 - 1`, `32 MiB`. */
const NUMBER = String.raw`(?<![\w.^-])(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\^[0-9]+)?(?: ?- ?1\b)?(?: [KMGT]iB)?(?![\w^])`;

function toNumber(number: string): bigint {
  const [, digits = '', power = '1', less, unit] =
    /^([0-9,]+)(?:\^([0-9]+))?(?: ?(- ?1))?(?: ([KMGT])iB)?$/.exec(number) ?? [];
  const base = BigInt(digits.replaceAll(',', '')) ** BigInt(power) - (less === undefined ? 0n : 1n);
  return unit === undefined ? base : base * 1024n ** BigInt('KMGT'.indexOf(unit) + 1);
}

/** Everything but links and ids. */
function words(text: string): string {
  return text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/\b[A-Z]+-[0-9]{3}\b/g, '');
}

function numbersIn(text: string): bigint[] {
  return [...words(text).matchAll(new RegExp(NUMBER, 'g'))].map(([number]) => toNumber(number));
}

/** The largest values that a requirement allows, where it says so with a number. */
function limitsIn(text: string): bigint[] {
  const found = (before: string, after: string, less: bigint) => {
    const pattern = new RegExp(`${before}(${NUMBER})${after}`, 'g');
    return [...words(text).replaceAll('`', '').matchAll(pattern)].map(([, n = '']) => toNumber(n) - less);
  };
  return [
    ...found('(?:(?:more|greater|longer|larger) than|above|up to|at most) ', '', 0n),
    ...found('', '(?: [a-z]+)? or (?:more|greater)', 1n),
    ...found('[0-9] to ', '', 0n),
  ];
}

/** Whether a requirement sets a limit: it rejects what is beyond a number, or accepts up to a number. */
function setsLimit(text: string): boolean {
  const codes = codesIn(text);
  if (codes.some(code => code.endsWith('_LIMIT'))) return true;
  return codes.length > 0 ? limitsIn(text).length > 0 : new RegExp(`(?:up|from 0) to ${NUMBER}`).test(text);
}

const levels: Readonly<Record<string, string>> = {
  rejected: 'MUST',
  'should be rejected': 'SHOULD',
  'can be rejected': 'MAY',
};

/** Rows whose limit, code or keyword is that of none of their requirements. `textOf` is all that a requirement means. */
function wrongRows(table: Table, requirements: Requirements, textOf: (id: string) => string): string[] {
  return table.rows.flatMap(row => {
    const cell = (header: string) => cellOf(table, row, header);
    const cited = citedIn(cell('requirements'));
    const known = new Set(cited.map(textOf).flatMap(text => [...numbersIn(text), ...limitsIn(text)]));
    const problems = numbersIn(cell('limit'))
      .filter(number => !known.has(number))
      .map(number => `${number} is in none of ${cited.join(', ')}`);
    const [code] = codesIn(cell('code'));
    if (code !== undefined) {
      const giving = cited.filter(id => names(requirements, id, code));
      if (giving.length === 0) problems.push(`${code} is in none of ${cited.join(', ')}`);
      const level = levels[cell('beyond')];
      if (!giving.some(id => requirements.get(id)?.level === level))
        problems.push(`it is not ${cell('beyond')}`);
      if (!code.startsWith(`${cell('stage').replaceAll('`', '').toUpperCase()}_`))
        problems.push(`${code} is not of stage ${cell('stage')}`);
    } else if (cell('beyond') in levels) problems.push('it has no code');
    return problems.map(problem => `${cell('what')}: ${problem}`);
  });
}

/** Requirements that set a limit without a row, as `ID`, and limits that no row of a requirement has, as `ID N`. */
function withoutRow(table: Table, requirements: Requirements): string[] {
  return [...requirements].flatMap(([id, { status, text }]) => {
    if (status !== 'active' || !setsLimit(text)) return [];
    const rows = table.rows.filter(row => citedIn(cellOf(table, row, 'requirements')).includes(id));
    if (rows.length === 0) return [id];
    const limits = new Set(rows.flatMap(row => numbersIn(cellOf(table, row, 'limit'))));
    return [...new Set(limitsIn(text))].filter(limit => !limits.has(limit)).map(limit => `${id} ${limit}`);
  });
}

/** What looks like a limit and has no row. */
const notLimits: Readonly<Record<string, string>> = {
  'DDI-015': 'sizes that follow from one another',
  'DUMP-044 5000': 'the limit of DUMP-043',
  'EROFS-064': 'where the first name of a directory begins',
  'EROFS-101': 'positions of bytes in an inode',
  'LAYER-017 3': 'between index.json and the last of 4 indexes',
  'LAYER-037': 'limits of the compressed formats',
  'LAYER-044': 'the length of a part of a block',
  'LAYER-047': 'bytes of a header, and the largest of two times that are ignored',
  'LAYER-141': 'limits of the compressed formats',
  'SELINUX-007': 'lines that name a type',
};

const introduction = chapter('introduction.md');
const limits = tableOf(introduction, 'Limits', 'stage');

/** The text of a requirement with the tables, grammars and terms to which it refers. */
function meaningOf(id: string): string {
  const { file = '', text = '' } = requirements.get(id) ?? {};
  const name = file.replace('spec/', '');
  const { passages, tables } = chapter(name);
  const section = passages.find(({ requirement }) => requirement === id)?.sections.at(-1);
  const parts = [text];
  if (text.includes('the table')) {
    const near = tables.filter(({ sections }) => sections.at(-1) === section);
    parts.push(...near.flatMap(({ rows }) => rows.flatMap(({ cells }) => cells)));
  }
  if (text.includes('the grammar')) {
    const { fences } = parseChapter(name, sourceOf(name));
    // The number after `1*` is the limit.
    const grammars = fences.filter(({ language }) => language === 'abnf');
    parts.push(...grammars.map(({ content }) => content.replace(/[0-9]*\*([0-9]+)/g, ' $1 ')));
  }
  const sentences = passages
    .filter(({ requirement }) => requirement === undefined)
    .flatMap(p => p.text.split('\n'));
  for (const sentence of sentences) {
    const terms = [...sentence.matchAll(/\*([^*]+)\*/g)].map(([, term = '']) => term);
    if (terms.some(term => text.includes(term))) parts.push(sentence);
  }
  return parts.join('\n');
}

describe('the table of limits', () => {
  test('has the limits, codes and keywords of its requirements', () => {
    expect(wrongRows(limits, requirements, meaningOf)).toEqual([]);
  });

  test('has a row for every limit of a requirement', () => {
    expect(withoutRow(limits, requirements)).toEqual(Object.keys(notLimits));
  });

  test('has the limits of the reference for images', () => {
    const { v1, v2 } = formatRules;
    const expected = {
      'extended attributes of an inode: the same sum': [erofs.xattrSum],
      'name of an extended attribute, when an image is read': [erofs.xattrName],
      'shared attributes of an inode, in format `v2`': [255],
      'inline file, in formats `v0` and `v1`': [v1.content],
      'inline file, in format `v2`': [v2.content],
      'target of a symbolic link, in formats `v0` and `v1`': [v1.target],
      'target of a symbolic link, in format `v2`': [v2.target],
      payload: [erofs.payload],
      'name in a path, when an image is read': [erofs.name],
      'path, when an image is read': [erofs.path],
      'external file, when an image is read': [erofs.externalSize],
      'time, when an image is read': [erofs.seconds, erofs.nanoseconds],
    };
    const rows = limits.rows.filter(row => cellOf(limits, row, 'stage') === '`erofs`');
    const found = rows.map(
      row => [cellOf(limits, row, 'what'), numbersIn(cellOf(limits, row, 'limit'))] as const,
    );
    expect(found).toEqual(Object.entries(expected).map(([what, numbers]) => [what, numbers.map(BigInt)]));
  });

  test('is long', () => expect(limits.rows.length).toBeGreaterThan(50));
});

describe('a wrong table of limits', () => {
  const requirement = (text: string, level = 'MUST') =>
    ({ actor: 'parser', level, status: 'active', text, file: 'spec/dumpfile.md' }) as const;
  const some: Requirements = new Map([
    [
      'DUMP-001',
      requirement('The parser MUST reject a line with `DUMPFILE_LINE` if it is longer than 1024 bytes.'),
    ],
    [
      'DUMP-002',
      requirement('The parser MAY reject a name with `DUMPFILE_PATH` if it has 2^8 bytes or more.', 'MAY'),
    ],
    ['DUMP-003', requirement('The parser MUST accept lines of up to 1 KiB.')],
    ['DUMP-004', requirement('The parser MUST reject a deep tree with `TAR_LIMIT`.')],
    ['DUMP-005', requirement('The parser MUST write 2 to 7 spaces, [RFC 4](https://example.org/9).')],
  ]);
  const ids = (...numbers: string[]) => numbers.map(n => `[DUMP-${n}](dumpfile.md#DUMP-${n})`).join(' ');
  const rows = [
    `| \`dumpfile\` | line | 1,024 bytes | rejected | \`DUMPFILE_LINE\` | ${ids('001', '003')} |`,
    `| \`dumpfile\` | name | 2^8 - 1 bytes | can be rejected | \`DUMPFILE_PATH\` | ${ids('002')} |`,
    `| \`tar\` | depth | | rejected | \`TAR_LIMIT\` | ${ids('004')} |`,
  ] as const;
  const table = (...rows: string[]) =>
    tableOf(
      contentsOf(
        [
          '# Limits',
          '',
          '| stage | what | limit | beyond | code | requirements |',
          '|---|---|---|---|---|---|',
        ]
          .concat(rows)
          .join('\n'),
      ),
      'Limits',
      'stage',
    );
  const textOf = (id: string) => some.get(id)?.text ?? '';

  test('is not one that follows the requirements', () => {
    expect(wrongRows(table(...rows), some, textOf)).toEqual([]);
    expect(withoutRow(table(...rows), some)).toEqual([]);
  });

  test.each([
    ['another number', rows[0].replace('1,024', '1,023'), 'line: 1023 is in none of DUMP-001, DUMP-003'],
    [
      'the number that is one too many',
      rows[1].replace('2^8 - 1', '257'),
      'name: 257 is in none of DUMP-002',
    ],
    [
      'another code',
      rows[0].replace('_LINE', '_FIELD'),
      'line: DUMPFILE_FIELD is in none of DUMP-001, DUMP-003',
    ],
    ['another keyword', rows[1].replace('can be ', ''), 'name: it is not rejected'],
    ['another stage', rows[2].replace('`tar`', '`erofs`'), 'depth: TAR_LIMIT is not of stage `erofs`'],
    ['no code', rows[2].replace('`TAR_LIMIT`', ''), 'depth: it has no code'],
  ])('has a row with %s', (_, row, problem) => {
    expect(wrongRows(table(row), some, textOf)).toContain(problem);
  });

  test.each([
    ['a rejection above a number', [rows[1], rows[2]], ['DUMP-001', 'DUMP-003']],
    ['a rejection from a number on', [rows[0], rows[2]], ['DUMP-002']],
    ['a code of limits', [rows[0], rows[1]], ['DUMP-004']],
    [
      'one limit of a requirement',
      [rows[0].replace('1,024', '1'), rows[1], rows[2]],
      ['DUMP-001 1024', 'DUMP-003 1024'],
    ],
  ])('lacks %s', (_, rows, missing) => {
    expect(withoutRow(table(...rows), some)).toEqual(missing);
  });
});
