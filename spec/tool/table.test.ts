import { expect, test } from 'vitest';
import { cellsOf, claimsOf } from './table.ts';

const ref = (id: string) => `[${id}](x.md#${id})`;

test.each<readonly [string, readonly string[]]>([
  ['', []],
  ['none', []],
  ['`TAR_NAME`', ['TAR_NAME']],
  [`\`TAR_NAME\`, \`TAR_LIMIT\` (${ref('LAYER-001')})`, ['TAR_LIMIT LAYER-001', 'TAR_NAME LAYER-001']],
  [
    `empty: \`TAR_PAX\` (${ref('LAYER-001')}, ${ref('LAYER-002')})`,
    ['TAR_PAX LAYER-001', 'TAR_PAX LAYER-002'],
  ],
  [`\`TAR_PAX\` (${ref('LAYER-001')}); ignored otherwise`, ['TAR_PAX LAYER-001', 'ignored']],
  [`name (${ref('LAYER-001')}); ignored (${ref('LAYER-002')})`, ['ignored', 'read']],
  [`name, with \`tar\` and a NUL (${ref('LAYER-001')}, ${ref('LAYER-002')})`, ['read']],
  ['anything else', ['read']],
])('the claims of "%s"', (text, claims) => {
  expect(claimsOf(text)).toEqual(claims);
});

test('a cell is found by its row and column, and "as NAME" has the text of another column', () => {
  const cells = cellsOf('layers.md', 'field').filter(({ row }) => row === '`checksum`');
  expect(cells.map(({ column }) => column)).toEqual([
    'bytes',
    'ustar',
    'GNU',
    'v7',
    'overridden by',
    'error codes',
  ]);
  expect(new Set(cells.slice(1, 4).map(({ text }) => text)).size).toBe(1);
  expect(() => cellsOf('layers.md', 'nothing')).toThrow('no table');
});
