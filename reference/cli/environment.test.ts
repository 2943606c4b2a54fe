/**
 * What the environment of a command does to it is neither a rejection nor a bug: one line on stderr says what happened,
 * and the exit code says of which kind it is.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import nodeModule from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LayoutBuilder } from '../../conformance/generate/builder/layout.ts';
import { archive, file } from '../../conformance/generate/builder/tar.ts';
import { packageRoot } from '../../conformance/suite/package-root.ts';

const program = (root: string) => join(root, 'dist/reference/cli/main.js');

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'environment-'));
  // More bytes than are read without a thread.
  const layers = ['a', 'b', 'c'].map(name => ({
    tar: archive(file(name, Buffer.alloc(3_000_000, name))),
    compression: 'zstd' as const,
  }));
  put('zstd', layers);
  put(
    'plain',
    layers.map(({ tar }) => ({ tar })),
  );
  writeFileSync(join(directory, 'big'), Buffer.alloc(80_000_000, 'big'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function put(name: string, layers: NonNullable<Parameters<LayoutBuilder['image']>[0]>['layers']): void {
  const builder = new LayoutBuilder();
  builder.index(builder.image({ layers }));
  for (const [path, content] of Object.entries(builder.files)) {
    const to = join(directory, name, path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, content);
  }
}

/** Runs the command with `args` in a shell: `before` sets limits, `after` redirects. */
function run(args: string, { before = '', after = '', root = packageRoot } = {}) {
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-c', `${before} exec '${process.execPath}' '${program(root)}' ${args} ${after}`],
    { cwd: directory, encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

const oneLine = expect.stringMatching(/^error: (?!.*this is a bug)[^\n]+\n$/i);

describe('writing fails', () => {
  test.each([
    ['digest oci:plain'],
    ['tree oci:plain'],
    ['fsverity --json big'],
    ['fsck --json big'],
    ['--help'],
    ['seal --help'],
    ['--version'],
  ])('a full disk: %s', args => {
    expect(run(args, { after: '> /dev/full' })).toEqual({ status: 74, stdout: '', stderr: oneLine });
  });

  test('to stdout that cannot be written', () => {
    expect(run('digest oci:plain', { after: '1< /dev/null' })).toMatchObject({ status: 74, stderr: oneLine });
  });

  test('with --json the error is an object', () => {
    const { status, stdout } = run('tree --json oci:plain --output /dev/full');
    expect(status).toBe(74);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'REQUEST_FILE', system: 'ENOSPC' } });
  });

  test('a failure that cannot be reported still has its exit code', () => {
    expect(run('digest oci:nothing', { after: '2> /dev/full' }).status).toBe(1);
    expect(run('digest --json oci:nothing', { after: '> /dev/full' })).toEqual({
      status: 1,
      stdout: '',
      stderr: oneLine,
    });
  });

  test('the reader closed the pipe', () => {
    const { status, stderr } = spawnSync(
      'bash',
      ['-c', `set -o pipefail; '${process.execPath}' '${program(packageRoot)}' fsverity big | true`],
      { cwd: directory, encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([141, '']);
  });
});

/** Whether Node itself lacked resources: it ended by a signal, or before it could read the first module. */
function isNodeNotStarted({ status, stderr }: ReturnType<typeof run>): boolean {
  return [133, 134, 139].includes(status ?? 0) || /^node:internal\/modules\//.test(stderr);
}

describe('resources are missing', () => {
  test.each([20, 23, 30])('%d open files', files => {
    const ended = run('digest oci:zstd', { before: `ulimit -n ${files};` });
    if (isNodeNotStarted(ended)) return;
    const { status, stderr } = ended;
    // A later version of Node may need fewer files.
    if (status !== 0) expect([status, stderr]).toEqual([71, oneLine]);
  });

  test('address space for WebAssembly', () => {
    // Sizes from which Node itself starts, up to where it has room for one module and not for two.
    for (const kilobytes of [3_000_000, 10_000_000, 20_000_000]) {
      const ended = run('digest oci:zstd', { before: `ulimit -v ${kilobytes};` });
      if (isNodeNotStarted(ended)) continue;
      const { status, stderr } = ended;
      if (status !== 0) expect([status, stderr]).toEqual([71, oneLine]);
    }
  });

  test('threads', () => {
    // What Node throws under `ulimit -u 11`, which does not bind root.
    const noThreads = `
      import threads from 'node:worker_threads';
      import { syncBuiltinESMExports } from 'node:module';
      threads.Worker = function () { throw Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' }); };
      syncBuiltinESMExports();`;
    writeFileSync(join(directory, 'no-threads.mjs'), noThreads);
    for (const args of ['digest oci:plain', 'fsverity big']) {
      const expected = run(args);
      expect(expected.status).toBe(0);
      expect(run(args, { before: 'export NODE_OPTIONS="--import ./no-threads.mjs";' })).toEqual(expected);
    }
  });
});

describe('compiled code', () => {
  // Node 20 cannot keep it.
  const kept = 'enableCompileCache' in nodeModule;

  test('is kept in the cache of the user, who alone may write there', () => {
    const ended = run('--version', {
      before: 'unset NODE_DISABLE_COMPILE_CACHE; export XDG_CACHE_HOME=$PWD/cache;',
    });
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    const compiled = join(directory, 'cache/composefs-oci/compiled');
    expect(existsSync(compiled) && readdirSync(compiled).length > 0).toBe(kept);
    if (kept) expect(statSync(join(directory, 'cache/composefs-oci')).mode & 0o777).toBe(0o700);
  });

  test.each(['/proc', '$PWD/big'])('is not kept in %s, and the command works', folder => {
    const expected = run('--version');
    expect(expected.status).toBe(0);
    expect(run('--version', { before: `export XDG_CACHE_HOME=${folder};` })).toEqual(expected);
  });
});

test('without the files of worker threads, everything works in the main thread', () => {
  const root = join(directory, 'without-workers');
  cpSync(join(packageRoot, 'dist/reference'), join(root, 'dist/reference'), { recursive: true });
  symlinkSync(join(packageRoot, 'node_modules'), join(root, 'node_modules'));
  cpSync(join(packageRoot, 'package.json'), join(root, 'package.json'));
  const workers = readdirSync(join(root, 'dist/reference'), { recursive: true, encoding: 'utf8' }).filter(
    name => name.endsWith('worker.js') && !name.endsWith('start-worker.js'),
  );
  expect(workers.sort()).toEqual([
    'fsverity/node/worker.js',
    'oci/layers/worker.js',
    'store/new-objects/worker.js',
    'store/object-reader/worker.js',
  ]);
  for (const worker of workers) rmSync(join(root, 'dist/reference', worker));
  for (const args of ['digest oci:zstd', 'digest oci:plain', 'fsverity big']) {
    const expected = run(args);
    expect(expected.status).toBe(0);
    expect(run(args, { root })).toEqual(expected);
  }
  const outputs = [packageRoot, root].map((root, number) =>
    ['init', 'import', 'fsck'].map(command =>
      run(`store ${command} store-${number} ${command === 'import' ? 'oci:plain --name x' : ''}`, { root }),
    ),
  );
  expect(outputs[0]?.map(({ status }) => status)).toEqual([0, 0, 0]);
  expect(outputs[1]).toEqual(
    outputs[0]?.map(output => ({ ...output, stdout: output.stdout.replaceAll('store-0', 'store-1') })),
  );
}, 60_000);
