import { expect, test } from 'vitest';
import type { Case } from '../../conformance/suite/case.ts';
import { coverageOf, printCoverage, uncovered, unexpectedCodes } from './coverage.ts';
import { parseChapter } from './parse.ts';
import { entriesOf } from './requirements.ts';

const source = [
  '- **TREE-001** The reader MUST, and a case says so.',
  '- **TREE-002** The reader MUST NOT, and no case says so.',
  '- **TREE-003** The reader SHOULD, and no case says so.',
  '- **TREE-004** The reader MUST, and the runner sees it.\n  Verification: runner.',
  '- **TREE-005** The reader MUST, which a person sees.\n  Verification: inspection, because it is inside.',
  '- **TREE-006** *(withdrawn in 0.2)* The reader MUST.',
].join('\n');
const entries = entriesOf([parseChapter('tree.md', source)], [], '0.1');

function cited(requirements: readonly string[], expectation: Case['expect']): Case {
  return {
    id: 'erofs/one',
    title: 'One',
    op: 'erofs.read',
    since: '0.1',
    requirements,
    needs: [],
    tags: [],
    class: 'BASIC',
    links: [],
    input: {},
    params: {},
    expect: expectation,
    control: null,
    provenance: { recipe: '', confirmedBy: ['reference'] },
  };
}

const cases = [
  cited(['TREE-001'], { outcome: 'accept' }),
  cited(['TREE-001', 'TREE-003'], { outcome: 'reject', stage: 'erofs', reasons: ['EROFS_MAGIC'] }),
];
const rows = coverageOf(entries, cases);

test('finds the codes that no case expects', () => {
  const codes = ['EROFS_MAGIC', 'EROFS_SIZE'];
  expect(unexpectedCodes(codes, cases, {})).toEqual(['EROFS_SIZE']);
  expect(unexpectedCodes(codes, cases, { EROFS_SIZE: 'why' })).toEqual([]);
  expect(unexpectedCodes(codes, cases, { EROFS_MAGIC: 'why', EROFS_SIZE: 'why' })).toEqual(['EROFS_MAGIC']);
});

test('counts the cases of each active requirement', () => {
  expect(rows.map(({ entry, accept, reject, either }) => [entry.id, accept, reject, either])).toEqual([
    ['TREE-001', 1, 1, 0],
    ['TREE-002', 0, 0, 0],
    ['TREE-003', 0, 1, 0],
    ['TREE-004', 0, 0, 0],
    ['TREE-005', 0, 0, 0],
  ]);
});

test('fails only an absolute requirement that vectors decide', () => {
  expect(uncovered(rows).map(({ entry }) => entry.id)).toEqual(['TREE-002']);
});

test('prints a table', () => {
  expect(printCoverage(rows).split('\n')).toEqual([
    'requirement  level     decided by  accept  reject  either',
    'TREE-001     MUST      vector      1       1       0',
    'TREE-002     MUST NOT  vector      0       0       0       no case',
    'TREE-003     SHOULD    vector      0       1       0',
    'TREE-004     MUST      runner      0       0       0',
    'TREE-005     MUST      inspection  0       0       0',
    '',
    '5 active requirements, 2 cited by cases, 1 that must be and are not',
    '',
  ]);
});
