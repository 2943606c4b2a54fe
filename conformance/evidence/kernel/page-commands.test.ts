import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../suite/package-root.ts';
import { commandProblem, pageCommands } from './page-commands.ts';
import { pageCheck, walkPage } from './walk.ts';

const page = [
  'text',
  '```console',
  '$ a > b',
  '$ c',
  '> d',
  'one … three',
  '…',
  '```',
  '```text',
  '$ e',
  '```',
].join('\n');

test('the commands of a page are those in its console blocks', () => {
  expect(pageCommands(page)).toEqual([
    { command: 'a > b', output: undefined },
    { command: 'c\nd', output: 'one … three\n…' },
  ]);
  expect(() => pageCommands('```console\nc\n```\n')).toThrow('c');
});

describe('a command', () => {
  const [silent, shown] = pageCommands(page);
  if (silent === undefined || shown === undefined) throw new Error('no commands');

  test('has to succeed if the page shows no output', () => {
    expect(commandProblem(silent, { status: 0, output: 'x' })).toBeUndefined();
    expect(commandProblem(silent, { status: 1, output: '' })).toContain('status 1');
    expect(commandProblem(silent, undefined)).toContain('not run');
  });

  test('has to have the output that the page shows', () => {
    const status = (output: string) => commandProblem(shown, { status: 0, output });
    expect(status('one (two) three\nx')).toBeUndefined();
    expect(status('one\ntwo three\nx')).toContain('expected');
    expect(status('one two three')).toContain('expected');
    expect(status('one two three\nx\ny')).toContain('expected');
  });
});

test('the check of the page fails if one command does, or if one is missing', () => {
  const commands = pageCommands(readFileSync(join(packageRoot, walkPage), 'utf8'));
  expect(commands.length).toBeGreaterThan(10);
  const check = pageCheck(commands);
  const results = commands.map(({ output = '' }) => ({ output, status: 0 }));
  const status = (changed: typeof results) =>
    check.judge([{ result: { results: changed }, log: [] }])[0]?.result?.status;
  expect(status(results)).toBe('pass');
  expect(status(results.slice(0, -1))).toBe('fail');
  expect(status(results.map((each, i) => (i === 1 ? { ...each, status: 1 } : each)))).toBe('fail');
});
