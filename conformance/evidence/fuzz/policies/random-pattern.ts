/**
 * Random patterns of a policy, and paths that they match.
 * @module
 */

import type { RandomBytes } from '../../../generate/random-trees/random-bytes.ts';

/** A pattern; each call of `sample` gives a path that it matches, if it is of a usual form. */
export interface RandomPattern {
  readonly text: string;
  readonly sample: (random: RandomBytes) => string;
  /** Whether it repeats something without a limit. */
  readonly repeats?: boolean;
}

/** Few names, so that patterns meet the same paths. */
export const names = ['a', 'b', 'ab', 'a.b', 'a-b', 'lib', 'lib64', 'x', 'x.so', 'run', 'c+d', 'e_f', '0'];
/** Bytes that patterns and names have. */
const letters = ['a', 'b', 'c', 'x', '0', '.', '-', '_'];
/** Bytes that only names have. */
const oddBytes = ['\n', '\xff', ' ', '\x80', '#', '\\', '(', 'A'];

/** A pattern of the grammar of the standard. */
export function usualPattern(random: RandomBytes): RandomPattern {
  const parts = [literal('/')];
  for (let count = random.pick([1, 1, 2, 2, 2, 3]); count > 0; count--) {
    parts.push(name(random));
    if (count > 1) parts.push(literal('/'));
  }
  if (random.once(3)) parts.push(random.pick(endings)());
  return sequence(parts);
}

/** A pattern with something that the standard rejects, or that is rare. */
export function oddPattern(random: RandomBytes): RandomPattern {
  const { text, sample } = usualPattern(random);
  const piece = random.pick(oddPieces);
  const at = random.once(2) ? text.length : random.below(text.length + 1);
  const replaced = piece.replace('…', names[random.below(names.length)] ?? '');
  return {
    text: text.slice(0, at) + replaced + text.slice(at),
    sample: from => sample(from) + (from.once(3) ? from.pick(letters) : ''),
  };
}

/** A short pattern of the grammar, without slashes. */
export function shortPattern(random: RandomBytes): RandomPattern {
  return sequence(
    Array.from({ length: random.pick([1, 1, 2, 3]) }, () =>
      random.once(3) ? quantified(random, 1) : drawnClass(random),
    ),
  );
}

/** A literal with the backslashes that it needs, and sometimes others. */
export function escaped(random: RandomBytes, text: string): string {
  const needless = random.once(12);
  return text.replace(/[.^$?*+|[\](){}\\_-]/g, byte => {
    if (byte === '_' || byte === '-') return needless && random.once(2) ? `\\${byte}` : byte;
    return random.once(25) && byte === '.' ? byte : `\\${byte}`;
  });
}

function literal(text: string): RandomPattern {
  return { text, sample: () => text };
}

function sequence(parts: readonly RandomPattern[]): RandomPattern {
  return {
    text: parts.map(part => part.text).join(''),
    sample: random => parts.map(part => part.sample(random)).join(''),
    repeats: parts.some(part => part.repeats === true),
  };
}

/** One name: mostly literal. */
function name(random: RandomBytes): RandomPattern {
  const text = random.pick(names);
  const whole: RandomPattern = { text: escaped(random, text), sample: () => text };
  if (random.once(2)) return whole;
  const parts = random.once(2) ? [whole] : [];
  for (let count = random.pick([1, 1, 2]); count > 0; count--) parts.push(quantified(random, 2));
  if (random.once(3)) parts.push(whole);
  return sequence(parts);
}

/** An atom, often with a quantifier behind it. */
function quantified(random: RandomBytes, depth: number): RandomPattern {
  const { text, sample, repeats } = atom(random, depth);
  // Repeating what repeats takes exponential time in libselinux, which then gives up. Real policies hardly do it.
  const quantifier = random.pick(repeats === true ? ['', '?'] : ['', '', '*', '+', '?', '*?']);
  const [least, most] = { '': [1, 1], '*': [0, 2], '+': [1, 2], '?': [0, 1], '*?': [0, 2] }[quantifier] as [
    number,
    number,
  ];
  return {
    text: text + quantifier,
    sample: from => {
      const count = least + from.below(most - least + 1);
      return Array.from({ length: count }, () => sample(from)).join('');
    },
    repeats: repeats === true || most > 1,
  };
}

function atom(random: RandomBytes, depth: number): RandomPattern {
  switch (random.below(depth > 0 ? 7 : 5)) {
    case 0: {
      const text = random.pick(letters);
      return { text: escaped(random, text), sample: () => text };
    }
    case 1:
    case 2:
      return {
        text: '.',
        sample: from => (from.once(8) ? from.pick(oddBytes) : from.pick([...letters, '/'])),
      };
    case 3:
    case 4:
      return byteClass(random);
    default:
      return group(random, depth - 1);
  }
}

function byteClass(random: RandomBytes): RandomPattern {
  const [text, members] = random.pick<readonly [string, readonly string[]]>([
    ['[^/]', ['a', 'b', '.', '-', '\xff']],
    ['[^/]', ['a', 'x', '0', 'A', ' ']],
    ['[ab]', ['a', 'b']],
    ['[a-c]', ['a', 'b', 'c']],
    ['[0-9]', ['0', '7']],
    ['[^a]', ['b', '.', '/']],
    ['[a-b-]', ['a', '-']],
    ['[-x]', ['-', 'x']],
    ['[]x]', [']', 'x']],
    ['[^]x]', ['a', 'b']],
    ['[.+]', ['.', '+']],
    ['[\\.x]', ['.', 'x']],
    ['[a-cx-z0]', ['b', 'y', '0']],
    ['[*?(|)]', ['*', '|']],
    ['[\\]a]', [']', 'a']],
    ['[:a.]', [':', 'a', '.']],
    ['[^.x.]', ['a', 'b']],
    ['[\\\\a]', ['\\', 'a']],
    ['[!-~]', ['!', 'a', '~']],
  ]);
  return { text, sample: from => from.pick(members) };
}

const escapable = [...'$()*+-.?[\\]^_{|}'];
/** The bytes that a class can have as they are, and that a range can begin and end with. */
const ends = Array.from({ length: 0x5e }, (_, i) => String.fromCharCode(0x21 + i)).filter(
  byte => !['-', '[', '\\', ']', '^'].includes(byte),
);

/** A class with any members that the grammar has. */
function drawnClass(random: RandomBytes): RandomPattern {
  const isNegated = random.once(3);
  const parts = random.once(6) ? [random.pick([']', '-'])] : [];
  const members = [...parts];
  for (let count = 1 + random.below(4); count > 0; count--) {
    // Bytes to which an engine could give a meaning come often.
    const [a, b] = [
      random.pick(ends),
      random.once(2) ? random.pick(ends) : random.pick([':', '.', '=', '&', '~']),
    ];
    const kind = random.below(4);
    if (kind === 0 && a <= b) {
      parts.push(`${a}-${b}`);
      members.push(a, b);
    } else if (kind === 1) {
      const byte = random.pick(escapable);
      parts.push(`\\${byte}`);
      members.push(byte);
    } else {
      parts.push(b);
      members.push(b);
    }
  }
  if (random.once(6)) parts.push('-');
  const text = parts.join('');
  // Two of these bytes are an operator to some engine.
  if (/&&|~~/.test(text)) return drawnClass(random);
  return {
    text: `[${isNegated ? '^' : ''}${text}]`,
    sample: from => (isNegated ? from.pick(letters) : from.pick(members)),
  };
}

function group(random: RandomBytes, depth: number): RandomPattern {
  const branches = Array.from({ length: random.pick([1, 2, 2, 3]) }, () => {
    if (random.once(10)) return literal('');
    if (random.once(3)) {
      const text = random.pick(names);
      return { text: escaped(random, text), sample: () => text };
    }
    if (random.once(6)) return sequence([literal('/'), quantified(random, depth)]);
    return sequence(Array.from({ length: random.pick([1, 2]) }, () => quantified(random, depth)));
  });
  return {
    text: `(${branches.map(branch => branch.text).join('|')})`,
    sample: from => from.pick(branches).sample(from),
    repeats: branches.some(branch => branch.repeats === true),
  };
}

/** What many patterns of real policies end with. */
const endings: readonly (() => RandomPattern)[] = [
  () => ({ text: '(/.*)?', sample: from => (from.once(3) ? '' : `/${from.pick(names)}`) }),
  () => ({ text: '/.*', sample: from => `/${from.pick(names)}` }),
  () => ({ text: '/.+', sample: from => `/${from.pick(names)}` }),
  () => ({ text: '.*', sample: from => (from.once(2) ? '' : from.pick(names)) }),
  () => ({ text: '/?', sample: () => '' }),
  () => ({ text: '/*', sample: () => '' }),
  () => ({ text: '/*x', sample: from => from.pick(['x', '/x']) }),
  () => ({ text: '(/b)?', sample: from => from.pick(['', '/b']) }),
  () => ({ text: '\\.so(\\.[^/]*)*', sample: from => from.pick(['.so', '.so.1', '.so.1.2']) }),
];

/** `…` is replaced by a name. */
const oddPieces: readonly string[] = [
  ...[
    '|',
    '|/…',
    '|…',
    '^',
    '$',
    '($|b)',
    '\\z',
    '\\A',
    '{2}',
    '{0,1}',
    '{1,2}',
    '{,2}',
    'a{2}{2}',
    '}',
    ']',
  ],
  ...[
    '**',
    '++',
    '*+',
    '?+',
    '??',
    '+?',
    '*',
    '?',
    '(?:a|b)',
    '(?i)',
    '(?=…)',
    '(?#…)',
    '(?P<n>a)',
    '(*UTF)',
  ],
  ...['(a|b)\\1', '\\1', '\\<', '\\>', '\\/', '\\-', '\\_', '\\a', '\\d', '\\w*', '\\s', '\\b', '\\n', '\\v'],
  ...['\\x62', '\\x{ff}', '\\142', '\\u0062', '\\Q.\\E', '\\p{Lu}', '\\h', '\\R', '\\ ', '\\#', '\\!', '\\~'],
  ...['[', '(', ')', '\\', '[]', '[^]', '[a', '(a', 'a)', '[d-b]', '[a[b]c]', '[[:alpha:]]', '[:alpha:]'],
  ...[
    '[a&&b]',
    '[a--b]',
    '[a~~b]',
    '[[]',
    '[\\d]',
    '[\\w.]',
    '[a-\\.]',
    '[a-]',
    '[\\a]',
    '()',
    '(|)',
    '(a|)*',
  ],
  ...['\xe9', '\x7f', '\xff', '#', '//', '/./', '/../', '/', '%{USERNAME}', 'HOME_DIR', '"', "'", '<', '>'],
];
