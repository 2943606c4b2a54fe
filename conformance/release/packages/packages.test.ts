import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LayoutBuilder } from '../../generate/builder/layout.ts';
import { archive, file } from '../../generate/builder/tar.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { below, type PackageFiles, tarGzOf } from '../package-files.ts';
import { commandPackage, runnerPackage } from './packages.ts';
import { countsIn, smallCases, smallRunner } from './small-runner.test.helper.ts';

const command = await commandPackage(packageRoot);
const runner = await runnerPackage(packageRoot);

function text(files: PackageFiles, name: string): string {
  return Buffer.from(files.get(name) ?? []).toString('utf8');
}

/** The files that are loaded when one of `names` is, without those that a later `import()` loads. */
function loaded(files: PackageFiles, names: readonly string[]): ReadonlySet<string> {
  const found = new Set(names);
  for (const name of found)
    for (const [, other = ''] of text(files, name).matchAll(/\b(?:from|import)"(\.[^"]+)"/g))
      found.add(join(dirname(name), other));
  return found;
}

function sizeOf(files: PackageFiles, names: Iterable<string> = files.keys()): number {
  return [...names].reduce((sum, name) => sum + (files.get(name)?.length ?? Number.NaN), 0);
}

test('the packages have the same bytes each time, and no path of the machine', async () => {
  expect(await commandPackage(packageRoot)).toEqual(command);
  for (const [name, content] of [...command, ...runner])
    if (!name.startsWith('vectors/')) expect(Buffer.from(content).includes(packageRoot), name).toBe(false);
});

test('the command and library have at most 1.5 MB', () => {
  expect(sizeOf(command)).toBeLessThan(1_500_000);
});

test('the portable entry loads nothing from Node', () => {
  const portable = [...loaded(command, ['dist/reference/index.js'])].map(name => text(command, name));
  expect(portable.length).toBeGreaterThan(5);
  expect(portable.filter(code => /\b(?:from|import)"node:/.test(code))).toEqual([]);
  const onNode = [...loaded(command, ['dist/reference/node.js'])].map(name => text(command, name));
  expect(onNode.filter(code => /\b(?:from|import)"node:/.test(code))).not.toEqual([]);
});

test('a command loads less than a third of the code', () => {
  const code = [...command.keys()].filter(name => name.endsWith('.js'));
  const needed = code.filter(name => /\/(?:main|run-[^/]*|failure-[^/]*|mkfs-[^/]*)\.js$/.test(name));
  const mkfs = loaded(command, needed);
  expect(mkfs.size).toBeGreaterThan(needed.length);
  expect(sizeOf(command, mkfs)).toBeLessThan(sizeOf(command, code) / 3);
});

test('every bundled package has its licence', () => {
  const licences = text(command, 'THIRD-PARTY-LICENSES.txt');
  for (const name of ['@noble/hashes', 'commander', 'zstddec']) expect(licences).toContain(`${name} `);
});

describe('installed by npm without a network', () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'composefs-oci-installed-'));
    put('package.json', '{"private":true,"type":"module"}');
    put('command.tgz', await tarGzOf(below('package', command)));
    put('runner.tgz', await tarGzOf(below('package', await smallRunner())));
    execFileSync('npm', ['install', '--offline', '--silent', './command.tgz', './runner.tgz'], {
      cwd: folder,
    });
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true }), 60_000);

  function put(name: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }

  function run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } } as const;
    return spawnSync(join(folder, 'node_modules/.bin', program), args, options);
  }

  test('the command starts its threads and has its decoder of zstd', () => {
    const layers = ['a', 'b'].map(name => archive(file(name, Buffer.alloc(3_000_000, name))));
    for (const compression of ['none', 'zstd'] as const) {
      const builder = new LayoutBuilder();
      builder.index(builder.image({ layers: layers.map(tar => ({ tar, compression })) }));
      for (const [name, content] of Object.entries(builder.files)) put(`${compression}/${name}`, content);
    }
    put('big', Buffer.alloc(80_000_000, 'big'));
    put(
      'show-threads.mjs',
      `import threads from 'node:worker_threads';
       import { syncBuiltinESMExports } from 'node:module';
       const { Worker } = threads;
       threads.Worker = class extends Worker {
         constructor(file, options) {
           super(file, options);
           this.once('message', message => console.error(message, String(file).replace(/.*\\/dist\\//, '')));
         }
       };
       syncBuiltinESMExports();`,
    );
    const env = { NODE_OPTIONS: '--import ./show-threads.mjs' };
    const plain = run('composefs-oci', ['digest', 'oci:none'], env);
    const zstd = run('composefs-oci', ['digest', 'oci:zstd'], env);
    const big = run('composefs-oci', ['fsverity', 'big'], env);
    expect(plain.stdout).toMatch(/^[0-9a-f]{128}\n$/);
    expect(zstd.stdout).toBe(plain.stdout);
    expect(zstd.stderr).toContain('ready reference/oci/layers/worker.js');
    expect(big.stderr).toContain('ready reference/fsverity/node/worker.js');
  });

  test('the library has its declarations', () => {
    put(
      'use.ts',
      `import { fsverityDigest, algorithm, hex } from 'composefs-oci';
       import { digestImage, nodeSha2 } from 'composefs-oci/node';
       const digest: string = hex(fsverityDigest(new Uint8Array(0), algorithm('fsverity-sha256-12'), nodeSha2));
       const image: Promise<string> = digestImage('none', {
         role: 'merged', transform: 'oci', xattrs: 'allowlist-only', algorithm: algorithm('fsverity-sha512-12'), format: 'v1',
       }).then(String);
       console.log(digest, image);`,
    );
    put(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          module: 'nodenext',
          target: 'es2023',
          strict: true,
          noEmit: true,
          types: ['node'],
          typeRoots: [join(packageRoot, 'node_modules/@types')],
        },
        files: ['use.ts'],
      }),
    );
    const tsc = spawnSync(join(packageRoot, 'node_modules/.bin/tsc'), ['-p', '.'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(tsc.stdout).toBe('');
  });

  test('the runner tests the installed command', () => {
    const impl = 'exec node_modules/.bin/composefs-oci adapter';
    const { status, stdout, stderr } = run('composefs-oci-conformance', [
      '--impl',
      impl,
      '--reporter',
      'jsonl',
    ]);
    expect([status, stderr]).toEqual([0, '']);
    expect(countsIn(stdout)).toMatchObject({ pass: smallCases, fail: 0 });
  });
});
