import { expect, test } from 'vitest';
import { countEntries } from './count-entries.ts';

const zeros = (blocks: number) => new Uint8Array(512 * blocks);

function header(type: string, size: string): Uint8Array {
  const block = Buffer.alloc(512);
  block.write('name');
  block.write(size, 124);
  block.write(type, 156);
  return block;
}

test('extended headers and long names are not entries', () => {
  const archive = [header('x', '00000001000\0'), zeros(1), header('0', '00000001001\0'), zeros(2)];
  expect(countEntries(Buffer.concat([...archive, header('L', '00000000005\0'), zeros(1)]))).toBe(1);
});

test('the end is two blocks of zeros, one, or none', () => {
  const file = header('0', '00000000000\0');
  expect([0, 1, 2].map(blocks => countEntries(Buffer.concat([file, file, zeros(blocks)])))).toEqual([
    2, 2, 2,
  ]);
  expect(countEntries(Buffer.concat([file, zeros(1), file]))).toBe(1);
});

test('a size that is not a number ends the counting without a result', () => {
  expect(countEntries(header('0', '9'))).toBeUndefined();
});
