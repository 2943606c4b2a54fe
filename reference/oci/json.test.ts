import { expect, test } from 'vitest';
import { parseJson, quoted } from './json.ts';

const parse = (text: string) => parseJson(Buffer.from(text), { file: 'x' });

test('parses JSON', () => {
  expect(parse('{"a":[1,{"b":"}\\"{:"}],"c":{"a":null}}')).toEqual({
    a: [1, { b: '}"{:' }],
    c: { a: null },
  });
  expect(parse(' "a:b" ')).toBe('a:b');
  // The same name in two objects, and a value equal to a name.
  expect(parse('[{"a":"a"},{"a":"\\\\"}]')).toEqual([{ a: 'a' }, { a: '\\' }]);
});

test.each([['{"a":1,"a":1}'], ['{"a":{"b":1},"c":[{"d":1,"e":{"d":2},"d":3}]}'], ['{"a":1,"\\u0061":2}']])(
  'rejects two members of the same name: %s',
  text => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'IMAGE_JSON' }));
  },
);

test.each([['{'], [''], ['{"a":01}'], ['[1,]'], ['\ufeff{}'], ["{'a':1}"], ['NaN']])(
  'rejects text that is not JSON: %s',
  text => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'IMAGE_JSON' }));
  },
);

test('rejects bytes that are not UTF-8', () => {
  expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]), {})).toThrow(
    expect.objectContaining({ code: 'IMAGE_JSON' }),
  );
});

test('a number that is not written in digits only becomes one that no schema accepts', () => {
  const numbers = '[1.0, 1e2, -1, -0, 1E+2, 0, 180, "1.5", "\\"2.5", {"3.5": 4.5}]';
  expect(parse(numbers)).toEqual([-0.5, -0.5, -0.5, -0.5, -0.5, 0, 180, '1.5', '"2.5', { '3.5': -0.5 }]);
});

test('parses deep and long documents', () => {
  const deep = `${'['.repeat(1e6)}${']'.repeat(1e6)}`;
  expect(() => parse(deep)).not.toThrow();
  expect(parse(`"${'\\n'.repeat(2e6)}"`)).toHaveLength(2e6);
});

test('quoted text is one line of printable ASCII', () => {
  expect(quoted('a"\n\u009b\u202e\u{1f600}')).toBe('"a\\"\\n\\u009b\\u202e\\ud83d\\ude00"');
  expect(quoted('\x1b'.repeat(1_000_000)).length).toBeLessThan(3000);
});
