import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseKnownFailures } from '../../conformance/suite/known-failures.ts';
import { packageRoot } from '../../conformance/suite/package-root.ts';
import { readSuite } from '../../conformance/suite/read-suite.ts';

const text = readFileSync(join(packageRoot, 'spec/upstream.md'), 'utf8');
const { cases } = readSuite(join(packageRoot, 'vectors'));
const ids = cases.map(({ id }) => id);
/** What the adapters declare: a case that needs more is not asked, and cannot fail. */
const declared = {
  mkcomposefs: {
    operations: ['fsverity.digest', 'erofs.write', 'erofs.read'],
    features: ['digest.sha256-12', 'format.v0', 'format.v1'],
  },
  'composefs-rs': {
    operations: [
      ...['fsverity.digest', 'erofs.write', 'erofs.read', 'layers.tree', 'image.digest'],
      ...['store.import', 'store.export', 'store.gc'],
    ],
    features: [
      'store.repository',
      ...['digest.sha256-12', 'digest.sha512-12', 'format.v0', 'format.v1'],
      ...['compression.gzip', 'compression.zstd', 'role.merged.bootable', 'xattrs.keep-user-xattrs'],
    ],
  },
} as const;

/** A reference to a case, as `[erofs/hardlink]`. */
const CASE =
  /\[((?:fsverity|dumpfile|erofs|layers|merge|transform|selinux|image|seal|verify|cmdline|ddi|toc|store)\/[a-z0-9-]+)\](?!:)/g;
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
  test.each<[keyof typeof declared, string]>([
    ['mkcomposefs', 'C composefs'],
    ['composefs-rs', 'composefs-rs'],
  ])('names exactly the cases that %s is known to fail', (adapter, title) => {
    const path = join(packageRoot, 'conformance/implementations', `${adapter}.xfail`);
    if (!existsSync(path)) return;
    const list = parseKnownFailures(readFileSync(path, 'utf8'), path);
    const operations: readonly string[] = declared[adapter].operations;
    const features: readonly string[] = declared[adapter].features;
    const asked = cases
      .filter(({ op, needs }) => operations.includes(op) && needs.every(need => features.includes(need)))
      .map(({ id }) => id);
    const failing = asked.filter(id => list.some(({ matches }) => matches(id)));
    const named = new Set(casesIn(section(title)));
    expect(failing.filter(id => !named.has(id))).toEqual([]);
    // What is not asked no list can have.
    expect(asked.filter(id => named.has(id) && !failing.includes(id))).toEqual([]);
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
