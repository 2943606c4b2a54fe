import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../suite/package-root.ts';
import { allMutants } from './run-mutants.ts';

/** `npm test` builds before it tests. */
const main = join(packageRoot, 'dist/conformance/evidence/mutants/main.js');

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the command', () => {
  test('explains itself', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    for (const word of ['--random', '--seed', '--only', '--mutant', 'Exit code', 'equivalents/']) {
      expect(stdout).toContain(word);
    }
  });

  test('lists mutants without a run', () => {
    const { status, stdout } = run(
      '--list',
      '--only',
      'merge/markers.js',
      '--random',
      '3',
      '--seed',
      '1',
      '--json',
    );
    expect(status).toBe(0);
    const listed = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(listed).toHaveLength(3);
    expect(listed[0]).toMatchObject({ module: 'merge/markers.js', id: expect.stringMatching(/#\d+$/) });
  });

  test('runs one mutant again', () => {
    const { id = '' } =
      allMutants().find(({ before }) => /^throw new ComposefsError\('MERGE_WHITEOUT_NAME'/.test(before)) ??
      {};
    const { status, stdout } = run('--mutant', id, '--json');
    const [mutant, totals] = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(mutant).toMatchObject({ event: 'mutant', id, outcome: 'killed' });
    expect(totals).toMatchObject({ event: 'totals', mutants: 1, killed: 1, survived: 0, exitCode: 0 });
    expect(status).toBe(0);
  });

  test.each([
    [['--mutant', 'tar/header.js#0'], 'no mutant has the id tar/header.js#0'],
    [['--random', '0'], '--random'],
    [['extra'], 'too many arguments'],
  ])('rejects %j', (args, message) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});
