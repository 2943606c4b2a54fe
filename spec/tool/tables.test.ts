import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { operations } from '../../conformance/suite/case.ts';
import * as structures from '../../reference/erofs/structures.ts';
import { algorithms } from '../../reference/fsverity/algorithm.ts';
import { roles, transforms, xattrPolicies } from '../../reference/tree/options.ts';
import { example } from './example.ts';
import { loadSpec } from './load.ts';
import { entriesOf } from './requirements.ts';
import { citedIds, namedCodes, numbersIn, type Table, tablesOf, unexplainedCodes } from './tables.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const { chapters, before, version } = loadSpec(root);
const active = entriesOf(chapters, before, version).filter(({ status }) => status === 'active');
const requirements = new Map(active.map(({ id, text }) => [id, text]));
const normative = chapters.map(({ file }) => file).filter(file => !/^(rationale|upstream)\.md$/.test(file));

function tableOf(chapter: string, section: string, number = 0): Table {
  const found = tablesOf(read(`spec/${chapter}.md`)).filter(table => table.section === section)[number];
  if (found === undefined) throw new Error(`no table ${number} in "${section}" of ${chapter}.md`);
  return found;
}

const codeSpans = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

describe('a table or list that cites requirements names only their error codes', () => {
  test.each(normative)('%s', file => {
    const source = read(`spec/${file}`);
    const rows = tablesOf(source)
      .filter(({ requirement }) => requirement === undefined)
      .flatMap(table => table.rows.map(row => row.join(' | ')));
    // Items of numbered lists, with the lines that continue them.
    const steps = source.split(/\n(?=\S)/).filter(block => /^[0-9]+\. /.test(block));
    const wrong = [...rows, ...steps].flatMap(text =>
      unexplainedCodes(text, requirements).map(code => `${code}: ${text.slice(0, 100)}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('limits', () => {
  const { rows } = tableOf('introduction', 'Limits');
  const cited = rows.map(row => citedIds(row[5] ?? ''));
  /** Limits that the requirements take from a definition of their chapter. */
  const byDefinition = new Set([
    '`size` in a descriptor',
    'length of a decompressed layer',
    'in an argument of the kernel command line: number of the format, `hash`, `bits`',
  ]);
  const chapterOf = (id: string) => read(active.find(entry => entry.id === id)?.file ?? '');

  test.each(rows.map((row, i) => [row[1] ?? '', row[2] ?? '', cited[i] ?? []] as const))(
    '%s: the number is in a requirement',
    (what, limit, ids) => {
      const numbers = numbersIn(limit);
      // A requirement gives the limit, or the first number that is rejected.
      const isIn = (text: string, number: bigint) =>
        numbersIn(text).some(other => other === number || other === number + 1n);
      const texts = ids.map(id => requirements.get(id) ?? '');
      expect(ids).not.toEqual([]);
      // Or it uses a term, a grammar or a table of its chapter, which has the number.
      if (byDefinition.has(what)) texts.push(...ids.map(chapterOf));
      expect(numbers.filter(number => number > 0n && !texts.some(text => isIn(text, number)))).toEqual([]);
    },
  );

  test('every requirement with a limit of its own has a row', () => {
    const codes = ['IMAGE_LIMIT', 'COMPRESSION_LIMIT', 'COMPRESSION_WINDOW', 'TAR_LIMIT', 'EROFS_LIMIT'];
    const limiting = active.filter(({ text }) => codes.some(code => text.includes(`with \`${code}\``)));
    expect(limiting.length).toBeGreaterThan(15);
    const listed = new Set(cited.flat());
    expect(limiting.map(({ id }) => id).filter(id => !listed.has(id))).toEqual([]);
  });
});

describe('requests', () => {
  const schema = JSON.parse(read('vectors/schema/case.schema.json'));
  const tables = tablesOf(read('spec/introduction.md')).filter(({ header }) => header[1] === 'member');
  const rows = tables.flatMap(table => table.rows);

  /** Members of the input and the parameters of an operation, as the schema of cases has them. */
  function membersOf(operation: string): string[] {
    interface Branch {
      readonly if: {
        readonly properties: { readonly op?: { readonly const?: string; readonly enum?: string[] } };
      };
      readonly then: {
        readonly properties: {
          readonly input?: { readonly $ref: string };
          readonly params?: { readonly propertyNames?: { readonly enum: string[] } };
        };
      };
    }
    const branch = (schema.allOf as Branch[]).find(({ if: { properties }, then }) => {
      const { const: one, enum: several = [] } = properties.op ?? {};
      return (one === operation || several.includes(operation)) && then.properties.input !== undefined;
    });
    const { input, params } = branch?.then.properties ?? {};
    const definition = schema.$defs[input?.$ref.replace('#/$defs/', '') ?? ''];
    return [...Object.keys(definition.properties), ...(params?.propertyNames?.enum ?? [])];
  }

  test('are those of the suite', () => {
    const { rows: listed } = tableOf('introduction', 'Requests');
    expect(listed.map(([name]) => codeSpans(name)[0])).toEqual(operations);
  });

  test.each(operations)('%s has the members of the schema of cases', operation => {
    const listed = rows
      .filter(([names]) => codeSpans(names).includes(operation))
      .map(([, name]) => codeSpans(name)[0]);
    const onlyInline = ['tag', 'replace', 'convert'];
    const members = membersOf(operation).filter(
      name => operation !== 'seal.artifact' || !onlyInline.includes(name),
    );
    expect([...listed].sort()).toEqual([...members].sort());
  });

  test.each<[string, string, readonly string[]]>([
    ['layers.tree', 'role', roles],
    ['layers.tree', 'transform', transforms],
    ['layers.tree', 'xattrs', xattrPolicies],
    ['erofs.write', 'format', ['v0', 'v1', 'v2']],
  ])('%s %s has the values of the reference', (operation, member, values) => {
    const [, , value] =
      rows.find(row => codeSpans(row[0]).includes(operation) && codeSpans(row[1])[0] === member) ?? [];
    const [listed = ''] = (value ?? '').split(/[;(]/);
    expect(codeSpans(listed).sort()).toEqual([...values].sort());
  });

  test('the algorithms are those of the reference', () => {
    const { rows: listed } = tableOf('fsverity', 'Algorithms');
    expect(listed.map(([name]) => codeSpans(name)[0])).toEqual(algorithms);
  });
});

describe('EROFS', () => {
  test('the reader steps cite every requirement that rejects an image', () => {
    const { rows } = tableOf('erofs', 'Reader steps');
    const cited = new Set(rows.flatMap(row => citedIds(row[2] ?? '')));
    const rejecting = active.filter(({ actor, text }) => actor === 'reader' && text.includes('with `EROFS_'));
    expect(rejecting.length).toBeGreaterThan(20);
    expect(rejecting.map(({ id }) => id).filter(id => !cited.has(id))).toEqual([]);
  });

  test('the table of differences has every requirement of the formats v0 and v2', () => {
    const source = read('spec/erofs.md');
    const { rows } = tableOf('erofs', 'Differences between the formats');
    const cited = new Set(rows.flatMap(row => row.flatMap(citedIds)));
    const [, sections = ''] = source.split('\n## Format v0\n');
    const ids = [...sections.matchAll(/^- <a id="(EROFS-[0-9]{3})"/gm)].map(([, id = '']) => id);
    expect(ids.length).toBeGreaterThan(14);
    // EROFS-082 is about the choice of the format, which the text above the table says.
    expect(ids.filter(id => !cited.has(id))).toEqual(['EROFS-082']);
  });

  /** Offsets and sizes of the field table in a requirement, as far as they are numbers. */
  function fieldsOf(requirement: string): [number, number][] {
    const table = tablesOf(read('spec/erofs.md')).find(each => each.requirement === requirement);
    return (table?.rows ?? [])
      .map(([at, size]): [number, number] => [Number(at), size === '' ? Number.NaN : Number(size)])
      .filter(field => field.every(Number.isInteger));
  }

  test.each<[string, Readonly<Record<string, number>>]>([
    ['EROFS-024', structures.xattrEntryFields],
    ['EROFS-025', structures.xattrBodyFields],
    ['EROFS-030', structures.direntFields],
    ['EROFS-037', structures.compactFields],
    ['EROFS-038', structures.extendedFields],
    ['EROFS-048', structures.headerFields],
    ['EROFS-049', structures.superblockFields],
  ])('the fields of %s follow one another, and are those of the reference', (requirement, sizes) => {
    const fields = fieldsOf(requirement);
    expect(fields.length).toBeGreaterThan(2);
    const ends = fields.map(([at, size]) => at + size);
    expect(fields.map(([at]) => at)).toEqual([0, ...ends.slice(0, -1)]);
    let offset = 0;
    const boundaries = new Set([0, ...Object.values(sizes).map(size => (offset += size))]);
    expect(ends.filter(end => !boundaries.has(end))).toEqual([]);
    expect(ends.at(-1)).toBe(offset);
  });
});

describe('tar', () => {
  const { rows } = tableOf('layers', 'Headers');

  test('the matrix has the fields of the header, where they are', () => {
    const listed = example('tar-header')
      .trimEnd()
      .split('\n')
      .map(line => line.trim().split(/ +/))
      .map(([at, size, name]) =>
        `${name} ${at}–${Number(at) + Number(size) - 1}`.replace(/ ([0-9]+)–\1$/, ' $1'),
      );
    const matrix = rows.flatMap(([names, bytes = '']) => {
      const ranges = bytes.split(', ');
      return codeSpans(names).map((name, i) => `${name} ${ranges[i] ?? ''}`);
    });
    expect(listed.filter(field => !matrix.includes(field))).toEqual([]);
    // uname and gname are ignored, so that the list of fields that are read does not have them.
    expect(matrix.filter(field => !listed.includes(field))).toEqual(['uname 265–296', 'gname 297–328']);
  });

  test('the table of records has the keywords that the reference reads', () => {
    const { rows: records } = tableOf('layers', 'Extended headers', 1);
    const listed = records.flatMap(([names]) => codeSpans(names));
    const source = read('reference/tar/pax.ts');
    const keywords = [...source.matchAll(/(?:case |XATTR = |startsWith\()'([A-Za-z.]+)'/g)].map(
      ([, name = '']) => name,
    );
    expect(keywords.length).toBeGreaterThan(9);
    const isListed = (keyword: string) =>
      listed.some(name => name === keyword || (keyword.endsWith('.') && name.startsWith(keyword)));
    expect(keywords.filter(keyword => !isListed(keyword))).toEqual([]);
  });
});

describe('steps', () => {
  test.each([
    ['sealing', 'SEAL', 'Sealing steps', 'Inline mode'],
    ['verification', 'VERIFY', 'Verification steps', 'Comparison with the image'],
  ])('of %s cite every requirement of the chapter', (chapter, area, from, to) => {
    const [, after = ''] = read(`spec/${chapter}.md`).split(`\n## ${from}\n`);
    const [steps = ''] = after.split(`\n## ${to}\n`);
    const cited = new Set(citedIds(steps));
    const ids = active.map(({ id }) => id).filter(id => id.startsWith(`${area}-`));
    expect(ids.length).toBeGreaterThan(40);
    expect(ids.filter(id => !cited.has(id))).toEqual([]);
  });
});

describe('a wrong table fails', () => {
  const texts = new Map([['TAR-001', 'rejects with `TAR_SIZE` above 4,095 bytes']]);

  test('a code that the requirement does not name', () => {
    expect(unexplainedCodes('`TAR_SIZE`, `TAR_NAME` ([TAR-001](#TAR-001))', texts)).toEqual(['TAR_NAME']);
    expect(unexplainedCodes('`TAR_NAME` without a requirement', texts)).toEqual([]);
  });

  test('ranges of ids, codes and numbers are read', () => {
    expect(citedIds('[A-001](a) to [A-003](a), [B-007](b)')).toEqual(['A-001', 'A-002', 'A-003', 'B-007']);
    expect(namedCodes('`A_B` or `C_D_2`, not `x`')).toEqual(['A_B', 'C_D_2']);
    expect(numbersIn('4,095, 2^53 - 1 and 32 MiB')).toEqual([2n ** 53n - 1n, 4095n, 32n * 2n ** 20n]);
  });

  test('tables are found with their section and requirement', () => {
    const source = [
      '## One\n',
      '| a | b |\n|---|---|\n| x \\| y | |\n',
      '- <a id="A-001"></a>**A-001** The\n\n  | c |\n  |---|\n  | z |\n',
      'Text.\n\n| d |\n|---|\n',
    ].join('\n');
    expect(tablesOf(source)).toEqual([
      { section: 'One', header: ['a', 'b'], rows: [['x \\| y', '']], requirement: undefined },
      { section: 'One', header: ['c'], rows: [['z']], requirement: 'A-001' },
      { section: 'One', header: ['d'], rows: [], requirement: undefined },
    ]);
  });
});
