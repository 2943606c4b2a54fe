import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Case, operations } from '../../conformance/suite/case.ts';
import { packageRoot } from '../../conformance/suite/package-root.ts';
import { readSuite } from '../../conformance/suite/read-suite.ts';
import { erofsFormats } from '../../reference/erofs/format-rules.ts';
import { stages } from '../../reference/errors.ts';
import { algorithms } from '../../reference/fsverity/algorithm.ts';
import { roles, transforms, xattrPolicies } from '../../reference/tree/options.ts';
import {
  type Contents,
  cellOf,
  chapter,
  codeSpans,
  codesIn,
  contentsOf,
  tableOf,
} from './tables.test.helper.ts';

/** A member of a request, as a row of the introduction describes it. */
interface Member {
  readonly operation: string;
  readonly name: string;
  readonly value: string;
  readonly absent: string;
  readonly codes: string;
}

function membersOf({ tables }: Contents): Member[] {
  return tables
    .filter(({ sections, header }) => sections.includes('Requests') && header[1] === 'member')
    .flatMap(table =>
      table.rows.flatMap(row =>
        codeSpans(cellOf(table, row, 'operation')).flatMap(operation =>
          codeSpans(cellOf(table, row, 'member')).map(name => ({
            operation,
            name,
            value: cellOf(table, row, 'value'),
            absent: cellOf(table, row, 'if absent'),
            codes: cellOf(table, row, 'error codes'),
          })),
        ),
      ),
    );
}

/** The names in the schema of cases that are relevant here. */
interface Properties {
  readonly required?: readonly string[];
  readonly properties?: object;
  readonly propertyNames?: {
    readonly enum?: readonly string[];
    readonly not?: { readonly enum: readonly string[] };
  };
}
interface Condition {
  readonly if: {
    readonly properties: { readonly op?: { readonly const?: string; readonly enum?: readonly string[] } };
  };
  readonly then: {
    readonly properties: { readonly input?: { readonly $ref: string }; readonly params?: Properties };
  };
}
interface CaseSchema {
  readonly properties: { readonly needs: { readonly items: { readonly enum: readonly string[] } } };
  readonly allOf: readonly Condition[];
  readonly $defs: Readonly<Record<string, Properties>>;
}

/** The members of an operation, sorted, each with `?` if it can be absent. */
function schemaMembers({ allOf, $defs }: CaseSchema, operation: string): string[] {
  const required = new Set<string>();
  const allowed = new Set<string>();
  const excluded = new Set<string>();
  for (const condition of allOf) {
    const { op } = condition.if.properties;
    if (op?.const !== operation && !op?.enum?.includes(operation)) continue;
    const { input, params } = condition.then.properties;
    for (const part of [$defs[input?.$ref.split('/').at(-1) ?? ''], params]) {
      for (const name of part?.required ?? []) required.add(name);
      for (const name of Object.keys(part?.properties ?? {})) allowed.add(name);
      for (const name of part?.propertyNames?.enum ?? []) allowed.add(name);
      for (const name of part?.propertyNames?.not?.enum ?? []) excluded.add(name);
    }
  }
  return [...allowed]
    .filter(name => !excluded.has(name))
    .map(name => (required.has(name) ? name : `${name}?`))
    .sort();
}

function tableMembers(members: readonly Member[], operation: string): string[] {
  return members
    .filter(member => member.operation === operation)
    .map(({ name, absent }) => (absent === 'required' ? name : `${name}?`))
    .sort();
}

/** The row to which "as for `operation`" in a row leads. */
function sameMember(members: readonly Member[], { name }: Member, cell: string): Member | undefined {
  const operation = /as for `([^`]+)`/.exec(cell)?.[1];
  return members.find(other => other.operation === operation && other.name === name);
}

/** The values that the table lists for a member: the code spans with which its cell begins. */
function valuesOf(members: readonly Member[], operation: string, name: string): string[] {
  const member = members.find(each => each.operation === operation && each.name === name);
  const same = member && sameMember(members, member, member.value);
  return codeSpans(/^(?:`[^`]+`(?:, )?)+(?! or )/.exec((same ?? member)?.value ?? '')?.[0] ?? '');
}

/** The error codes and stages that the rows of an operation have. */
function codesOf(members: readonly Member[], operation: string): string[] {
  return members
    .filter(member => member.operation === operation)
    .flatMap(member => {
      const codes = `${member.absent}; ${member.codes}`;
      const same = sameMember(members, member, member.codes);
      const ofStages = [...codes.matchAll(/those of stages? ((?:`[a-z]+`(?:, | and )?)+)/g)];
      return [
        ...codesIn(codes),
        ...ofStages.flatMap(([, list = '']) => codeSpans(list)),
        ...(same === undefined ? [] : codesOf([{ ...same, operation: 'same' }, ...members], 'same')),
      ];
    });
}

/** Error codes that cases expect and the rows of their operation do not have. */
function unlistedCodes(
  members: readonly Member[],
  cases: readonly Pick<Case, 'id' | 'op' | 'expect'>[],
): string[] {
  return cases.flatMap(({ id, op, expect }) => {
    if (expect.outcome !== 'reject') return [];
    const listed = codesOf(members, op);
    return expect.reasons
      .filter(code => !listed.includes(code) && !listed.includes(expect.stage))
      .map(code => `${id}: ${op} has no member with ${code}`);
  });
}

/** Values of accepted requests that the table does not list. */
function unlistedValues(
  members: readonly Member[],
  cases: readonly Pick<Case, 'id' | 'op' | 'expect' | 'params'>[],
): string[] {
  return cases
    .filter(({ expect }) => expect.outcome !== 'reject')
    .flatMap(({ id, op, params }) =>
      Object.entries(params).flatMap(([name, value]) => {
        const values = valuesOf(members, op, name);
        const listed = values.length === 0 || value.split(',').every(v => values.includes(v));
        return listed ? [] : [`${id}: ${name} of ${op} can't be ${value}`];
      }),
    );
}

const introduction = chapter('introduction.md');
const members = membersOf(introduction);
const schema: CaseSchema = JSON.parse(
  readFileSync(join(packageRoot, 'vectors/schema/case.schema.json'), 'utf8'),
);
const { cases } = readSuite(join(packageRoot, 'vectors'));

describe('the tables of requests', () => {
  test('list the operations', () => {
    const { rows } = tableOf(introduction, 'Requests', 'operation | result');
    expect(rows.map(({ cells }) => cells[0]).flatMap(cell => codeSpans(cell ?? ''))).toEqual(operations);
  });

  test.each(operations)('list the members of %s', operation => {
    expect(tableMembers(members, operation)).toEqual(schemaMembers(schema, operation));
  });

  test('have no row twice, and none for another operation', () => {
    const names = members.map(({ operation, name }) => `${operation} ${name}`);
    expect(names).toEqual([...new Set(names)]);
    expect(members.filter(({ operation }) => !operations.some(known => known === operation))).toEqual([]);
  });

  test('lead to the same member of another operation', () => {
    for (const member of members) {
      for (const cell of [member.value, member.codes]) {
        if (!cell.includes('as for `')) continue;
        const same = sameMember(members, member, cell);
        expect(same, `${member.operation} ${member.name}`).toBeDefined();
        expect(same?.value).not.toContain('as for');
      }
    }
  });

  test.each([
    ['erofs.write', 'format', erofsFormats],
    ['image.digest', 'format', erofsFormats],
    ['layers.tree', 'role', roles],
    ['image.digest', 'role', roles],
    ['verify', 'role', roles],
    ['seal.inline', 'roles', roles],
    ['seal.artifact', 'roles', roles],
    ['layers.tree', 'transform', transforms],
    ['image.digest', 'transform', transforms],
    ['layers.tree', 'xattrs', xattrPolicies],
    ['image.digest', 'xattrs', xattrPolicies],
  ] as const)('list the values that the reference has for %s, %s', (operation, name, values) => {
    expect(valuesOf(members, operation, name).sort()).toEqual([...values].sort());
  });

  test('list the values for which there are features', () => {
    const features = (prefix: string) =>
      schema.properties.needs.items.enum
        .filter(feature => feature.startsWith(prefix))
        .map(feature => feature.slice(prefix.length));
    expect(features('format.')).toEqual([...erofsFormats]);
    expect(['merged', ...features('role.')].sort()).toEqual([...roles].sort());
    expect(['allowlist-only', ...features('xattrs.')]).toEqual(xattrPolicies);
    expect(features('digest.sha').map(name => `fsverity-sha${name}`)).toEqual(algorithms);
  });

  test('list the values of every accepted request', () => {
    expect(unlistedValues(members, cases)).toEqual([]);
  });

  test('have the error codes of every rejected request', () => {
    expect(unlistedCodes(members, cases)).toEqual([]);
    const listed = operations.flatMap(operation => codesOf(members, operation));
    expect(listed.filter(name => !/^[A-Z]/.test(name) && !stages.some(stage => stage === name))).toEqual([]);
  });
});

describe('a wrong table of requests', () => {
  const head =
    '## Requests\n\n| operation | member | value | if absent | error codes |\n|---|---|---|---|---|\n';
  const rows = [
    '| `erofs.write` | `format` | `v1`, `v0` ([`v3`](erofs.md)) | required | - |',
    '| `erofs.write` | `data` | any | required | `REQUEST_SALT`; those of stages `tar` and `erofs` |',
    '| `erofs.read` | `data` | any | required | as for `erofs.write`; `SEAL_TAG` |',
    '| `erofs.read` | `format` | as for `erofs.write` | no format | - |',
  ];
  const tables = (...rows: string[]) => membersOf(contentsOf(head + rows.join('\n')));
  const both = '"if": {"properties": {"op": {"enum": ["erofs.read", "erofs.write"]}}}';
  const params = '{"propertyNames": {"enum": ["format", "tag"]}}';
  const untagged = '"propertyNames": {"not": {"enum": ["tag"]}}';
  const small: CaseSchema = JSON.parse(`{
    "allOf": [
      {${both}, "then": {"properties": {"input": {"$ref": "#/$defs/data"}, "params": ${params}}}},
      {"if": {"properties": {"op": {"const": "erofs.read"}}}, "then": {"properties": {"params": {${untagged}}}}},
      {"if": {"properties": {"op": {"const": "erofs.write"}}},
       "then": {"properties": {"params": {"required": ["format"], ${untagged}}}}}
    ],
    "$defs": {"data": {"required": ["data"], "properties": {"data": {}}}}
  }`);
  const one = (op: Case['op'], code: string, params: Case['params'] = {}) => {
    const stage = code.split('_')[0]?.toLowerCase() ?? '';
    return [{ id: 'erofs/x', op, params, expect: { outcome: 'reject', stage, reasons: [code] } }] as const;
  };

  test('is not one with the members of the schema', () => {
    for (const operation of ['erofs.write', 'erofs.read']) {
      expect(tableMembers(tables(...rows), operation)).toEqual(schemaMembers(small, operation));
    }
  });

  test.each([
    ['lacks a member', rows.slice(0, 3)],
    ['has a member too many', [...rows, '| `erofs.read` | `tag` | any | no tag | - |']],
    ['requires a member', rows.map(row => row.replace('no format', 'required'))],
  ])('%s', (_, rows) => {
    expect(tableMembers(tables(...rows), 'erofs.read')).not.toEqual(schemaMembers(small, 'erofs.read'));
  });

  test('lists values, not what comes after them', () => {
    expect(valuesOf(tables(...rows), 'erofs.read', 'format')).toEqual(['v1', 'v0']);
    expect(valuesOf(tables(...rows), 'erofs.read', 'data')).toEqual([]);
  });

  test.each([
    ['erofs.write', 'REQUEST_SALT', 0],
    ['erofs.write', 'EROFS_SIZE', 0],
    ['erofs.read', 'TAR_SIZE', 0],
    ['erofs.read', 'SEAL_TAG', 0],
    ['erofs.write', 'SEAL_TAG', 1],
    ['erofs.read', 'IMAGE_SIZE', 1],
  ] as const)('gives %s the code %s: %i problems', (op, code, problems) => {
    expect(unlistedCodes(tables(...rows), one(op, code))).toHaveLength(problems);
  });

  test.each([
    ['v1', 0],
    ['v0,v1', 0],
    ['v2', 1],
  ])('gives a request the value %s: %i problems', (format, problems) => {
    const accepted = {
      id: 'erofs/x',
      op: 'erofs.read',
      params: { format },
      expect: { outcome: 'accept' },
    } as const;
    expect(unlistedValues(tables(...rows), [accepted])).toHaveLength(problems);
  });
});
