import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trees } from '../../conformance/generate/recipes/image/parts.ts';
import { example } from '../../spec/tool/example.ts';
import { ComposefsError } from '../errors.ts';
import { bootDigestText, parseCommandLine } from './cmdline.ts';

const encoder = new TextEncoder();

test('parses the example in the specification', () => {
  const digests = parseCommandLine(encoder.encode(example('cmdline')));
  expect(digests.map(bootDigestText)).toEqual([
    `v1-sha512-12:${trees.helloBoot.sha512}`,
    `v1-sha256-12:${trees.helloBoot.sha256}`,
  ]);
});

test('accepts exactly what the grammar in the specification allows', () => {
  const rules = new Map(
    example('cmdline-grammar')
      .replace(/\n +\//g, ' /')
      .trim()
      .split('\n')
      .map(line => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf('=') + 1).trim()] as const),
  );
  const argument = new RegExp(`^${compiled('argument', rules)}$`);
  const digits = { sha256: 'ab'.repeat(32), sha512: '01'.repeat(64) };
  const texts = [
    `composefs=${digits.sha256}`,
    `composefs=?${digits.sha512}`,
    `composefs=${digits.sha256.toUpperCase()}`,
    'composefs=',
    `composefs.digest=v1-sha256-12:${digits.sha256}`,
    `composefs.digest=?v2-sha512-16:${digits.sha512}`,
    `composefs.digest=v0-x9-1:0`,
    `composefs.digest=v01-sha256-12:${digits.sha256}`,
    `composefs.digest=v1-SHA256-12:${digits.sha256}`,
    `composefs.digest=v1-sha256-:${digits.sha256}`,
    `composefs.digest=v1-sha256-12:`,
    `composefs.digest=v1-sha256-1234567890:${digits.sha256}`,
    `composefs.digest=v1234567890-sha256-12:${digits.sha256}`,
    `composefs.digest=v1-${'x'.repeat(33)}-12:${digits.sha256}`,
    `composefs.digest=${digits.sha256}`,
  ];
  for (const text of texts) expect(isAccepted(text), text).toBe(argument.test(text));
});

/** A rule of ABNF as a regular expression; supports only the operators in the example. */
function compiled(name: string, rules: ReadonlyMap<string, string>): string {
  const core: Record<string, string> = { DIGIT: '[0-9]' };
  const tokens = rules.get(name)?.match(/(?:%s)?"[^"]*"|%x\w+-\w+|\d*\*\d*|[()[\]/]|[A-Za-z]+/g) ?? [];
  let repeat = '';
  let result = '';
  const open: string[] = [];
  for (const token of tokens) {
    const range = /^%x(\w+)-(\w+)$/.exec(token);
    if (/^\d*\*\d*$/.test(token)) {
      const [least = '', most = ''] = token.split('*');
      repeat = `{${least || 0},${most}}`;
    } else if (token === '(' || token === '[') {
      open.push(token === '[' ? '?' : repeat);
      repeat = '';
      result += '(?:';
    } else if (token === ')' || token === ']') {
      result += `)${open.pop()}`;
    } else if (token === '/') {
      result += '|';
    } else {
      const item = token.endsWith('"')
        ? token.slice(token.indexOf('"') + 1, -1).replace(/[.?]/g, '\\$&')
        : range !== null
          ? `[\\x${range[1]}-\\x${range[2]}]`
          : (core[token] ?? compiled(token, rules));
      result += `${item}${repeat}`;
      repeat = '';
    }
  }
  return `(?:${result})`;
}

function isAccepted(text: string): boolean {
  try {
    parseCommandLine(encoder.encode(text));
    return true;
  } catch {
    return false;
  }
}

test('readers that treat quotes in other ways find the same arguments in a line that is accepted', () => {
  const right = `composefs=${'ab'.repeat(32)}`;
  const pieces = fc.constantFrom(right, 'composefs', '"', '"', ' ', '\n', '--', '-', 'a=');
  const isOurs = (argument: string) => /^composefs(?:\.digest)?=/.test(argument);
  const untilDashes = (split: readonly string[]) => {
    const end = split.indexOf('--');
    return split.slice(0, end < 0 ? undefined : end).filter(isOurs);
  };
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), parts => {
      const line = parts.join('');
      const spaces = line.split(/[ \n]+/);
      const quoted = line.match(/(?:"[^"]*(?:"|$)|[^ \n"])+/g) ?? [];
      const readings = [spaces, quoted].flatMap(arguments_ => {
        const bare = arguments_.map(each => each.replaceAll('"', ''));
        return [arguments_, bare].flatMap(each => [each.filter(isOurs), untilDashes(each)]);
      });
      const [first = []] = readings;
      const isSame = readings.every(each => String(each) === String(first));
      const isRight = first.length === 0 || (first.length === 1 && first[0] === right);
      expect(isAccepted(line), JSON.stringify(line)).toBe(isSame && isRight);
    }),
    { numRuns: 2000 },
  );
});

test('any bytes are accepted or rejected with an error code', () => {
  const pieces = fc.constantFrom(
    'composefs=',
    'composefs.digest=',
    '?',
    'v1-',
    'sha256-12:',
    'ab'.repeat(32),
    '"',
    ' ',
    '--',
    '\u00a0',
    '\0',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 })), { maxLength: 12 }), parts => {
      try {
        const digests = parseCommandLine(encoder.encode(parts.join('')));
        // The digests can be written and read again.
        const written = digests.map(each =>
          each.format === 'any'
            ? `composefs=${each.optional ? '?' : ''}${each.digest}`
            : `composefs.digest=${bootDigestText(each)}`,
        );
        expect(parseCommandLine(encoder.encode(written.join(' ')))).toEqual(digests);
      } catch (error) {
        expect(error).toBeInstanceOf(ComposefsError);
      }
    }),
  );
});
