import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../conformance/package-root.ts';
import { readSuite } from '../../conformance/suite/cases.ts';
import { parseXfail } from '../../conformance/suite/xfail.ts';

const text = readFileSync(join(packageRoot, 'spec/upstream.md'), 'utf8');
const { cases } = readSuite(join(packageRoot, 'vectors'));
const ids = cases.map(({ id }) => id);
/** What both adapters declare: a case that needs more is not asked, and can not fail. */
const declared = ['digest.sha256-12', 'format.v0', 'format.v1'];

/** A reference to a case, as `[erofs/hardlink]`. */
const CASE = /\[((?:fsverity|dumpfile|erofs|layers|merge|transform|image)\/[a-z0-9-]+)\](?!:)/g;
const DEFINITION = /^\[([^\]]+)\]: /gm;

function casesIn(part: string): string[] {
  return [...part.matchAll(CASE)].map(([, id = '']) => id);
}

/** The section of an implementation. */
function section(title: string): string {
  const found = text.split(/^## /m).find(part => part.startsWith(`${title}\n`));
  if (found === undefined) throw new Error(`there is no section ${title}`);
  return found;
}

describe('spec/upstream.md', () => {
  test.each([
    ['mkcomposefs', 'C composefs'],
    ['composefs-rs', 'composefs-rs'],
  ])('names exactly the cases that %s is known to fail', (adapter, title) => {
    const path = join(packageRoot, 'conformance/adapters', `${adapter}.xfail`);
    if (!existsSync(path)) return;
    const list = parseXfail(readFileSync(path, 'utf8'), path);
    const failing = cases
      .filter(({ id, needs }) => {
        return list.some(({ matches }) => matches(id)) && needs.every(need => declared.includes(need));
      })
      .map(({ id }) => id);
    const named = new Set(casesIn(section(title)));
    expect(failing.filter(id => !named.has(id))).toEqual([]);
    // Cases of other areas are not asked, so that no list can have them.
    const askable = [...named].filter(id => /^(?:dumpfile|erofs|fsverity)\//.test(id));
    expect(askable.filter(id => !failing.includes(id))).toEqual([]);
  });

  test('names cases that there are', () => {
    expect(casesIn(text).filter(id => !ids.includes(id))).toEqual([]);
  });

  test('has an address for every name in brackets, and no other', () => {
    const defined = [...text.matchAll(DEFINITION)].map(([, name = '']) => name);
    const body = text.slice(0, text.search(DEFINITION));
    const used = new Set([...body.matchAll(/\[([^\]]+)\](?!\()/g)].map(([, name = '']) => name));
    expect([...used].filter(name => !defined.includes(name))).toEqual([]);
    expect(defined.filter(name => !used.has(name))).toEqual([]);
    expect(new Set(defined).size).toBe(defined.length);
  });
});
