import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { modulesIn } from './modules.ts';
import { applied, mutantsOf, nameOf } from './mutants.ts';
import { compiledReference } from './program-copy.ts';
import { regexMutations } from './regex-mutations.ts';
import { parseModule } from './syntax.ts';

/** The statements that the mutation operators make of `source`. */
function changes(source: string): string[] {
  return mutantsOf('x.js', source).map(({ after }) => after);
}

describe('mutation operators', () => {
  test.each([
    ['x = a < b;', ['x = a <= b;', 'x = a >= b;']],
    ['x = a === b;', ['x = a !== b;']],
    ['x = a - b;', ['x = a + b;']],
    ['x = a & b;', ['x = a | b;']],
    ['x = a + "s";', []],
    ['x = !a;', ['x = a;']],
    ['x = a && b;', ['x = a || b;', 'x = a;', 'x = b;']],
    ['x = a ?? b;', ['x = a;', 'x = b;']],
    ['x = a?.b ?? 0;', ['x = a?.b ?? 1;']],
    ['x = a[i] ?? 0;', []],
    ['x = true;', ['x = false;']],
    ['x = 0;', ['x = 1;']],
    ['x = 4096n;', ['x = 4095n;', 'x = 4097n;']],
    ['x += 1;', ['x -= 1;', 'x += 0;', 'x += 2;']],
    ['x++;', ['x--;']],
    ['x = a.startsWith(b);', ['x = a.includes(b);']],
    ['x = a.startsWith("b");', ['x = a.includes("b");', 'x = a.startsWith("b~");']],
    ['x = a === "b";', ['x = a !== "b";', 'x = a === "b~";']],
    ['x = "b";', []],
    ['f("b");', []],
    ['throw new TarError("A", b - 1);', []],
    ['x = /^a+$/;', ['x = /a+$/;', 'x = /^a*$/;', 'x = /^a+/;']],
  ])('of %s', (source, expected) => {
    // The whole statement can be removed, too, if it is not a condition.
    expect(changes(source).filter(after => after !== ';')).toEqual(expected);
  });

  test('remove statements', () => {
    expect(
      changes('f(); throw e; for (;;) { continue; } class A extends B { constructor() { super(); } }'),
    ).toEqual([';', ';', ';']);
  });

  test('leave functions that the compiler adds', () => {
    expect(changes('var __f = (this && this.__f) || function (a) { return a < b; };')).toEqual([]);
  });

  test('change conditions', () => {
    expect(changes('if (f(a)) b;')).toEqual(['if (true) b;', 'if (false) b;', 'if (!(f(a))) b;']);
    expect(changes('if (!a) b;')).toEqual(['if (true) b;', 'if (false) b;', 'if ( a) b;']);
    // An endless loop is a waste of time.
    expect(changes('while (f(a)) b;')).toEqual(['while (false) b;', 'while (!(f(a))) b;']);
  });

  test('keep the structure of the expression around them', () => {
    expect(changes('y = (a || b) && c;')).toContain('y = (a || b) || c;');
    expect(changes('y = a || b && c;')).toContain('y = a || (b || c);');
    expect(changes('y = (a && b) * c;')).toContain('y = ((a || b)) * c;');
  });

  test('of regular expressions', () => {
    expect(regexMutations('^(?:[^a]?|\\?+){2,3}\\$$')).toEqual([
      '(?:[^a]?|\\?+){2,3}\\$$',
      '^(?:[a]?|\\?+){2,3}\\$$',
      '^(?:[^a]|\\?+){2,3}\\$$',
      '^(?:[^a]?|\\?*){2,3}\\$$',
      '^(?:[^a]?|\\?+){1,3}\\$$',
      '^(?:[^a]?|\\?+){3,3}\\$$',
      '^(?:[^a]?|\\?+){2,2}\\$$',
      '^(?:[^a]?|\\?+){2,4}\\$$',
      '^(?:[^a]?|\\?+){2,3}\\$',
    ]);
    expect(regexMutations('a{4}b{2,}')).toEqual(['a{3}b{2,}', 'a{5}b{2,}', 'a{4}b{1,}']);
  });
});

describe('a mutant', () => {
  const module = 'merge/markers.js';
  const source = readFileSync(join(compiledReference, module), 'utf8');
  const mutants = mutantsOf(module, source);

  test('changes exactly its text, in a module that can be read', () => {
    expect(mutants.length).toBeGreaterThan(20);
    for (const { edit } of mutants) {
      const { start, end, replacement } = edit;
      const changed = applied(source, edit);
      expect(changed).not.toBe(source);
      expect(changed.slice(0, start)).toBe(source.slice(0, start));
      expect(changed.slice(start, start + replacement.length)).toBe(replacement);
      expect(changed.slice(start + replacement.length)).toBe(source.slice(end));
      expect(() => parseModule(changed)).not.toThrow();
    }
  });

  test('is one of a fixed list, with an id and a name of its own', () => {
    expect(mutantsOf(module, source)).toEqual(mutants);
    expect(mutants.map(({ id }) => id)).toEqual(mutants.map((_, i) => `${module}#${i + 1}`));
    expect(new Set(mutants.map(nameOf)).size).toBe(mutants.length);
  });

  test('has a name that does not change with other lines, comments and blocks', () => {
    const named = (text: string) =>
      mutantsOf('x.js', text).map(({ within, before, after }) => ({ within, before, after }));
    const [found] = named('class A { #f() { if (a < b) { c(); } } }');
    expect(found).toEqual({ within: 'A.#f', before: 'if (a < b) {…}', after: 'if (true) {…}' });
    const other = named('g;\nclass A {\n  #f() {\n    if (a // why\n < b) { c(1 + d); }\n } }');
    expect(other).toContainEqual(found);
  });

  test('is numbered if another has the same texts', () => {
    const twice = mutantsOf('x.js', 'f(); f();');
    expect(twice.map(({ after, occurrence }) => [after, occurrence])).toEqual([
      [';', 1],
      [';', 2],
    ]);
  });
});

test('the modules are those that the adapter loads', () => {
  const modules = modulesIn(compiledReference);
  for (const loaded of [
    'tar/read.js',
    'seal/node/verify.js',
    'oci/layers/worker.js',
    'cli/adapter/operations.js',
  ]) {
    expect(modules).toContain(loaded);
  }
  for (const other of [
    'cli/verify.js',
    'lint/lint.js',
    'erofs/inspect.js',
    'fsverity/node/worker.js',
    'tar/fuzz.test.js',
  ]) {
    expect(modules).not.toContain(other);
  }
});
