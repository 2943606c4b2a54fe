import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonText, type JsonValue } from './json-text.ts';

/** A JSON text of `value` with white space wherever it is allowed. */
function spaced(value: unknown, space: string): string {
  if (Array.isArray(value))
    return `${space}[${value.map(item => spaced(item, space)).join(',')}${space}]${space}`;
  if (typeof value !== 'object' || value === null) return `${space}${JSON.stringify(value)}${space}`;
  const members = Object.entries(value).map(
    ([name, member]) => `${space}${JSON.stringify(name)}${space}:${spaced(member, space)}`,
  );
  return `${space}{${members.join(',')}${space}}${space}`;
}

const space = fc.constantFrom('', ' ', '\n\t', '\r\n  ');
const names = fc.oneof(fc.constantFrom('a', 'b', 'c', '"\\', '__proto__', '\u00e9\u{1f600}'), fc.string());
const objects = fc.dictionary(names, fc.jsonValue(), { noNullPrototype: true });

test('set changes the named members and nothing else', () => {
  const values = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.oneof(fc.string(), fc.nat()));
  fc.assert(
    fc.property(objects, values, space, (object, set, white) => {
      const text = spaced({ x: object }, white);
      const json = new JsonText(text);
      json.set(['x'], set);
      const expected = new Map<string, unknown>(Object.entries(JSON.parse(text).x));
      for (const [name, value] of Object.entries(set)) expected.set(name, value);
      const result = json.result();
      expect(new Map(Object.entries(JSON.parse(result).x))).toEqual(expected);
      // Setting the same members again changes nothing.
      const again = new JsonText(result);
      again.set(['x'], set);
      expect(again.result()).toBe(result);
    }),
  );
});

test('remove removes the named members and nothing else', () => {
  fc.assert(
    fc.property(objects, fc.func(fc.boolean()), space, (object, isRemoved, white) => {
      const text = spaced(object, white);
      const json = new JsonText(text);
      const removed = new Set(Object.keys(object).filter(name => isRemoved(name)));
      json.remove([], name => removed.has(name));
      const kept = Object.entries(JSON.parse(text)).filter(([name]) => !removed.has(name));
      expect(Object.entries(JSON.parse(json.result()))).toEqual(kept);
    }),
  );
});

test.each<[string, string, Record<string, JsonValue>, string]>([
  ['an empty object', '{ \n}', { b: 'B', a: 1 }, '{"a":1,"b":"B" \n}'],
  ['an object with members', '{ "z" : 1.0 \n}', { b: 'B' }, '{ "z" : 1.0,"b":"B" \n}'],
  [
    'an object that has some of the members',
    '{"a" :\t"x" , "b":[{}] }',
    { a: 'A', c: { e: 'E', d: 'D' } },
    '{"a" :\t"A" , "b":[{}],"c":{"d":"D","e":"E"} }',
  ],
  ['an escaped name', '{"\\u0061":1}', { a: 2 }, '{"\\u0061":2}'],
])('set in %s', (_, before, values, after) => {
  const json = new JsonText(before);
  json.set([], values);
  expect(json.result()).toBe(after);
});

test('append inserts an item after the last one', () => {
  const json = new JsonText('{"m": [ 1 ,[2] ] }');
  json.append(['m'], '{}');
  expect(json.result()).toBe('{"m": [ 1 ,[2],{} ] }');
});

test('keeps every byte of a deeply nested text', () => {
  const text = `${'['.repeat(100_000)}"\u20ac\u{1f600}\\ud800"${']'.repeat(100_000)}\n`;
  expect(new JsonText(new TextEncoder().encode(text)).result()).toBe(text);
});
