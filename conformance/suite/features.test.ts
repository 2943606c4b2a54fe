import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { optionalFeatures } from './features.ts';
import { packageRoot } from './package-root.ts';

const introduction = readFileSync(join(packageRoot, 'spec/introduction.md'), 'utf8');

/** The rows of the table whose first column is called `first`, split into cells. */
function rows(first: string): string[][] {
  const [, table = ''] = introduction.split(new RegExp(`^\\| ${first} \\|.*\\n\\|[-|]+\\n`, 'm'));
  const [body = ''] = table.split('\n\n');
  return body.split('\n').map(line => line.split('|').map(cell => cell.trim()));
}

const names = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

it('optional features are those that the introduction requires of no class', () => {
  const needed = new Set(rows('class').flatMap(([, , , , features]) => names(features)));
  const all = rows('feature').flatMap(([, name]) => names(name));
  expect(needed.size).toBeGreaterThan(5);
  expect([...optionalFeatures].sort()).toEqual(all.filter(name => !needed.has(name)).sort());
});

it('the introduction calls each of them optional', () => {
  for (const [, name, text = ''] of rows('feature')) {
    const [feature = ''] = names(name);
    expect(/; (optional|no class needs it)$/.test(text), feature).toBe(optionalFeatures.includes(feature));
  }
});
