import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from './suite/package-root.ts';

/** An import of one source file by another, both from the top of the repository. */
interface Import {
  readonly from: string;
  readonly to: string;
}

/** Rooms, from the ground up, and what each imports from. */
type Rooms = ReadonlyMap<string, readonly string[]>;

const architecture = readFileSync(join(packageRoot, '.github/ARCHITECTURE.md'), 'utf8');

function roomsIn(page: string): Rooms {
  const [, table = ''] = /^\| room \|.*\n\|[-|]+\n((?:\|.*\n)+)/m.exec(page) ?? [];
  return new Map(
    table
      .split('\n')
      .filter(row => row !== '')
      .map(row => {
        const [, room = '', , from = ''] = row.split('|');
        return [namesIn(room)[0] ?? '', namesIn(from)];
      }),
  );
}

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(match => match[1] ?? '');
}

/** The room of a file: the longest one that its path starts with. */
function roomOf(file: string, rooms: Rooms): string | undefined {
  return [...rooms.keys()]
    .filter(room => file === room || file.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** Everything that `imports` do against the table of `rooms`. */
function violations(imports: readonly Import[], rooms: Rooms): string[] {
  const floors = [...rooms.keys()];
  const up = [...rooms].flatMap(([room, below]) =>
    below
      .filter(other => !floors.slice(0, floors.indexOf(room)).includes(other))
      .map(other => `the table lets ${room} import ${other}, which is not above it in the table`),
  );
  const used = new Set<string>();
  const unlisted = imports.flatMap(({ from, to }) => {
    const room = roomOf(from, rooms);
    const other = roomOf(to, rooms);
    if (room === undefined || other === undefined) return [`${from} -> ${to}: not in a room`];
    if (room === other) return [];
    used.add(`${room} -> ${other}`);
    return rooms.get(room)?.includes(other) ? [] : [`${from} -> ${to}: ${room} may not import from ${other}`];
  });
  const unused = [...rooms].flatMap(([room, below]) =>
    below
      .filter(other => !used.has(`${room} -> ${other}`))
      .map(other => `the table lets ${room} import ${other}, which it does not`),
  );
  return [...up, ...unlisted, ...unused];
}

/** The files of a circle of imports, or none. */
function circle(imports: readonly Import[]): readonly string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const next of targets.get(file) ?? []) {
      const found = visit(next, [...path, file]);
      if (found.length > 0) return found;
    }
    done.add(file);
    return [];
  };
  for (const file of targets.keys()) {
    const found = visit(file, []);
    if (found.length > 0) return found;
  }
  return [];
}

/** What a source names in imports, exports, dynamic imports and types, and as the file of a worker. */
function specifiers(source: string): string[] {
  return [...source.matchAll(/\b(?:from|import|new URL\()\s*\(?\s*['`](\.\.?\/[^'`$]+)/g)].map(
    match => match[1] ?? '',
  );
}

const files = ['reference', 'conformance', 'spec/tool', 'spec/site'].flatMap(folder =>
  readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !name.includes('.test.'))
    .map(name => join(folder, name)),
);
const sources = new Map(files.map(file => [file, readFileSync(join(packageRoot, file), 'utf8')]));
const imports = [...sources].flatMap(([from, source]) =>
  specifiers(source)
    .map(name => ({ from, to: normalize(join(dirname(from), name)) }))
    .filter(({ to }) => sources.has(to)),
);

describe('the rooms of .github/ARCHITECTURE.md', () => {
  const rooms = roomsIn(architecture);

  test('hold every file, and no import runs back up', () => {
    expect(imports.length).toBeGreaterThan(1000);
    expect(files.filter(file => roomOf(file, rooms) === undefined)).toEqual([]);
    expect(violations(imports, rooms)).toEqual([]);
  });

  test('exist', () => {
    expect([...rooms.keys()].filter(room => !files.some(file => roomOf(file, rooms) === room))).toEqual([]);
  });

  test('no files import each other in a circle', () => {
    expect(circle(imports)).toEqual([]);
  });
});

test('only the folders that the page names import from Node', () => {
  const onNode = /^reference\/(?:(?:files|oci|store|lint|cli)\/|(?:.*\/)?node\/|node\.ts$)/;
  const found = [...sources].filter(
    ([file, source]) => file.startsWith('reference/') && /from 'node:/.test(source) && !onNode.test(file),
  );
  expect(found.map(([file]) => file)).toEqual([]);
});

describe('a wrong import fails', () => {
  const rooms = roomsIn('| room | what | from |\n|---|---|---|\n| `a` | | |\n| `b` | | `a` |\n\n');
  const good = { from: 'b/x.ts', to: 'a/x.ts' };

  test('the good one passes', () => expect(violations([good], rooms)).toEqual([]));
  test('upwards', () =>
    expect(violations([good, { from: 'a/x.ts', to: 'b/x.ts' }], rooms)).toEqual([
      'a/x.ts -> b/x.ts: a may not import from b',
    ]));
  test('from outside of all rooms', () =>
    expect(violations([good, { from: 'b/x.ts', to: 'c.ts' }], rooms)).toEqual([
      'b/x.ts -> c.ts: not in a room',
    ]));
  test('listed and not needed', () =>
    expect(violations([], rooms)).toEqual(['the table lets b import a, which it does not']));
  test('listed upwards', () =>
    expect(violations([], roomsIn('| room |\n|---|\n| `a` | | `b` |\n| `b` | | |\n\n'))[0]).toBe(
      'the table lets a import b, which is not above it in the table',
    ));
  test('a circle', () =>
    expect(circle([good, { from: 'a/x.ts', to: 'c.ts' }, { from: 'c.ts', to: 'b/x.ts' }])).toEqual([
      'b/x.ts',
      'a/x.ts',
      'c.ts',
      'b/x.ts',
    ]));
  test('every form of import is seen', () => {
    const forms = [
      "import { a } from './a.ts';",
      "export * from '../b.ts';",
      "await import('./c.ts')",
      "type D = import('./d.ts').D;",
      "import './e.ts';",
      "new URL('./f.ts', import.meta.url)",
    ];
    expect(specifiers(forms.join('\n'))).toEqual([
      './a.ts',
      '../b.ts',
      './c.ts',
      './d.ts',
      './e.ts',
      './f.ts',
    ]);
  });
});
