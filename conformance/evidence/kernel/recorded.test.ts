import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareKernels, kernelTopics } from '../../suite/kernel-runs.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { knownDifferences } from './known-differences.ts';
import { chapter, readRecorded, recordOf, table, tableIn } from './recorded.ts';

const runs = readRecorded();
/** The first kernel whose overlayfs compares digests. */
const COMPARES = '6.6';
const needsVerity = ['tampering', 'stacks', 'access'];

describe('the recorded runs', () => {
  test('are of several kernels, and the standard has their table', () => {
    expect(runs.length).toBeGreaterThan(1);
    expect(tableIn(readFileSync(join(packageRoot, chapter), 'utf8'))).toBe(table(runs));
  });

  test('have no failure, and skip only what is known', () => {
    for (const { kernel, findings } of runs) {
      for (const [topic, all] of Object.entries(findings)) {
        for (const [name, finding] of Object.entries(all)) {
          expect([kernel, topic, name, finding]).not.toContainEqual(expect.stringMatching(/^fail/));
          if (!finding.startsWith('skip')) continue;
          const isKnown = knownDifferences.some(
            each => each.name === name && compareKernels(kernel, each.until) < 0,
          );
          const isOld = needsVerity.includes(topic) && compareKernels(kernel, COMPARES) < 0;
          const isLargeBlocks = name.startsWith('objects, ') && name.endsWith('-16');
          expect([kernel, name, isKnown || isOld || isLargeBlocks]).toEqual([kernel, name, true]);
        }
      }
    }
  });

  test('have findings of every topic', () => {
    for (const { kernel, findings } of runs) {
      const empty = kernelTopics.filter(topic => Object.keys(findings[topic]).length === 0);
      expect([kernel, empty]).toEqual([kernel, []]);
    }
  });

  test('are of the same files and checks', () => {
    expect(new Set(runs.map(({ inputs }) => inputs)).size).toBe(1);
  });

  test('are about cases that exist', () => {
    const ids = new Set(readSuite(join(packageRoot, 'vectors')).cases.map(({ id }) => id));
    for (const { findings } of runs) {
      const names = ['images', 'trees', 'disk images', 'rejected images'].flatMap(topic =>
        Object.keys(findings[topic as keyof typeof findings]),
      );
      expect(names.filter(name => !name.startsWith('objects, ') && !ids.has(name))).toEqual([]);
    }
  });

  test('the known differences are met by a recorded kernel', () => {
    for (const { name, until } of knownDifferences) {
      const met = runs.filter(({ kernel }) => compareKernels(kernel, until) < 0);
      const found = met.flatMap(({ findings }) => Object.values(findings).map(topic => topic[name]));
      expect([name, found.some(each => each?.includes('known difference: '))]).toEqual([name, true]);
    }
  });
});

test('a record has the result and what was observed', () => {
  const { kernel, findings } = recordOf('6.12.3-cloud', 'ab', [
    { topic: 'images', name: 'a/b', result: { status: 'pass' }, observed: 'aa' },
    { topic: 'images', name: 'a/c', result: { status: 'fail', why: 'it differs' }, observed: 'bb' },
    { topic: 'rejected images', name: 'a/d', result: undefined, observed: 'EIO on mount' },
  ]);
  expect(kernel).toBe('6.12');
  expect(findings.images).toEqual({ 'a/b': 'pass: aa', 'a/c': 'fail: bb, it differs' });
  expect(findings['rejected images']).toEqual({ 'a/d': 'seen: EIO on mount' });
});
