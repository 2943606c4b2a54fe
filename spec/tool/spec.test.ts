import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { caseClasses, operations } from '../../conformance/suite/case.ts';
import { schemaCheck } from '../../conformance/suite/json-schema.ts';
import { stages } from '../../reference/errors.ts';
import { lint } from './lint.ts';
import { loadSpec } from './load.ts';
import { actors, areas, classes } from './vocabulary.ts';

const root = join(import.meta.dirname, '../..');
const spec = loadSpec(root);
const read = (path: string) => readFileSync(join(root, path), 'utf8');

test('the specification keeps its rules', () => {
  expect(lint(spec)).toEqual([]);
});

test('requirements.json satisfies its schema', () => {
  const check = schemaCheck('conformance/schema/requirements.schema.json');
  expect(check(spec.before)).toBeUndefined();
});

describe('the closed lists are the same everywhere', () => {
  const requirements = JSON.parse(read('conformance/schema/requirements.schema.json'));
  const cases = JSON.parse(read('vectors/schema/case.schema.json'));
  /** First cells of the table whose header begins with `header`, code marks removed. */
  const firstCells = (text: string, header: string) => {
    const [, table = ''] =
      new RegExp(`^\\| ${header} \\|.*\\n\\|[-|]+\\n((?:\\|.*\\n)+)`, 'm').exec(text) ?? [];
    return [...table.matchAll(/^\| `?([^|`]+?)`? \|/gm)].map(match => match[1]);
  };

  test('actors, classes and areas of requirements', () => {
    const { properties } = requirements.items;
    expect([...properties.actor.enum].sort()).toEqual(Object.keys(actors).sort());
    expect(properties.classes.items.enum).toEqual(classes);
    expect(requirements.$defs.id.pattern).toBe(`^(${areas.join('|')})-[0-9]{3}$`);
    expect(cases.properties.requirements.items.pattern).toBe(`^(${areas.join('|')})-[0-9]{3}$`);
    expect(firstCells(spec.introduction, 'class').map(name => name?.replace(' ', '-'))).toEqual(classes);
  });

  test('features, operations, kinds and stages of cases', () => {
    const needs: string[] = cases.properties.needs.items.enum;
    expect(firstCells(spec.introduction, 'feature').sort()).toEqual([...needs].sort());
    expect(cases.properties.op.enum).toEqual(operations);
    expect(firstCells(read('vectors/README.md'), 'operation')).toEqual(operations);
    expect(cases.properties.class.enum).toEqual(caseClasses);
    expect(cases.$defs.stage.enum).toEqual(stages);
  });
});
