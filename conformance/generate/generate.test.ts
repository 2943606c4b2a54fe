import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareFiles, readFiles, writeFiles } from './files.ts';
import { generate } from './generate.ts';
import { readRecipes } from './read-recipes.ts';
import type { Draft, Recipe } from './recipe.ts';

const root = join(import.meta.dirname, '../..');

describe('the vectors of this repository', () => {
  test('are what the recipes make, byte for byte', { timeout: 120_000 }, async () => {
    const { files, problems } = await generate({ root, recipes: await readRecipes() });
    expect(problems).toEqual([]);
    expect(compareFiles(files, await readFiles(join(root, 'vectors')))).toEqual({
      missing: [],
      different: [],
      stale: [],
    });
  });

  test('come from every file of recipes, the sources or what is built of them', async () => {
    const built: { readonly readRecipes: typeof readRecipes } = await import(
      join(root, 'dist/conformance/generate/read-recipes.js')
    );
    const sources = Object.keys(await readRecipes());
    expect(sources.length).toBeGreaterThan(40);
    expect(Object.keys(await built.readRecipes())).toEqual(sources);
  });
});

describe('generate', () => {
  let scratch: string;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'vectors-'));
    await mkdir(join(scratch, 'spec'));
    await mkdir(join(scratch, 'vectors/schema'), { recursive: true });
    for (const path of [
      'LICENSE',
      'README.md',
      'VERSION',
      'accumulated/README.md',
      'accumulated/accumulated.json',
      'accumulated/random_tree.py',
      'schema/accumulated.schema.json',
      'schema/case.schema.json',
      'schema/image-map.schema.json',
      'schema/index.schema.json',
    ]) {
      await cp(join(root, 'vectors', path), join(scratch, 'vectors', path));
    }
    await writeFile(join(scratch, 'vectors/renames.tsv'), 'old\tnew\tsince\n');
    await writeFile(
      join(scratch, 'spec/requirements.json'),
      JSON.stringify([
        { id: 'VERITY-001', since: '0.9', status: 'active' },
        { id: 'VERITY-002', since: '0.10', status: 'active' },
        { id: 'VERITY-003', since: '0.1', status: 'withdrawn' },
      ]),
    );
  });
  afterAll(() => rm(scratch, { recursive: true }));

  const good: Draft = {
    title: 'One byte has a digest',
    op: 'fsverity.digest',
    requirements: ['VERITY-001', 'VERITY-002'],
    input: { data: 'in/data' },
    params: { algorithm: 'fsverity-sha256-12' },
    expect: { outcome: 'accept', values: { digest: '0'.repeat(64) } },
    files: { 'in/data': Uint8Array.of(1) },
  };
  const bad: Draft = {
    ...good,
    title: 'An unknown algorithm is refused',
    params: { algorithm: 'md5' },
    expect: { outcome: 'reject', stage: 'request', reasons: ['REQUEST_ALGORITHM'] },
    control: 'fsverity/good',
  };
  const recipe = (id: string, draft: Draft): Recipe => ({ id, make: () => draft });
  const run = (...list: Recipe[]) => {
    return generate({ root: scratch, recipes: { 'conformance/generate/recipes/fsverity.ts': list } });
  };
  const problemsOf = async (change: Partial<Draft>, base = bad) => {
    const list = [recipe('fsverity/good', good), recipe('fsverity/other', { ...base, ...change })];
    return (await run(...list)).problems.join('\n');
  };

  test('fills in what a draft leaves out', async () => {
    const { files, problems } = await run(recipe('fsverity/good', good), recipe('fsverity/bad', bad));
    expect(problems).toEqual([]);
    const made = JSON.parse(Buffer.from(files.get('cases/fsverity/good/case.json') ?? []).toString());
    expect(made).toMatchObject({
      id: 'fsverity/good',
      since: '0.10',
      class: 'BASIC',
      control: null,
      provenance: { recipe: 'conformance/generate/recipes/fsverity.ts', confirmedBy: ['reference'] },
    });
  });

  test('writes indexes that agree with the cases', async () => {
    const { files } = await run(recipe('fsverity/good', good), recipe('fsverity/bad', bad));
    const lines = Buffer.from(files.get('index.tsv') ?? [])
      .toString()
      .split('\n');
    expect(lines.slice(1)).toEqual([
      'fsverity/bad\tfsverity.digest\t0.10\treject\tVERITY-001 VERITY-002\tdata=cases/fsverity/bad/in/data\talgorithm=md5\trequest=REQUEST_ALGORITHM',
      `fsverity/good\tfsverity.digest\t0.10\taccept\tVERITY-001 VERITY-002\tdata=cases/fsverity/good/in/data\talgorithm=fsverity-sha256-12\tdigest=${'0'.repeat(64)}`,
      '',
    ]);
    const sums = Buffer.from(files.get('SHA256SUMS') ?? []).toString();
    expect(sums).toContain(
      '4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a  cases/fsverity/good/in/data\n',
    );
    expect(sums).not.toContain('SHA256SUMS');
  });

  test('leaves what --only does not match as it is on disk, and drops what has no recipe', async () => {
    const folder = join(scratch, 'vectors');
    const before = await run(
      recipe('fsverity/good', good),
      recipe('fsverity/bad', bad),
      recipe('fsverity/gone', bad),
    );
    await writeFiles(folder, before.files, await readFiles(folder));
    const changed = { ...good, title: 'Changed' };
    const { files, problems } = await generate({
      root: scratch,
      recipes: {
        'conformance/generate/recipes/fsverity.ts': [
          recipe('fsverity/good', changed),
          recipe('fsverity/bad', changed),
        ],
      },
      only: id => id === 'fsverity/good',
    });
    expect(problems).toEqual([]);
    const { missing, different, stale } = compareFiles(files, await readFiles(folder));
    expect(missing).toEqual([]);
    expect(different).toEqual(['SHA256SUMS', 'cases/fsverity/good/case.json', 'index.json', 'index.tsv']);
    expect(stale).toEqual(['cases/fsverity/gone/case.json', 'cases/fsverity/gone/in/data']);
    await writeFiles(folder, files, await readFiles(folder));
    expect(await readdir(join(folder, 'cases/fsverity'))).toEqual(['bad', 'good']);
    await rm(join(folder, 'cases'), { recursive: true });
  });

  test.each<[string, Partial<Draft>, string]>([
    ['a long title', { title: 'x'.repeat(71) }, 'must NOT have more than 70 characters'],
    ['a title with should', { title: 'It should fail' }, 'the title states a fact'],
    ['a title with test', { title: 'A test of nothing' }, 'the title states a fact'],
    ['an unknown requirement', { requirements: ['VERITY-009'] }, 'VERITY-009 is no active requirement'],
    ['a withdrawn requirement', { requirements: ['VERITY-003'] }, 'VERITY-003 is no active requirement'],
    ['no requirement', { requirements: [] }, 'must NOT have fewer than 1 items'],
    ['a known bug without a link', { class: 'KNOWN_BUG' }, '/links must NOT have fewer than 1 items'],
    ['an unknown feature', { needs: ['speed'] }, '/needs/0 must be equal to one of the allowed values'],
    ['a control that is not there', { control: 'fsverity/none' }, 'the control fsverity/none does not exist'],
    [
      'a control that rejects',
      { control: 'fsverity/other' },
      'the control fsverity/other is not an accepted case',
    ],
    [
      'an unknown code',
      { expect: { outcome: 'reject', stage: 'request', reasons: ['REQUEST_MOOD'] } },
      'REQUEST_MOOD is no code',
    ],
    [
      'a code of another stage',
      { expect: { outcome: 'reject', stage: 'tar', reasons: ['REQUEST_ALGORITHM'] } },
      'REQUEST_ALGORITHM is no code of the stage tar',
    ],
    ['a file that is not there', { files: {} }, 'in/data is named and not there'],
    [
      'a file that nothing names',
      { files: { ...bad.files, 'in/more': Uint8Array.of() } },
      'in/more is there and not named',
    ],
    [
      'a file outside in/ and expect/',
      { files: { ...bad.files, data: Uint8Array.of() } },
      'data is no lower-case',
    ],
    [
      'a file in capitals',
      { files: { ...bad.files, 'in/Data': Uint8Array.of() } },
      'in/Data is no lower-case',
    ],
    ['a large file', { files: { 'in/data': new Uint8Array(256 * 1024 + 1) } }, 'more than 256 KiB'],
    ['a long path', { files: { [`in/${'x'.repeat(80)}`]: Uint8Array.of() } }, 'makes a path of'],
    ['a missing parameter', { params: {} }, "must have required property 'algorithm'"],
    [
      'a parameter of another operation',
      { params: { ...bad.params, role: 'merged' } },
      'property name must be valid',
    ],
    [
      'an input of another operation',
      { input: { dumpfile: 'in/data' } },
      "must have required property 'data'",
    ],
  ])('refuses %s', async (_, change, problem) => {
    expect(await problemsOf(change)).toContain(problem);
  });

  test('refuses a rejection without a control', async () => {
    const { control: _, ...without } = bad;
    expect(await problemsOf({}, without)).toContain('/control must be string');
  });

  test('refuses an expectation that lacks the value of the operation', async () => {
    expect(await problemsOf({ expect: { outcome: 'accept' } }, good)).toContain("required property 'values'");
  });

  test('refuses an id twice and an id of no area', async () => {
    const twice = await run(recipe('fsverity/good', good), recipe('fsverity/good', good));
    expect(twice.problems.join('\n')).toContain('two recipes have this id');
    const elsewhere = await run(recipe('verity/good', good));
    expect(elsewhere.problems.join('\n')).toContain('/id must match pattern');
  });

  test('refuses renames that do not fit the cases', async () => {
    const path = join(scratch, 'vectors/renames.tsv');
    await writeFile(path, 'old\tnew\tsince\nfsverity/good\tfsverity/none\t0.2\nfsverity/a\n');
    const { problems } = await run(recipe('fsverity/good', good));
    await writeFile(path, 'old\tnew\tsince\n');
    expect(problems).toEqual([
      'renames.tsv: fsverity/good is renamed and still exists',
      'renames.tsv: fsverity/none does not exist',
      'renames.tsv: "fsverity/a" has not three columns',
      'renames.tsv:  does not exist',
    ]);
  });
});
