import { describe, expect, test } from 'vitest';
import { MalformedMatrix, parseMatrix } from './matrix.ts';
import { mutatedModules, StaleMutant } from './mutate-source.ts';
import { readMatrix, requirementsOfVectors } from './read-matrix.ts';
import { missing, problemOf, unknown } from './report.ts';

const entry = 'AREA-001 forgets a step\na/b.ts\n- one\n- two\n+\n- three\n+ 3\n';

describe('the format', () => {
  test('holds mutants and reasons', () => {
    expect(parseMatrix(`# comment\n\n${entry}\nAREA-002 no mutant: nothing to do\n`, 'x')).toEqual({
      mutants: [
        {
          requirement: 'AREA-001',
          name: 'forgets a step',
          edits: [
            { file: 'a/b.ts', before: 'one\ntwo', after: '' },
            { file: 'a/b.ts', before: 'three', after: '3' },
          ],
        },
      ],
      without: [{ requirement: 'AREA-002', reason: 'nothing to do' }],
    });
  });

  test.each([
    ['no requirement\n', 'must begin with a requirement'],
    ['AREA-001 no change\n', 'the change is missing'],
    ['AREA-001 no file\n- a\n+ b\n', 'a file must follow'],
    ['AREA-001 nothing added\na.ts\n- a\n', 'a file must follow'],
    ['AREA-001 no mutant: because\na.ts\n', 'is one line'],
  ])('rejects %j', (text, message) => {
    expect(() => parseMatrix(text, 'x')).toThrow(MalformedMatrix);
    expect(() => parseMatrix(text, 'x')).toThrow(message);
  });
});

describe('a mutant', () => {
  const file = 'tree/regular-file.ts';

  test('is compiled', () => {
    const before = 'INLINE_LIMIT = 64;';
    const modules = mutatedModules([{ file, before, after: 'INLINE_LIMIT = 63;' }]);
    expect([...modules.keys()]).toEqual(['tree/regular-file.js']);
    expect(modules.get('tree/regular-file.js')).toContain('INLINE_LIMIT = 63;');
    expect(modules.get('tree/regular-file.js')).toContain('from "../bytes.js"');
  });

  test.each([
    ['in no file', 'none.ts', 'x', 'y', 'does not exist'],
    ['missing', file, 'no such text', '', '0 times'],
    ['ambiguous', file, 'const', '', 'times, not once'],
    ['not a program', file, 'INLINE_LIMIT = 64;', 'INLINE_LIMIT = ;', 'does not compile'],
  ])('that is %s is stale', (_, name, before, after, message) => {
    expect(() => mutatedModules([{ file: name, before, after }])).toThrow(StaleMutant);
    expect(() => mutatedModules([{ file: name, before, after }])).toThrow(message);
  });
});

describe('the matrix', () => {
  const matrix = readMatrix();
  const required = requirementsOfVectors();

  test('applies to the sources', () => {
    expect(matrix.mutants.length).toBeGreaterThan(250);
    for (const { edits } of matrix.mutants) mutatedModules(edits);
  });

  test('names all requirements of its areas, and no others', () => {
    expect(missing(required, matrix, () => true).withoutEntry).toEqual([]);
    expect(unknown(required, matrix)).toEqual([]);
  });

  test('notices an entry that is missing, and one that is wrong', () => {
    const some = {
      ...matrix,
      mutants: matrix.mutants.filter(({ requirement }) => requirement !== 'TREE-009'),
    };
    expect(missing(required, some, () => true).withoutEntry).toEqual(['TREE-009']);
    expect(
      unknown(['TREE-001'], { mutants: [], without: [{ requirement: 'TREE-999', reason: '' }] }),
    ).toEqual(['TREE-999']);
  });
});

describe('a result', () => {
  const mutant = { requirement: 'AREA-001', name: 'x', edits: [] };

  test.each([
    [{ killedBy: ['a/b'] }, undefined],
    [{ killedBy: ['a/b'], unanswered: ['a/c'] }, undefined],
    [{}, /^SURVIVED/],
    [{ unanswered: ['a/c'] }, /^NO ANSWER.*a\/c/],
    [{ killedBy: ['a/b'], failing: ['a/c'] }, /^FAILS WITHOUT/],
    [{ stale: 'gone' }, /^DOES NOT APPLY: gone/],
  ])('%j', (found, problem) => {
    const text = problemOf({ mutant, killedBy: [], unanswered: [], failing: [], ...found });
    if (problem === undefined) expect(text).toBeUndefined();
    else expect(text).toMatch(problem);
  });
});
