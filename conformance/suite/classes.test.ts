import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ConformanceClass, conformanceClasses, needsOf } from './classes.ts';
import { packageRoot } from './package-root.ts';

const introduction = readFileSync(join(packageRoot, 'spec/introduction.md'), 'utf8');

/** The names in the last two columns of the row of `name`: required operations, and required features. */
function needsInText(name: ConformanceClass) {
  const row = new RegExp(`^\\| ${name.replace('-', ' ')} \\|(.*)$`, 'm').exec(introduction)?.[1] ?? '';
  const [operations, features] = row
    .split('|')
    .slice(1, 3)
    .map(cell => [...cell.matchAll(/`([^`]+)`/g)].map(([, span]) => span));
  return { operations, features };
}

describe('the needs of a class', () => {
  it.each(conformanceClasses)('are those in the introduction: %s', name => {
    expect(needsOf[name]).toEqual(needsInText(name));
  });
});
