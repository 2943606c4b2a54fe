import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Automaton, type State } from './automaton.ts';
import { type Part, type Parts, parsePattern } from './pattern.ts';
import { latin, matches } from './policies.test.helper.ts';

const { pattern } = fc.letrec<{ pattern: string; part: string; atom: string }>(tie => ({
  pattern: fc.array(tie('part'), { maxLength: 4 }).map(parts => parts.join('')),
  part: fc.tuple(tie('atom'), fc.constantFrom('', '', '?', '*', '+', '+?')).map(words => words.join('')),
  atom: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a', 'b', '/', '.', '[ab]', '[^a]', '[]b-]', '\\.'),
    fc.array(tie('pattern'), { minLength: 1, maxLength: 3 }).map(branches => `(${branches.join('|')})`),
  ),
}));
const text = fc
  .array(fc.constantFrom('a', 'b', '/', '.', ']', '\xff', '\n'), { maxLength: 6 })
  .map(chars => chars.join(''));

function stateBehind(automaton: Automaton, bytes: string): State {
  let state = automaton.initial;
  for (let i = 0; i < bytes.length; i++) state = automaton.step(state, bytes.charCodeAt(i));
  return state;
}

function automatonOf(patterns: readonly string[], cache?: number): Automaton {
  const length = patterns.join('').length;
  return new Automaton(
    patterns.map(each => parsePattern(latin(each), {})),
    length,
    patterns.length,
    cache,
  );
}

/** The number of atoms other than groups that come next. */
function stepsOf(parts: Parts, bytes: string): number {
  // An atom counts if the pattern that ends before it matches; each of them is marked in turn.
  const atoms: Part[] = [];
  const collect = (part: Part): void => {
    if (part.kind === 'group') part.branches.flat().forEach(collect);
    else if (part.kind === 'repeat') collect(part.repeated);
    else atoms.push(part);
  };
  parts.forEach(collect);
  return atoms.filter(atom =>
    prefixes(parts, atom).some(prefix => matches(prefix.slice(0, -1), latin(bytes))),
  ).length;
}

/** Parts that match what `parts` match up to a match of `atom`. */
function prefixes(parts: Parts, atom: Part): Parts[] {
  return parts.flatMap((part, i) => endings(part, atom).map(ending => [...parts.slice(0, i), ...ending]));
}

function endings(part: Part, atom: Part): Parts[] {
  if (part === atom) return [[part]];
  if (part.kind === 'group') return part.branches.flatMap(branch => prefixes(branch, atom));
  if (part.kind !== 'repeat') return [];
  const before: Parts = part.by === '?' ? [] : [{ kind: 'repeat', repeated: part.repeated, by: '*' }];
  return endings(part.repeated, atom).map(ending => [...before, ...ending]);
}

test('finds the patterns that match, in as many steps as the chapter counts, however little is kept', () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 5 }), fc.array(text, { maxLength: 5 }), (patterns, texts) => {
      const automata = [automatonOf(patterns), automatonOf(patterns, 0)];
      for (const bytes of texts) {
        const parsed = patterns.map(each => parsePattern(latin(each), {}));
        const expected = parsed.flatMap((parts, i) => (matches(parts, latin(bytes)) ? [i] : []));
        const steps = parsed.reduce((sum, parts) => sum + stepsOf(parts, bytes), 0);
        for (const automaton of automata) {
          const state = stateBehind(automaton, bytes);
          expect([...state.matched].sort()).toEqual(expected);
          expect(state.next).toHaveLength(steps);
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('a pattern with an exponential number of states is matched in little memory', () => {
  const automaton = automatonOf([`/(.*)a${'.'.repeat(30)}`, `/(.*)b${'[^c]'.repeat(40)}x*`], 10_000);
  let state = automaton.initial;
  let seed = 1;
  for (let i = 0; i < 100_000; i++) {
    seed = (seed * 48271) % 2147483647;
    state = automaton.step(state, i === 0 ? 0x2f : 0x61 + ((seed >> 8) & 1));
    expect(state.next.length).toBeLessThan(100);
  }
});
