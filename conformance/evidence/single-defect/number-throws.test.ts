import { expect, test } from 'vitest';
import { numberThrows } from './number-throws.ts';

/** Runs `body` as a function, with the statements in `off` switched off. */
function run(body: string, off: readonly number[] = []): unknown {
  const { text } = numberThrows(body, 0);
  const singleDefect = { thrown: (number: number) => !off.includes(number) };
  Object.assign(globalThis, { singleDefect });
  try {
    return new Function('x', text)(1);
  } catch (error) {
    return `thrown: ${error}`;
  }
}

test('a statement throws unless it is switched off', () => {
  // A template that has a brace in a string of its substitution, and a semicolon in that.
  const template = `\`\${[x, '}'].join(';')}\``;
  const first = "if (x > 0)\n    throw 'first;';\nelse return 'else';";
  const body = `${first}\nif (x > 0) { throw ${template}; }\nreturn 'end';`;
  expect(numberThrows(body, 7).statements).toEqual(["throw 'first;'", `throw ${template}`]);
  expect(run(body)).toBe('thrown: first;');
  expect(run(body, [0])).toBe('thrown: 1;}');
  expect(run(body, [0, 1])).toBe('end');
});

test('the word in comments and strings is not a statement', () => {
  const body = "/**\n * throw new Error();\n */\n// throw x;\nreturn ' throw x;';";
  expect(numberThrows(body, 0)).toEqual({ text: body, statements: [] });
});
