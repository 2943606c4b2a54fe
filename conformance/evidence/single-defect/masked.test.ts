import { expect, test } from 'vitest';
import type { Decision } from './check.ts';
import { explain, parseMasked } from './masked.ts';

const check = { file: 'reference/a.ts', text: 'throw x' };
const masked: Decision = { kind: 'masked', check, message: 'tar: too long (TAR_NAME)' };
const list = parseMasked('# comment\n\nlayers/a*  TAR_NAME  second  it is too long\n');

test('a case that another check rejects needs a line with the code of that check', () => {
  const decisions = new Map<string, Decision>([
    ['layers/a', masked],
    ['layers/b', { kind: 'decided' }],
  ]);
  expect(explain(decisions, list)).toEqual({ second: ['layers/a: TAR_NAME: it is too long'], problems: [] });
  const other = new Map([['layers/a', { ...masked, message: 'tar: x (TAR_SIZE)' }]]);
  expect(explain(other, list).problems).toEqual([
    'layers/a: without "throw x" in reference/a.ts, it is rejected by another check: tar: x (TAR_SIZE)',
    'masked.txt, line 3: layers/a* explains no case; remove it',
  ]);
});

test('a line without a kind is malformed', () => {
  expect(() => parseMasked('layers/a  TAR_NAME  because')).toThrow('line 1');
  expect(() => parseMasked('layers/a  TAR_NAME  other  reason')).toThrow('line 1');
});
