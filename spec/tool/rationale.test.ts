import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Case } from '../../conformance/suite/case.ts';

const root = join(import.meta.dirname, '../..');
const rationale = readFileSync(join(root, 'spec/rationale.md'), 'utf8');
const index: { cases: Case[] } = JSON.parse(readFileSync(join(root, 'vectors/index.json'), 'utf8'));
const cases = new Map(index.cases.map(test => [test.id, test]));

/** Rows of the tables of a section, by cell. */
function rows(section: string): string[][] {
  const [, text = ''] =
    new RegExp(`^## ${section}\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(rationale) ?? [];
  return [...text.matchAll(/^\| (.*) \|$/gm)]
    .map(match => match[1] ?? '')
    .filter(row => !/^(question|lesson|what) \|/.test(row))
    .map(row => row.split(' | '));
}

const linkedCases = (row: string) =>
  [...row.matchAll(/\/vectors\/cases\/([^)]+)\/case\.json/g)].map(match => match[1] ?? '');

/** `owner/repo#number` of an issue or a pull request. */
const threads = (text: string) =>
  [...text.matchAll(/github\.com\/([^/]+\/[^/]+)\/(?:issues|pull)\/([0-9]+)/g)].map(
    ([, repo, number]) => `${repo}#${number}`,
  );

describe('questions', () => {
  const questions = rows('Questions');

  test.each(questions)('%s', (_, requirements = '', shown = '') => {
    const ids = [...requirements.matchAll(/\[([A-Z]+-[0-9]{3})\]/g)].map(match => match[1] ?? '');
    expect(ids).not.toEqual([]);
    expect(linkedCases(shown)).not.toEqual([]);
    // The requirements are those that the cases decide, all but what a person inspects.
    const decided = new Set(linkedCases(shown).flatMap(id => cases.get(id)?.requirements ?? []));
    expect(
      ids.some(id => decided.has(id)),
      ids.join(' '),
    ).toBe(true);
  });

  test('there are many', () => expect(questions.length).toBeGreaterThan(70));
});

describe('lessons', () => {
  const lessons = rows('Lessons');

  test.each(lessons)('%s', (_, ...cells) => {
    const shown = linkedCases(cells.at(-1) ?? '');
    expect(shown).not.toEqual([]);
    for (const id of shown) expect(cases.get(id)?.class, id).toBe('KNOWN_BUG');
    const linked = shown.flatMap(id => threads((cases.get(id)?.links ?? []).join(' ')));
    if (cells.length > 1) expect(linked).toEqual(expect.arrayContaining(threads(cells[0] ?? '')));
  });

  test('there are many', () => expect(lessons.length).toBeGreaterThan(40));
});
