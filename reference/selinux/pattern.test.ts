import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { example } from '../../spec/tool/example.ts';
import { ComposefsError } from '../errors.ts';
import { exactPath, literalStart, parsePattern, startIsOptional } from './pattern.ts';
import { latin, matches } from './policies.test.helper.ts';

function isAccepted(text: string): boolean {
  try {
    parsePattern(latin(text), {});
    return true;
  } catch (error) {
    if (error instanceof ComposefsError && error.code === 'TRANSFORM_SELINUX') return false;
    throw error;
  }
}

describe('the grammar of the specification', () => {
  const rules = new Map(
    example('selinux-grammar')
      .replace(/;.*/g, '')
      .trim()
      .split('\n')
      .filter(line => line.trim() !== '')
      .map(line => {
        const [name = '', definition = ''] = line.split(/ += /);
        return [name, definition.match(/"[^"]*"|%x[-0-9A-F]+|[a-z]+|[*()[\]/]/g) ?? []] as const;
      }),
  );

  /** Where a match of the rule `name` that starts at `at` can end. */
  function endsOfRule(name: string, text: string, at: number): ReadonlySet<number> {
    const tokens = [...(rules.get(name) as readonly string[])];
    return alternatives(tokens, text, new Set([at]));
  }

  /** Matches and removes `tokens` up to the end of a group. */
  function alternatives(tokens: string[], text: string, starts: ReadonlySet<number>): ReadonlySet<number> {
    const ends = new Set<number>();
    let current = starts;
    while (tokens.length > 0 && tokens[0] !== ')' && tokens[0] !== ']') {
      if (tokens[0] === '/') {
        tokens.shift();
        for (const end of current) ends.add(end);
        current = starts;
      } else {
        current = element(tokens, text, current);
      }
    }
    tokens.shift();
    for (const end of current) ends.add(end);
    return ends;
  }

  function element(tokens: string[], text: string, starts: ReadonlySet<number>): ReadonlySet<number> {
    const token = tokens.shift() as string;
    if (token === '*') {
      const repeated = [...tokens];
      const all = new Set(starts);
      for (let last = starts; last.size > 0; ) {
        tokens.splice(0, tokens.length, ...repeated);
        last = new Set([...element(tokens, text, last)].filter(end => !all.has(end)));
        for (const end of last) all.add(end);
      }
      return all;
    }
    if (token === '(') return alternatives(tokens, text, starts);
    if (token === '[') return new Set([...starts, ...alternatives(tokens, text, starts)]);
    if (token.startsWith('"')) return oneByte(text, starts, byte => byte === token.charCodeAt(1));
    if (token.startsWith('%x')) {
      const [low = 0, high = low] = token
        .slice(2)
        .split('-')
        .map(digits => Number.parseInt(digits, 16));
      return oneByte(text, starts, byte => byte >= low && byte <= high);
    }
    return new Set([...starts].flatMap(at => [...endsOfRule(token, text, at)]));
  }

  function oneByte(text: string, starts: ReadonlySet<number>, isMatch: (byte: number) => boolean) {
    return new Set([...starts].filter(at => isMatch(text.charCodeAt(at))).map(at => at + 1));
  }

  /** Whether the rules below the grammar may reject a pattern that matches it. */
  const mayBeExcluded = (text: string) =>
    /&&|~~|--|\[\^?\]|\[\..*\.\]/.test(text) ||
    [...text.matchAll(/(?=(.)-(.))/g)].some(([, a = '', b = '']) => a > b);

  const pieces = [
    ...'ab/-^]&~_{|}$,#',
    '.',
    '?',
    '*',
    '+',
    '(',
    '|',
    ')',
    '[',
    '[^',
    '[]',
    ']',
    '\\',
    '\\.',
    '\\-',
    'a-c',
    '(a)',
    '[ab]',
  ];

  test('decides on random patterns', () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 9 }), parts => {
        const text = parts.join('');
        const isInGrammar = endsOfRule('pattern', text, 0).has(text.length);
        if (isAccepted(text)) accepted++;
        if (!isInGrammar) expect(isAccepted(text)).toBe(false);
        else if (!mayBeExcluded(text)) expect(isAccepted(text)).toBe(true);
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  test('decides on each byte alone, escaped and in a class', () => {
    for (let byte = 0; byte < 256; byte++) {
      const char = String.fromCharCode(byte);
      for (const text of [
        char,
        `\\${char}`,
        `[a${char}]`,
        `[${char}]`,
        `[^${char}]`,
        `[\\${char}]`,
        `[${char}-~]`,
      ]) {
        if (text === '[^]' || text === '[--~]') continue;
        expect(isAccepted(text), text).toBe(endsOfRule('pattern', text, 0).has(text.length));
      }
    }
  });
});

test.each([
  ['[^]'],
  ['[]'],
  ['[a&&b]'],
  ['[%-&&]'],
  ['[~~]'],
  ['[--]'],
  ['[a--]'],
  ['[\\--]'],
  ['[b-a]'],
  ['a|b'],
  ['a++'],
  ['(?:a)'],
  ['a{2}'],
  ['^a'],
  ['a$'],
  [`${'('.repeat(51)}${')'.repeat(51)}`],
])('%s is rejected', text => {
  expect(isAccepted(text)).toBe(false);
});

test('groups can be nested 50 deep, and any number can follow one another', () => {
  expect(isAccepted(`${'('.repeat(50)}${')'.repeat(50)}`)).toBe(true);
  expect(isAccepted('()'.repeat(100))).toBe(true);
  expect(isAccepted('&&~~--')).toBe(true);
});

test.each<[string, string[], string[]]>([
  ['/a.c', ['/abc', '/a\nc', '/a\xffc'], ['/ac', '/abbc']],
  ['a\\.b', ['a.b'], ['axb']],
  ['[]a-]', [']', 'a', '-'], ['b']],
  ['[^]/]', ['a', '\xff', '\n'], [']', '/']],
  ['[a-c^]', ['a', 'b', 'c', '^'], ['d', '-']],
  ['(a|b*|)c', ['ac', 'c', 'bbc'], ['abc']],
  ['(a?)*b+?', ['b', 'aaabb'], ['', 'a']],
  ['()*', [''], ['a']],
])('%s', (pattern, matching, others) => {
  const parts = parsePattern(latin(pattern), {});
  for (const text of matching) expect(matches(parts, latin(text)), text).toBe(true);
  for (const text of others) expect(matches(parts, latin(text)), text).toBe(false);
});

test.each([
  ['/usr/(s?bin)(/.*)?', '/usr/', false],
  ['/srv/a\\.b/c*', '/srv/a.b/', false],
  ['/run/*x', '/run/', true],
  ['/run/?x', '/run/', true],
  ['/run/+x', '/run/', false],
  ['/run/x*', '/run/', false],
  ['/run/[ab]*', '/run/', false],
  ['.*', '', false],
])('the literal start of %s is "%s"', (pattern, start, isOptional) => {
  expect(literalStart(latin(pattern))).toBe(start);
  expect(startIsOptional(latin(pattern))).toBe(isOptional);
});

test('the path of an exact pattern has no backslashes', () => {
  expect(exactPath(parsePattern(latin('/a\\.b'), {}))).toBe('/a.b');
  expect(exactPath(parsePattern(latin('/a?'), {}))).toBeUndefined();
});
