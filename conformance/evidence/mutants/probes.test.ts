import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { mutantsOf } from './mutants.ts';
import { probeRuntime } from './probe-runtime.ts';
import { withProbes } from './probes.ts';

/** The changed statements of the mutants of `source` that its run infects. */
function infected(source: string): string[] {
  const mutants = mutantsOf('x.js', source);
  const { text } = withProbes(source, new Map(), new Map(mutants.map((mutant, i) => [mutant, i])));
  const reported = new Uint8Array(mutants.length);
  runInNewContext(text, { probe: probeRuntime(reported) });
  return mutants.filter((_, i) => reported[i] === 1).map(({ after }) => after);
}

describe('probes', () => {
  test.each([
    ['f(1, 2); function f(a, b) { return a < b; }', ['return a >= b;']],
    ['f(1, 1); function f(a, b) { return a < b; }', ['return a <= b;', 'return a >= b;']],
    ['f(1, 0); function f(a, b) { if (a) b; }', ['if (false) b;', 'if (!a) b;']],
    ['f(0, 1); function f(a, b) { return a ?? b; }', ['return b;']],
    ['f("ab"); function f(a) { return a.startsWith("a"); }', ['return a.startsWith("a~");']],
    ['f("ba"); function f(a) { return a?.startsWith("a"); }', ['return a?.includes("a");']],
    ['f(); function f(a) { return a?.startsWith("a"); }', []],
    ['f(); function f() { return 1; }', ['return 0;', 'return 2;']],
    ['f([]); function f(a) { return a.some(b => b < 1); }', ['return a.every(b => b < 1);']],
    ['f("aa"); function f(a) { return /^a+$/.test(a); }', []],
    ['f("ba"); function f(a) { return /^a+$/.test(a); }', ['return /a+$/.test(a);']],
    ['const e = /^a+$/; e.exec("ab");', ['const e = /^a+/;']],
    ['"acba".split(/b+/);', ['"acba".split(/b*/);']],
    ['f(5000); function f(a) { return a > 4096; }', ['return a <= 4096;']],
  ])('tell which mutants are infected by %s', (source, expected) => {
    expect(infected(source).filter(after => after !== ';')).toEqual(expected);
  });

  test('tell which statements run', () => {
    const source = 'f(false); function f(a) { if (a) { g(); } for (;;) { if (!a) break; continue; } }';
    const removed = mutantsOf('x.js', source).filter(({ after }) => after === ';');
    expect(removed.map(({ before }) => before)).toContain('break;');
    expect(infected(source)).toContain(';');
    expect(infected('f(false); function f(a) { if (a) { g(); } }')).not.toContain(';');
  });

  test('do not repeat an effect', () => {
    const source =
      'x = 0; f(); if (x !== 3) throw x; function f() { return (x += 1) < 2 && g((x += 2) > 0); } function g(a) { return a; }';
    expect(() => infected(`let x; ${source}`)).not.toThrow();
  });

  test('leave changes alone that have an effect while the module is loaded', () => {
    const source = 'const a = 1 + 2; const f = () => 3;';
    const mutants = mutantsOf('x.js', source);
    const { observed } = withProbes(source, new Map(), new Map(mutants.map((mutant, i) => [mutant, i])));
    expect(observed.map(({ after }) => after)).toEqual(['const f = () => 2;', 'const f = () => 4;']);
  });

  test('report functions that run', () => {
    const source = 'f(); function f() { return 1; } function g() { return 2; }';
    const bodies = new Map([...source.matchAll(/\{/g)].map(({ index }, i) => [index + 1, i]));
    const { text } = withProbes(source, bodies, new Map());
    const reported = new Uint8Array(2);
    runInNewContext(text, { probe: probeRuntime(reported) });
    expect([...reported]).toEqual([1, 0]);
  });
});
