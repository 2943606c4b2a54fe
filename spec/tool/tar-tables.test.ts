import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../conformance/suite/package-root.ts';
import { parsePax } from '../../reference/tar/pax.ts';
import { example } from './example.ts';
import { cellOf, chapter, codeSpans, contentsOf, type Table, tableOf } from './tables.test.helper.ts';

const layers = chapter('layers.md');

/** Parts of the header, each as `name offset length`; a part without a name has `-`. */
function partsOf(table: Table): string[] {
  return table.rows.flatMap(row => {
    const names = codeSpans(cellOf(table, row, 'field'));
    return cellOf(table, row, 'bytes')
      .split(', ')
      .map((range, i) => {
        const [from = 0, to = from] = range.split('–').map(Number);
        return `${names[i] ?? '-'} ${from} ${to - from + 1}`;
      });
  });
}

/** What is wrong with the parts of a header of 512 bytes, if the others are not fields. */
function wrongParts(
  parts: readonly string[],
  fields: readonly string[],
  others: readonly string[],
): string[] {
  let next = 0;
  const problems = parts.flatMap(part => {
    const [name, at, length] = part.split(' ');
    const expected = next;
    next = Number(at) + Number(length);
    return Number(at) === expected ? [] : [`${name} begins at ${at}, not at ${expected}`];
  });
  if (next !== 512) problems.push(`the header ends at ${next}`);
  const missing = fields.filter(field => !parts.includes(field)).map(field => `${field} is missing`);
  const unknown = parts
    .filter(part => !fields.includes(part) && !others.includes(part.split(' ')[0] ?? ''))
    .map(part => `${part} is not a field`);
  return [...problems, ...missing, ...unknown];
}

describe('the table of the fields of a header', () => {
  const fields = example('tar-header')
    .trimEnd()
    .split('\n')
    .map(line => line.trim().split(/ +/))
    .map(([at, length, name]) => `${name} ${at} ${length}`);

  test('has the fields of the example, and covers the header', () => {
    const parts = partsOf(tableOf(layers, 'Headers', 'field'));
    expect(wrongParts(parts, fields, ['uname', 'gname', '-'])).toEqual([]);
  });

  const rows = [
    '| `a`, with b | 0–99 |',
    '| `c` | 100 |',
    '| `d`, `e` | 101–300, 301–500 |',
    '| the rest | 501–511 |',
  ];
  const parts = (...rows: string[]) =>
    partsOf(tableOf(contentsOf(['# X\n\n| field | bytes |\n|---|---|', ...rows].join('\n')), 'X', 'field'));

  test.each([
    ['nothing wrong', rows, []],
    ['a gap', rows.map(row => row.replace('301–500', '302–500')), ['e begins at 302, not at 301']],
    ['a missing end', rows.slice(0, 3), ['the header ends at 501']],
    [
      'another length',
      rows.map(row => row.replace('101–300, 301', '101–299, 300')),
      ['d 101 200 is missing', 'd 101 199 is not a field'],
    ],
    [
      'another name',
      rows.map(row => row.replace('`a`', '`x`')),
      ['a 0 100 is missing', 'x 0 100 is not a field'],
    ],
  ])('find %s', (_, rows, problems) => {
    expect(wrongParts(parts(...rows), ['a 0 100', 'c 100 1', 'd 101 200'], ['e', '-'])).toEqual(problems);
  });
});

/** The records of a table: keywords that have an effect in an extended header, and keywords that do not. */
function keywordsOf(table: Table): { used: string[]; ignored: string[] } {
  const cells = table.rows.map(row => cellOf(table, row, 'keyword'));
  return {
    used: cells.filter(cell => !cell.startsWith('any')).flatMap(codeSpans),
    ignored: cells.filter(cell => cell.startsWith('any other')).flatMap(codeSpans),
  };
}

/** Whether the reference does anything with a record. */
function hasEffect(keyword: string): boolean {
  const rest = ` ${keyword.replace(/\*$|\bNAME$/, 'x')}=1\n`;
  const length = [1, 2, 3].map(digits => digits + rest.length).find(n => `${n}${rest}`.length === n);
  const keepsAll = () => true;
  const parsed = parsePax(Buffer.from(`${length}${rest}`), {}, keepsAll);
  return !isDeepStrictEqual(parsed, parsePax(Buffer.of(), {}, keepsAll));
}

/** What is wrong with a table of records, by the keywords in the source of the reference and by what it does. */
function wrongKeywords(table: Table, source: string): string[] {
  const { used, ignored } = keywordsOf(table);
  const inSource = [
    ...[...source.matchAll(/\bcase '([^']+)':/g)].map(([, keyword]) => keyword),
    ...[...source.matchAll(/\bstartsWith\('([^']+)'\)/g)].map(([, prefix]) => `${prefix}*`),
    ...[...source.matchAll(/^const XATTR = '([^']+)'/gm)].map(([, prefix]) => `${prefix}NAME`),
  ];
  return [
    ...inSource.filter(keyword => !used.includes(keyword ?? '')).map(keyword => `${keyword} is missing`),
    ...used.filter(keyword => !hasEffect(keyword)).map(keyword => `${keyword} has no effect`),
    ...ignored.filter(hasEffect).map(keyword => `${keyword} has an effect`),
  ];
}

describe('the table of records', () => {
  const source = readFileSync(join(packageRoot, 'reference/tar/pax.ts'), 'utf8');

  test('has the keywords that the reference uses', () => {
    const table = tableOf(layers, 'Extended headers', 'keyword');
    expect(wrongKeywords(table, source)).toEqual([]);
    expect(keywordsOf(table).used).toContain('SCHILY.xattr.NAME');
    expect(keywordsOf(table).ignored.length).toBeGreaterThan(3);
  });

  test.each([
    ['nothing wrong', '| `path`, `GNU.sparse.*` |\n| any other, such as `atime` |', []],
    ['a missing keyword', '| `path` |', ['GNU.sparse.* is missing']],
    ['a keyword without effect', '| `path`, `GNU.sparse.*`, `atime` |', ['atime has no effect']],
    [
      'a keyword with an effect',
      '| `path`, `GNU.sparse.*` |\n| any other, such as `gid` |',
      ['gid has an effect'],
    ],
  ])('find %s', (_, rows, problems) => {
    const table = tableOf(contentsOf(`# X\n\n| keyword |\n|---|\n${rows}\n`), 'X', 'keyword');
    expect(wrongKeywords(table, "case 'path': keyword.startsWith('GNU.sparse.')")).toEqual(problems);
  });
});
