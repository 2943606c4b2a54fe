import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WorkDirectories } from '../../runner/run/work-directory.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { functionsIn, measureReach, Reach } from './reach.ts';
import { allMutants, moduleSources } from './run-mutants.ts';

describe('the cases that reach a change', () => {
  const source =
    'const loaded = f(); function f() { return () => { g(); }; } function g() {} class C { m() { h; } }';
  const functions = functionsIn(source);
  const [f, inner, g, m] = functions;
  if (f === undefined || inner === undefined || g === undefined || m === undefined) throw new Error('none');
  const reach = new Reach(
    new Map([['x.js', functions]]),
    new Map([
      [f, undefined],
      [inner, new Set(['a', 'b'])],
      [g, new Set(['b'])],
      [m, new Set<string>()],
    ]),
  );
  const ids = (text: string) => ['a', 'b', 'c'].filter(reach.of('x.js', source.indexOf(text)));

  test('are those that reach the innermost function', () => expect(ids('g();')).toEqual(['a', 'b']));
  test('are all outside of functions', () => expect(ids('const loaded')).toEqual(['a', 'b', 'c']));
  test('are all in a function that runs while the program is loaded', () =>
    expect(ids('return')).toEqual(['a', 'b', 'c']));
  test('are none if no case runs the function', () => expect(ids('h;')).toEqual([]));
  test('are those that use the module if one case alone runs the function', () => {
    expect(ids('g() {}')).toEqual(['a', 'b', 'c']);
    const others = new Reach(
      new Map([['x.js', [inner, g, m]]]),
      new Map([
        [inner, new Set(['a', 'b'])],
        [g, new Set(['b'])],
        [m, new Set<string>()],
      ]),
    );
    expect(['a', 'b', 'c'].filter(others.of('x.js', source.indexOf('g() {}')))).toEqual(['a', 'b']);
  });
});

describe('a measurement', () => {
  const sources = moduleSources();
  const vectors = readSuite(join(packageRoot, 'vectors'));
  const cases = vectors.cases.filter(({ id }) => /^cmdline\/|^image\/layers-1024$/.test(id));
  const mutants = allMutants().filter(({ module }) => /^(seal\/cmdline|ddi\/crc32)\.js$/.test(module));
  let folder: string;
  let work: WorkDirectories;
  let reach: Reach;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mutants-'));
    work = WorkDirectories.create(false);
    reach = await measureReach({ ...vectors, cases }, sources, mutants, join(folder, 'reach'), work, 30_000);
  }, 60_000);
  afterAll(() => {
    work.remove();
    rmSync(folder, { recursive: true });
  });
  const reaching = (module: string, text: string) => {
    const offset = sources.get(module)?.indexOf(text) ?? -1;
    expect(offset).toBeGreaterThan(0);
    return cases.map(({ id }) => id).filter(reach.of(module, offset));
  };

  test('tells the cases of different operations from each other', () => {
    const commandLines = cases.map(({ id }) => id).filter(id => id.startsWith('cmdline/'));
    const found = reaching('seal/cmdline.js', 'digest.length !== algorithmParameters[algorithm].digestSize');
    expect(found.length).toBeGreaterThan(1);
    expect(found.length).toBeLessThan(commandLines.length);
    expect(commandLines).toEqual(expect.arrayContaining(found));
    expect(reaching('tar/header.js', 'header[STAR_MARK_AT] ===')).not.toEqual(commandLines);
    expect(reaching('erofs/reader/directory.js', 'namesAt / DIRENT_SIZE')).toEqual([]);
  });

  test('tells the cases that infect a mutant', () => {
    const infecting = (before: RegExp, after: RegExp) => {
      const found = mutants.filter(each => before.test(each.before) && after.test(each.after));
      expect(found).toHaveLength(1);
      return found.flatMap(each => [...(reach.infecting(each) ?? [])]);
    };
    const length = /^if \(digest\.length !== /;
    const always = infecting(length, /^if \(true\)/);
    const never = infecting(length, /^if \(false\)/);
    // A digest has the right length, or it has not.
    expect(always).toContain('cmdline/digest-sha512');
    expect(always).not.toEqual(expect.arrayContaining(never));
    expect(never).toContain('cmdline/digest-length');
  });

  test('does not know which cases infect a mutant of what is made while the program is loaded', () => {
    const ofTable = mutants.filter(({ before }) => before.startsWith('value = (value & 1) === 0'));
    expect(ofTable.length).toBeGreaterThan(5);
    expect(ofTable.filter(each => reach.infecting(each) !== undefined)).toEqual([]);
  });
});
