import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../conformance/suite/package-root.ts';
import { readSuite } from '../../conformance/suite/read-suite.ts';
import {
  readImplementations,
  resultsTable,
  sectionsWithCases,
  verdictOn,
} from './recorded-implementations.ts';

const xattrs = { title: 'Attributes', anchor: 'attributes' };
const names = { title: 'Names', anchor: 'names' };
const implementation = {
  passes: new Set(['erofs/a', 'erofs/b']),
  passesWithoutCode: new Set(['erofs/c']),
  fails: new Map([
    ['erofs/d', [xattrs]],
    ['erofs/e', [xattrs, names]],
    ['erofs/f', []],
  ]),
};

describe('the verdict on a requirement', () => {
  const verdict = (...ids: string[]) =>
    verdictOn(
      ids.map(id => ({ id })),
      implementation,
    );

  test('counts rejections without a code as passed, and failures that the chapter lists as known', () => {
    const all = verdict('erofs/a', 'erofs/c', 'erofs/d', 'erofs/e', 'erofs/f', 'erofs/not-asked');
    expect(all).toEqual({
      asked: 5,
      passed: 2,
      withoutCode: 1,
      failed: 3,
      known: 2,
      sections: [xattrs, names],
    });
  });

  test('counts only cases of the requirement', () => {
    expect(verdict('erofs/b')).toEqual({
      ...{ asked: 1, passed: 1, withoutCode: 0 },
      ...{ failed: 0, known: 0, sections: [] },
    });
  });

  test('is missing if no case was asked', () => {
    expect(verdict('erofs/not-asked')).toBeUndefined();
    expect(verdict()).toBeUndefined();
  });
});

test('the sections of a case are those below the heading of the implementation', () => {
  const chapter = [
    ...['# Upstream', '[erofs/a]', '## One', '[erofs/a]', '### Images', '| x | [erofs/a], [erofs/b] |', ''],
    ...['### Layers', '[erofs/b-2] and [erofs/b]', '## Two', '### Images', '[erofs/a]'],
    ...['', '[erofs/a]: ../a/', '[erofs/b]: ../b/', '[erofs/b-2]: ../b-2/'],
  ].join('\n');
  const sections = sectionsWithCases(chapter, 'One');
  const anchors = [...sections].map(([id, found]) => [id, found.map(({ anchor }) => anchor)]);
  expect(Object.fromEntries(anchors)).toEqual({
    'erofs/a': ['one', 'images'],
    'erofs/b': ['images', 'layers'],
    'erofs/b-2': ['layers'],
  });
  expect(sectionsWithCases(chapter, 'Two').get('erofs/a')).toEqual([{ title: 'Images', anchor: 'images-1' }]);
  expect(sectionsWithCases(chapter, undefined).size).toBe(0);
});

test('a result of a case that changed does not count', () => {
  const { cases } = readSuite(join(packageRoot, 'vectors'));
  const changed = cases.map(found => ({ ...found, params: { ...found.params, added: 'x' } }));
  for (const { passes, passesWithoutCode, fails } of readImplementations(packageRoot, changed))
    expect([passes.size, passesWithoutCode.size, fails.size]).toEqual([0, 0, 0]);
});

test('the recorded runs have as many passes and known failures as the table of results', () => {
  const { cases } = readSuite(join(packageRoot, 'vectors'));
  const implementations = readImplementations(packageRoot, cases);
  const table = resultsTable(readFileSync(join(packageRoot, 'conformance/results/README.md'), 'utf8'));
  expect(implementations.length).toBeGreaterThan(0);
  for (const found of implementations) {
    const row = table.split('\n').find(line => line.startsWith(`| ${found.name} | `)) ?? '';
    const verdict = verdictOn(cases, found) ?? { asked: 0, passed: 0, failed: 0, known: 0 };
    const { asked, passed, failed, known } = verdict;
    expect(row).toContain(`| ${found.date} | ${asked} | ${passed} | ${known} | ${failed - known} |`);
  }
});
