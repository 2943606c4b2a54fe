import { describe, expect, test } from 'vitest';
import { operations } from '../../conformance/suite/case.ts';
import { classesOf } from '../../conformance/suite/classes.ts';
import { file } from '../../reference/arbitrary-tree.test.helper.ts';
import { limits } from '../../reference/erofs/limits.ts';
import { PERMISSIONS } from '../../reference/erofs/structures.ts';
import { ComposefsError } from '../../reference/errors.ts';
import { algorithmParameters, algorithms } from '../../reference/fsverity/algorithm.ts';
import { classifyEntry } from '../../reference/merge/markers.ts';
import { digestKey, olderNames, publishedObjects } from '../../reference/seal/keys.ts';
import { checkRole, roles, transforms } from '../../reference/tree/options.ts';
import { cellOf, chapter, codeSpans, contentsOf, type Table, tableOf } from './tables.test.helper.ts';
import { actors } from './vocabulary.ts';

/** The rows of a table without code marks and links. */
function plainRows({ rows }: Table): string[][] {
  return rows.map(({ cells }) => cells.map(cell => cell.replace(/`|\[([^\]]*)\]\([^)]*\)/g, '$1')));
}

/** A table with this header in a chapter of its own. */
function tableWith(header: string, ...rows: string[]): Table {
  const columns = header.split(' | ');
  const lines = [`| ${header} |`, `|${'---|'.repeat(columns.length)}`, ...rows];
  return tableOf(contentsOf(`# X\n\n${lines.join('\n')}\n`), 'X', columns[0] ?? '');
}

test('the algorithms are those of the reference', () => {
  expect(plainRows(tableOf(chapter('fsverity.md'), 'Algorithms', 'name'))).toEqual(
    algorithms.map(name => {
      const { hash, digestSize, number, logBlockSize } = algorithmParameters[name];
      const optional = logBlockSize === 16 ? ', optional' : '';
      const feature = `digest.${name.replace('fsverity-', '')}${optional}`;
      return [name, hash.replace('sha', 'SHA-'), ...[digestSize, number, logBlockSize].map(String), feature];
    }),
  );
});

test('the ranges of what a tree holds are those of the reference', () => {
  const table = tableOf(chapter('tree.md'), 'Contents of a tree', 'of');
  const numbers = table.rows.map(row => {
    const [range = ''] = cellOf(table, row, 'range').split(', as ');
    return (range.match(/[0-9]+(?:,[0-9]{3})*/g) ?? []).map(number => {
      const digits = number.replaceAll(',', '');
      return BigInt(/^0[0-7]/.test(digits) ? `0o${digits}` : digits);
    });
  });
  const sizes = [...new Set(Object.values(algorithmParameters).map(({ digestSize }) => digestSize))];
  const { seconds, nanoseconds, xattrName, xattrValue, name, externalSize, target } = limits;
  const id = 2n ** 32n - 1n;
  expect(numbers).toEqual(
    [
      [0, PERMISSIONS],
      [0, id],
      [0, seconds, 0, nanoseconds],
      [1, xattrName, 0, xattrValue],
      [1, name],
      [],
      [1, externalSize],
      sizes,
      [1, target],
      [0, id],
    ].map(row => row.map(BigInt)),
  );
});

/** Pairs of a role and a transform that a table allows and the reference rejects, or the other way round. */
function wrongRoles(table: Table): string[] {
  const allowed = plainRows(table).map(([role, transform]) => `${role} ${transform}`);
  const accepted = roles.flatMap(role =>
    transforms
      .filter(transform => {
        try {
          checkRole({ role, transform });
          return true;
        } catch {
          return false;
        }
      })
      .map(transform => `${role} ${transform}`),
  );
  return [...allowed, ...accepted].filter(pair => !allowed.includes(pair) || !accepted.includes(pair));
}

describe('the roles', () => {
  test('have the transforms of the reference', () => {
    expect(wrongRoles(tableOf(chapter('tree.md'), 'Roles', 'role'))).toEqual([]);
  });

  test('would not have others', () => {
    const rows = ['| `merged` | `none` |', '| `merged` | `oci` |', '| `merged.bootable` | `oci` |'];
    expect(wrongRoles(tableWith('role | transform', ...rows))).toEqual(['layer none']);
    expect(wrongRoles(tableWith('role | transform', ...rows, '| `layer` | `none` |'))).toEqual([]);
    const tooMany = ['| `layer` | `none` |', '| `layer` | `oci` |'];
    expect(wrongRoles(tableWith('role | transform', ...rows, ...tooMany))).toEqual(['layer oci']);
  });
});

/** How the reference reads a path, in the words of the table. */
function reading(path: string): string {
  try {
    const marker = classifyEntry(file(path));
    if (typeof marker === 'string') return marker;
    if (marker.kind === 'opaque') return 'an opaque marker';
    return `a whiteout marker that deletes \`${[...marker.parentPath, marker.deletedName].join('/')}\``;
  } catch (error) {
    if (error instanceof ComposefsError) return `rejected with \`${error.code}\``;
    throw error;
  }
}

/** Paths that the reference reads in another way than a table says. */
function misreadPaths(table: Table): string[] {
  return table.rows.flatMap(row => {
    const [paths = '', reads = ''] = row.cells;
    return codeSpans(paths).filter(path => reads.replace(/ \(.*/, '') !== reading(path));
  });
}

describe('the paths that are easily misread', () => {
  test('are read by the reference as the table says', () => {
    const table = tableOf(chapter('merge.md'), 'Names', 'path');
    expect(misreadPaths(table)).toEqual([]);
    expect(table.rows.length).toBeGreaterThan(4);
  });

  test('would not be read in another way', () => {
    const table = tableWith(
      'path | the entry is',
      '| `.wh.a`, `.wh.b` | a whiteout marker that deletes `a` |',
      '| `a/b`, `.wh.c/d` | ordinary |',
      '| `.wh.`, `.wh.e/f` | rejected with `MERGE_WHITEOUT_NAME` ([MERGE-025](#MERGE-025)) |',
    );
    expect(misreadPaths(table)).toEqual(['.wh.b', '.wh.c/d', '.wh.e/f']);
  });
});

test('the keys are those of the reference', () => {
  const keys = plainRows(tableOf(chapter('sealing.md'), 'Published digests', 'key')).map(([key]) => key);
  const [algorithm] = algorithms;
  const expected = publishedObjects.map(object =>
    digestKey(object, algorithm).replace(algorithm, 'ALGORITHM'),
  );
  expect(keys.sort()).toEqual(expected.sort());
});

test('the older names are those of the reference', () => {
  const names = plainRows(tableOf(chapter('verification.md'), 'Older names', 'name')).map(([name]) => name);
  expect(names).toEqual(Object.values(olderNames));
});

describe('the conformance classes', () => {
  const table = tableOf(chapter('introduction.md'), 'Actors and conformance classes', 'class');
  const rows = table.rows.map(row => ({
    name: cellOf(table, row, 'class').replace(' ', '-'),
    actors: cellOf(table, row, 'actors').split(', '),
    operations: codeSpans(cellOf(table, row, 'required operations')),
  }));

  test('have the actors of the requirements', () => {
    const expected = Object.entries(actors).flatMap(([actor, classes]) =>
      classes.map(name => `${name}: ${actor}`),
    );
    expect(rows.flatMap(({ name, actors }) => actors.map(actor => `${name}: ${actor}`)).sort()).toEqual(
      expected.sort(),
    );
  });

  test('require the operations by which an implementation claims them, and one more', () => {
    const pairs = rows.flatMap(({ name, operations }) =>
      operations.map(operation => `${name}: ${operation}`),
    );
    const claims = operations.flatMap(operation => classesOf[operation].map(name => `${name}: ${operation}`));
    // Programs that boot a machine have it without being verifiers.
    expect(pairs.sort()).toEqual([...claims, 'verifier: cmdline.parse'].sort());
  });
});
