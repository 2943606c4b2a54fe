import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { parseXfail } from '../suite/xfail.ts';

// `npm test` builds before it tests. What it has in common with the adapter for the C tools is tested with that one.
const adapter = join(packageRoot, 'dist/conformance/adapters/composefs-rs.js');
const digest = '5a'.repeat(32);

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'peers-'));
});
afterEach(() => rmSync(cache, { recursive: true }));

/** Puts a script where cfsctl is looked for. */
function fake(script: string): void {
  const bin = join(cache, 'composefs-oci/composefs-rs-0.9.4/bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'cfsctl'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, 'cfsctl'), 0o755);
}

function run(...ops: readonly string[]) {
  const params = { format: 'v1', algorithm: 'fsverity-sha256-12' };
  const input = { dumpfile: 'in', image: 'in', data: 'in' };
  const common = { specVersion: '1.0', input, params, outDir: cache, timeoutMs: 1000 };
  const requests = ops.map(op => ({ type: 'run', id: 'x', op, ...common }));
  const messages = [{ type: 'hello', protocol: 1, suite: '0.1.0' }, ...requests, { type: 'bye' }];
  const { status, stdout, stderr } = spawnSync(process.execPath, [adapter], {
    input: messages.map(message => `${JSON.stringify(message)}\n`).join(''),
    env: { ...process.env, XDG_CACHE_HOME: cache },
    encoding: 'utf8',
  });
  const answers: object[] = stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));
  return { status, stderr, answers };
}

test('it does not start where cfsctl is not there, and says what to do', () => {
  expect(run()).toEqual({
    status: 1,
    answers: [],
    stderr: 'cfsctl is not there: run "npm run peers -- composefs-rs" once\n',
  });
});

test('it says who it is', () => {
  fake('');
  expect(run()).toMatchObject({
    status: 0,
    answers: [{ type: 'hello', implementation: { name: 'composefs-rs', version: '0.9.4' } }],
  });
});

describe('an answer', () => {
  test.each<[string, string, string, object]>([
    ['is a digest', 'erofs.write', `echo ${digest}`, { status: 'ok', values: { digest } }],
    ['is a digest', 'fsverity.digest', `echo ${digest}`, { status: 'ok', values: { digest } }],
    [
      'is a refusal of the parser',
      'erofs.write',
      'printf "Error: Failed to parse dumpfile\\n\\nCaused by:\\n    no\\n" >&2; exit 1',
      { status: 'rejected', stage: 'dumpfile' },
    ],
    [
      'is a refusal of what is no text',
      'erofs.write',
      'echo "Error: stream did not contain valid UTF-8" >&2; exit 1',
      { status: 'rejected', stage: 'dumpfile' },
    ],
    [
      'is a refusal of the writer',
      'erofs.write',
      'echo "Error: invalid composefs filesystem: Orphaned leaves" >&2; exit 1',
      { status: 'rejected', stage: 'erofs' },
    ],
    [
      'is a refusal of the reader',
      'erofs.read',
      'echo "Error: Failed to parse image: \\"in\\"" >&2; exit 1',
      { status: 'rejected', stage: 'erofs' },
    ],
    [
      'is an error where the input can not be opened',
      'erofs.write',
      'echo "Error: Failed to open dumpfile: \\"in\\"" >&2; exit 1',
      { status: 'error' },
    ],
    [
      'is an error where the output can not be written',
      'erofs.write',
      'echo "Error: Failed to create image file: \\"out\\"" >&2; exit 1',
      { status: 'error' },
    ],
    ['is an error where the exit code is another', 'erofs.write', 'exit 2', { status: 'error' }],
  ])('%s (%s)', (_, op, script, expected) => {
    fake(script);
    expect(run(op).answers[1]).toMatchObject({ type: 'done', id: 'x', ...expected });
  });

  test('is a dumpfile in canonical spelling', () => {
    fake(
      'echo "/ 0 40755 2 0 0 0 1.5 - - -"; echo "/a 0 10644 2 0 0 0 1.5 - - -"; echo "/b 0 @120000 - - - - 0.0 /a - -"',
    );
    expect(run('erofs.read').answers[1]).toMatchObject({ status: 'ok', files: { dumpfile: 'tree.dump' } });
    expect(readFileSync(join(cache, 'tree.dump'), 'latin1')).toContain('\n/b 0 @10644 - - - - 0.0 /a - -\n');
  });

  test('is none where cfsctl panics: the adapter crashes too', () => {
    fake('echo "thread main panicked" >&2; exit 101');
    const { status, answers, stderr } = run('erofs.write');
    expect({ status, answers: answers.length }).toEqual({ status: 1, answers: 1 });
    expect(stderr).toBe('thread main panicked\nmkcomposefs crashed: exit code 101\n');
  });
});

test('the list of known failures can be read', () => {
  const path = join(packageRoot, 'conformance/adapters/composefs-rs.xfail');
  expect(() => parseXfail(readFileSync(path, 'utf8'), path)).not.toThrow();
});
