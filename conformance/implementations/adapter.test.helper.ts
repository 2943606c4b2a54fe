/**
 * Runs an adapter of this folder with shell scripts instead of the programs that it runs.
 * @module
 */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseKnownFailures } from '../suite/known-failures.ts';
import { packageRoot } from '../suite/package-root.ts';

/** A digest that a script may print. */
export const digest = '5a'.repeat(32);

const defaultParams = { format: 'v1', algorithm: 'fsverity-sha256-12' };

/** An adapter under test. Each test has a cache of its own, which is also the output folder. */
export interface AdapterUnderTest {
  /** Writes a shell script to the path of a program. */
  readonly fake: (program: string, script: string) => void;
  /** Writes another file into the cache. */
  readonly put: (path: string, content: string) => void;
  /** Sends a hello, the requests and a bye. The first answer is the hello of the adapter. */
  readonly run: (...requests: readonly object[]) => {
    readonly status: number | null;
    readonly stderr: string;
    readonly answers: readonly object[];
  };
  /** The answer to one request. */
  readonly answer: (op: string, params?: object, input?: object) => unknown;
  readonly request: (op: string, params?: object, input?: object) => object;
  /** The content of a file of the answer. */
  readonly output: (name: string) => string;
}

/**
 * The adapter `name`, which `npm test` builds before it runs the tests; its programs are in the folder `bin` of the
 * cache.
 */
export function adapterUnderTest(name: string, bin: string): AdapterUnderTest {
  let cache = '';
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'peers-'));
  });
  afterEach(() => rmSync(cache, { recursive: true }));

  const put = (path: string, content: string) => {
    const file = join(cache, 'composefs-oci', path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, content);
  };
  const run: AdapterUnderTest['run'] = (...requests) => {
    const messages = [{ type: 'hello', protocol: 1, suite: '0.1.0' }, ...requests, { type: 'bye' }];
    const adapter = join(packageRoot, `dist/conformance/implementations/${name}.js`);
    const { status, stdout, stderr } = spawnSync(process.execPath, [adapter], {
      input: messages.map(message => `${JSON.stringify(message)}\n`).join(''),
      env: { ...process.env, XDG_CACHE_HOME: cache },
      encoding: 'utf8',
    });
    const lines = stdout.split('\n').filter(line => line !== '');
    return { status, stderr, answers: lines.map((line): object => JSON.parse(line)) };
  };
  const request: AdapterUnderTest['request'] = (op, params = defaultParams, input = {}) => {
    const inputs = { dumpfile: 'in', image: 'in', data: 'in', layout: 'in', ...input };
    const common = { specVersion: '1.0', outDir: cache, timeoutMs: 1000 };
    return { type: 'run', id: 'x', op, input: inputs, params, ...common };
  };
  return {
    fake: (program, script) => {
      put(`${bin}/${program}`, `#!/bin/sh\n${script}\n`);
      chmodSync(join(cache, 'composefs-oci', bin, program), 0o755);
    },
    put,
    run,
    request,
    answer: (...about) => run(request(...about)).answers[1],
    output: file => readFileSync(join(cache, file), 'latin1'),
  };
}

/** Adds a test that the list of known failures of an adapter is well-formed. */
export function testKnownFailures(name: string): void {
  test('the list of known failures is well-formed', () => {
    const path = join(packageRoot, 'conformance/implementations', `${name}.xfail`);
    expect(() => parseKnownFailures(readFileSync(path, 'utf8'), path)).not.toThrow();
  });
}

/** Adds tests that hold for every adapter of `mkcomposefs` and `composefs-info`, which are run by `programs`. */
export function testTools({ fake, answer }: AdapterUnderTest, programs: readonly [string, string]): void {
  const [mkcomposefs, info] = programs;
  test('is the printed digest', () => {
    fake(mkcomposefs, `echo ${digest}`);
    fake(info, `echo ${digest}`);
    for (const op of ['erofs.write', 'fsverity.digest']) {
      expect(answer(op)).toMatchObject({ type: 'done', id: 'x', status: 'ok', values: { digest } });
    }
  });

  test('is an error for an unknown exit code', () => {
    fake(mkcomposefs, 'exit 2');
    fake(info, 'exit 2');
    expect(answer('erofs.write')).toMatchObject({ status: 'error' });
  });
}
