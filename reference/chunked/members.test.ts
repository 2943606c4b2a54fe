import { expect, test } from 'vitest';
import { hex } from '../bytes.ts';
import { fromBase64, Members, rejectWith } from './members.ts';

test.each([
  ['', ''],
  ['AA==', '00'],
  ['AAE=', '0001'],
  ['AAEC', '000102'],
  ['+/+/', 'fbffbf'],
])('base64 %s', (text, bytes) => expect(hex(fromBase64(text) ?? new Uint8Array(1))).toBe(bytes));

test.each(['A', 'AA', 'AAA', 'AA=', 'A===', '====', 'AB==', 'AAF=', 'AA==AA==', 'AA-_', 'AA E', 'AAE=\n'])(
  'not base64: %j',
  text => expect(fromBase64(text)).toBeUndefined(),
);

test('long base64 is read', () => {
  expect(fromBase64('A'.repeat(2 ** 24))?.length).toBe(3 * 2 ** 22);
});

test.each(['SIZE', 'Size', '\u017fize', 's\u0130ze', ''])('a member %j is rejected', name => {
  const reject = rejectWith('TOC_FORMAT', {});
  expect(() => new Members({ [name]: 1 }, new Set(['size']), reject)).toThrow('TOC_FORMAT');
});

test('members are those of the object itself', () => {
  const members = new Members({}, new Set(['size']), rejectWith('TOC_FORMAT', {}));
  expect(members.value('toString')).toBeUndefined();
  expect(members.number('size')).toBe(0);
});
