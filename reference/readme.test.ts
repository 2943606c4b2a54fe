import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Case } from '../conformance/suite/case.ts';
import { parseChapter } from '../spec/tool/parse.ts';
import { hex } from './bytes.ts';
import { parseDumpfile } from './dumpfile/parse.ts';
import { writeErofs } from './erofs/write.ts';
import { fsverityDigest } from './fsverity/digest.ts';
import { nodeSha2 } from './hash/node/sha2.ts';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'reference/README.md'), 'utf8');
const { fences } = parseChapter('README.md', readme);
const { cases }: { cases: Case[] } = JSON.parse(readFileSync(join(root, 'vectors/index.json'), 'utf8'));

/** The program of a recipe. */
function recipe(name: string): string {
  const found = fences.find(fence => fence.name === name);
  if (found === undefined) throw new Error(`no recipe ${name}`);
  return found.content;
}

/** What a program prints. It finds the package by its name, because it runs in the package's folder. */
function run(program: string): string {
  const args = ['--input-type=module', '--eval', program];
  return execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }).trim();
}

const ALGORITHM = 'fsverity-sha256-12';

function sorted(params: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(params).sort());
}

describe('recipes', () => {
  test('are three', () => {
    expect(fences.flatMap(({ name }) => name ?? [])).toHaveLength(3);
  });

  test('digest of an image in a layout', () => {
    const request = { role: 'merged', transform: 'oci', xattrs: 'allowlist-only', format: 'v1' };
    const params = JSON.stringify({ ...request, algorithm: 'fsverity-sha256-12' });
    const test = cases.find(
      each => each.op === 'image.digest' && sorted(each.params) === sorted(JSON.parse(params)),
    );
    expect(test?.expect.outcome).toBe('accept');
    const layout = `vectors/cases/${test?.id}/${test?.input['layout']}`;
    const program = recipe('recipe-layout').replace("digestImage('layout'", `digestImage('${layout}'`);
    expect(program).toContain(layout);
    expect(test?.expect).toMatchObject({ values: { digest: run(program) } });
  });

  test('one step in a browser, where there is nothing of Node', () => {
    const folder = join('vectors/cases', 'merge/every-xattr');
    const program = `
      ${recipe('recipe-browser').replace('export async function', 'async function')}
      const { readFileSync } = await import('node:fs');
      const archive = new Blob([readFileSync('${folder}/in/0.tar')]);
      const print = console.log;
      for (const name of ['process', 'Buffer', 'global', 'setImmediate']) delete globalThis[name];
      const { dumpfile, digest } = await describe(archive);
      print(JSON.stringify({ dumpfile, digest }));`;
    const { dumpfile, digest } = JSON.parse(run(program));
    const expected = readFileSync(join(root, folder, 'expect/tree.dump'));
    expect(dumpfile).toBe(expected.toString());
    const image = Buffer.concat([
      ...writeErofs(parseDumpfile(expected), { format: 'v1', algorithm: ALGORITHM }),
    ]);
    expect(digest).toBe(hex(fsverityDigest(image, ALGORITHM, nodeSha2)));
  });

  test("a runner of one's own", () => {
    const [, passed = '', failed] =
      /^([0-9]+) passed, ([0-9]+) failed$/.exec(run(recipe('recipe-runner'))) ?? [];
    expect(Number(passed)).toBeGreaterThan(10);
    expect(failed).toBe('0');
  });
});

describe('the table of exports', () => {
  const named = (source: string) => new Set([...source.matchAll(/`(\w+)`/g)].map(([, name = '']) => name));
  const exported = (source: string) =>
    [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) =>
      names
        .split(',')
        .map(name => name.replace('type ', '').trim())
        .filter(name => name !== ''),
    );
  const [, tables = ''] = readme.split('## Exports');
  const [portable = '', onNode = ''] = tables.split('Only on Node:');

  test.each([
    ['index.ts', portable],
    ['node.ts', onNode],
  ])('has what %s exports, and nothing else', (file, table) => {
    const names = exported(readFileSync(join(root, 'reference', file), 'utf8'));
    expect(names.length).toBeGreaterThan(15);
    expect([...named(table)].sort()).toEqual(names.sort());
  });
});
