import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../suite/package-root.ts';
import { entryText, isIn, MalformedList, parseEquivalents, readEquivalents } from './equivalents.ts';
import { exitCodeOf, resultText, totalsOf, totalsText } from './report.ts';
import { allMutants, chosen, outOfDate, runMutants, UnknownMutant } from './run-mutants.ts';

const all = allMutants();
const [first, second] = all;
if (first === undefined || second === undefined) throw new Error('there are no mutants');
const reason = '  same: a reason\n  in two lines\n';

describe('drawing', () => {
  test('depends on the seed alone', () => {
    const draw = (random: number, seed: number) => chosen(all, { random, seed }).map(({ id }) => id);
    expect(draw(20, 7)).toEqual(draw(20, 7));
    expect(draw(5, 7)).toEqual(draw(20, 7).slice(0, 5));
    expect(draw(20, 8)).not.toEqual(draw(20, 7));
  });

  test('is from all of the modules that are wanted', () => {
    const drawn = chosen(all, { random: 30, seed: 1, only: 'tar/*' });
    expect(drawn).toHaveLength(30);
    expect(drawn.every(({ module }) => module.startsWith('tar/'))).toBe(true);
  });

  test('is replaced by ids', () => {
    expect(chosen(all, { random: 9, seed: 1, ids: [second.id, first.id] })).toEqual([second, first]);
    expect(() => chosen(all, { random: 9, seed: 1, ids: ['tar/header.js#0'] })).toThrow(UnknownMutant);
  });
});

describe('the list of equivalents', () => {
  test('is read as it is printed', () => {
    const text = `# a comment\n\n${entryText(first)}${reason}\n\n# another\n${entryText({ ...second, occurrence: 2 })}  why\n`;
    const { module, within, before, after } = first;
    expect(parseEquivalents(text, 'tar.txt').changes).toEqual([
      {
        ...{ module, within, before, after, occurrence: 1 },
        reason: 'same: a reason in two lines',
        place: 'tar.txt:3',
      },
      expect.objectContaining({ before: second.before, occurrence: 2, reason: 'why', place: 'tar.txt:11' }),
    ]);
  });

  test('can name a whole module or function', () => {
    const { code } = parseEquivalents(
      'a.js *\n  message: a text\n\na.js C.f *\n  resources: time\n',
      'tar.txt',
    );
    expect(code).toEqual([
      { module: 'a.js', reason: 'message: a text', place: 'tar.txt:1' },
      { module: 'a.js', within: 'C.f', reason: 'resources: time', place: 'tar.txt:4' },
    ]);
    const places = ['C.f', 'C.f.inner', 'C.fg', 'C'];
    const inFunction = places.filter(within => isIn({ module: 'a.js', within }, code[1] ?? never()));
    expect(inFunction).toEqual(['C.f', 'C.f.inner']);
    expect(isIn({ module: 'a.js', within: '' }, code[0] ?? never())).toBe(true);
    expect(isIn({ module: 'b.js', within: 'C.f' }, code[0] ?? never())).toBe(false);
    expect(() => parseEquivalents('a.js *\n', 'tar.txt')).toThrow(MalformedList);
  });

  test.each([
    ['an entry without a reason', entryText(first), /^tar\.txt:1: a reason must follow/],
    ['a reason that is not indented', `${entryText(first)}same\n`, /^tar\.txt:1: a reason must follow/],
    ['a place without a function', 'tar/path.js\n- a\n+ b\n  c\n', /^tar\.txt:1: the first line must be/],
    ['no text after the change', 'tar/path.js f\n- a\n  b\n', /^tar\.txt:1: the second line must/],
    [
      'an entry twice',
      `${entryText(first)}${reason}\n${entryText(first)}${reason}`,
      /^tar\.txt:7: .* already/,
    ],
  ])('rejects %s', (_, text, message) => {
    expect(() => parseEquivalents(text, 'tar.txt')).toThrow(MalformedList);
    expect(() => parseEquivalents(text, 'tar.txt')).toThrow(message);
  });

  test('is up to date', () => {
    const lists = readEquivalents(join(packageRoot, 'conformance/evidence/mutants/equivalents'));
    expect(outOfDate(lists, all)).toEqual([]);
  });
});

describe('a run', () => {
  const death = { by: 'merge/x', status: 'fail', message: 'differs\nin detail' };
  const judges = [{ judge: async () => undefined }, { judge: () => setTimeout(20).then(() => undefined) }];
  const list = (text: string) => parseEquivalents(text, 'tar.txt');
  const none = list('');

  test('shows the results in the order of the mutants', async () => {
    const shown: string[] = [];
    const some = all.slice(0, 6);
    const results = await runMutants(some, judges.toReversed(), none, ({ mutant }) => shown.push(mutant.id));
    expect(shown).toEqual(some.map(({ id }) => id));
    expect(results.map(({ mutant }) => mutant)).toEqual(some);
  });

  test('fails for a survivor unless that is on the list', async () => {
    const survived = await runMutants([first], judges, none, () => {});
    expect(exitCodeOf(totalsOf(survived, [], []))).toBe(1);
    expect(resultText(survived[0] ?? never())).toContain('SURVIVED');
    const listed = await runMutants([first], judges, list(entryText(first) + reason), () => {});
    expect(totalsOf(listed, [], [])).toMatchObject({ mutants: 1, killed: 0, equivalent: 1, survived: 0 });
    expect(exitCodeOf(totalsOf(listed, [], []))).toBe(0);
    expect(resultText(listed[0] ?? never())).toContain('equivalent: same: a reason in two lines');
  });

  test('fails for an entry whose mutant is killed', async () => {
    const killer = [{ judge: async () => death }];
    const results = await runMutants(
      [first, second],
      killer,
      list(`\n${entryText(first)}${reason}`),
      () => {},
    );
    const totals = totalsOf(results, [], ['b', 'a', 'b']);
    expect(totals).toMatchObject({
      killed: 2,
      equivalent: 0,
      outOfDate: ['tar.txt:2'],
      notCounted: ['a', 'b'],
    });
    expect(exitCodeOf(totals)).toBe(1);
    expect(resultText(results[1] ?? never())).toMatch(/\n {2}killed by merge\/x \(fail\): differs\n$/);
  });

  test('does not fail if a mutant of a whole module on the list is killed', async () => {
    const killer = [{ judge: async () => death }];
    const whole = list(`${first.module} *\n${reason}`);
    const results = await runMutants([first], killer, whole, () => {});
    expect(totalsOf(results, outOfDate(whole, all), [])).toMatchObject({ killed: 1, outOfDate: [] });
    const survived = await runMutants([first], judges, whole, () => {});
    expect(totalsOf(survived, [], [])).toMatchObject({ equivalent: 1, survived: 0 });
    expect(outOfDate(list(`no/such.js *\n${reason}`), all)).toHaveLength(1);
  });

  test('fails for an entry that no longer applies', () => {
    const entries = list(`${entryText({ ...first, before: 'const a = 1;' })}${reason}`);
    const missing = outOfDate(entries, all);
    expect(missing).toEqual(entries.changes);
    const totals = totalsOf([], missing, []);
    expect(exitCodeOf(totals)).toBe(1);
    expect(totalsText(totals, 'lists')).toContain('lists/tar.txt:1: no such mutant');
  });
});

function never(): never {
  throw new Error('there is no result');
}
