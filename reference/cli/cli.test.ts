import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { blobPath, digestOf, LayoutBuilder, tag } from '../../conformance/generate/builder/layout.ts';
import { file } from '../../conformance/generate/builder/tar.ts';
import { bonjour, boot, goodbye, hello, trees } from '../../conformance/generate/recipes/image/parts.ts';
import { hex } from '../bytes.ts';
import { algorithms } from '../fsverity/algorithm.ts';
import { fsverityDigest } from '../fsverity/digest.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';

// The built program: `npm test` builds it first.
const built = join(dirname(fileURLToPath(import.meta.url)), '../../dist/reference/cli');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cli-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const path = (name: string) => join(directory, name);

/** Runs the program in the directory of the test. */
function run(args: readonly string[], input = '') {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(built, 'main.js'), ...args], {
    cwd: directory,
    input,
    encoding: 'latin1',
  });
  return { stdout, stderr, status };
}

function putLayout(builder: LayoutBuilder): void {
  for (const [name, content] of Object.entries(builder.files)) {
    mkdirSync(dirname(path(`layout/${name}`)), { recursive: true });
    writeFileSync(path(`layout/${name}`), content);
  }
}

/** Writes a layout with two tagged images. */
function twoImages(): void {
  const builder = new LayoutBuilder();
  putLayout(
    builder.index(
      builder.image({ layers: [{ tar: hello }, { tar: goodbye }], descriptor: tag('a/b:1') }),
      builder.image({ layers: [{ tar: bonjour }], descriptor: tag('french') }),
    ),
  );
}

/** Writes a layout with an image whose second layer is rejected. */
function brokenImage(): string {
  const builder = new LayoutBuilder();
  const broken = file('etc/name/below');
  putLayout(builder.index(builder.image({ layers: [{ tar: hello }, { tar: broken }] })));
  return blobPath(digestOf(broken));
}

const sha256 = ['--algorithm', 'fsverity-sha256-12'];

test('digest prints the digest', () => {
  twoImages();
  const good = { status: 0, stderr: '' };
  expect(run(['digest', ...sha256, 'oci:layout:a/b:1'])).toEqual({
    ...good,
    stdout: `${trees.helloGoodbye.sha256}\n`,
  });
  expect(run(['digest', 'oci:layout:french'])).toEqual({ ...good, stdout: `${trees.bonjour.sha512}\n` });
  const { stdout } = run(['digest', '--json', `oci:${path('layout')}:french`]);
  expect(JSON.parse(stdout)).toEqual({
    digest: trees.bonjour.sha512,
    format: 'v1',
    algorithm: 'fsverity-sha512-12',
    role: 'merged',
    transform: 'oci',
    xattrs: 'allowlist-only',
  });
});

test('digest --role layer uses transform none by default', () => {
  const builder = new LayoutBuilder();
  putLayout(builder.index(builder.image({ layers: [{ tar: hello }] })));
  expect(run(['digest', ...sha256, '--role', 'layer', 'oci:layout']).stdout).toBe(
    `${trees.helloUntransformed.sha256}\n`,
  );
  const { status, stderr } = run(['digest', '--role', 'layer', '--transform', 'oci', 'oci:layout']);
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^error: request: .* \(REQUEST_ROLE\)\n$/)]);
});

test('digest --role merged.bootable', { timeout: 20_000 }, () => {
  const builder = new LayoutBuilder();
  putLayout(builder.index(builder.image({ layers: [{ tar: hello }, { tar: boot }] })));
  expect(run(['digest', '--role', 'merged.bootable', 'oci:layout'])).toEqual({
    status: 0,
    stderr: '',
    stdout: `${trees.helloBoot.sha512}\n`,
  });
  const rejected = run(['digest', '--role', 'merged.bootable', '--transform', 'none', 'oci:layout']);
  expect(rejected).toMatchObject({ status: 2, stderr: expect.stringContaining('REQUEST_ROLE') });
});

test('--max-size and --max-expansion limit the length of layers', { timeout: 20_000 }, () => {
  twoImages();
  const size = hello.length + goodbye.length;
  expect(run(['digest', '--max-size', `${size}`, 'oci:layout:a/b:1']).status).toBe(0);
  const rejected = run(['digest', '--max-size', `${size - 1}`, 'oci:layout:a/b:1']);
  expect(rejected).toMatchObject({ status: 1, stderr: expect.stringContaining('COMPRESSION_LIMIT') });
  expect(run(['digest', '--max-expansion', '1', 'oci:layout:a/b:1']).status).toBe(0);
  expect(run(['digest', '--max-expansion', '1.5', 'oci:layout:a/b:1']).status).toBe(2);
  const unused = run(['mkfs', 'x.dump', '--max-size', '1', '--output', 'x']);
  expect(unused).toMatchObject({ status: 2, stderr: expect.stringContaining('--max-size only applies to') });
});

test('tree, mkfs and dump convert between an image, its EROFS image and its dumpfile', () => {
  twoImages();
  expect(run(['tree', 'oci:layout:french']).stdout).toBe(trees.bonjour.dumpfile);
  expect(run(['tree', 'oci:layout:french', '--output', 'x.dump'])).toEqual({
    status: 0,
    stdout: '',
    stderr: '',
  });
  expect(readFileSync(path('x.dump'), 'latin1')).toBe(trees.bonjour.dumpfile);
  expect(run(['mkfs', ...sha256, 'x.dump', '--output', 'x.erofs']).stdout).toBe(`${trees.bonjour.sha256}\n`);
  expect(run(['mkfs', ...sha256, '-', '--output', 'y.erofs'], trees.bonjour.dumpfile).status).toBe(0);
  expect(run(['mkfs', ...sha256, 'oci:layout:french', '--output', 'z.erofs']).status).toBe(0);
  const images = ['x', 'y', 'z'].map(name => readFileSync(path(`${name}.erofs`)));
  expect(images.every(image => image.equals(images[0] ?? Buffer.alloc(0)))).toBe(true);
  expect(run(['dump', 'x.erofs']).stdout).toBe(trees.bonjour.dumpfile);
  expect(JSON.parse(run(['dump', 'x.erofs', '--json', '--output', 'y.dump']).stdout)).toEqual({
    output: 'y.dump',
    size: trees.bonjour.dumpfile.length,
  });
});

test.each([
  // The digests that mkcomposefs 1.0.8 and composefs-rs 0.9.4 compute for a tree of only the root.
  ['v0', '8f589e8f57ecb88823736b0d857ddca1e1068a23e264fad164b28f7038eb3682'],
  ['v2', '086b702a519b57d6ef5aea6f8b3f2be24355cd1fb835cd80fb4e3d388b24d5a5'],
])('mkfs writes format %s, and dump reads it', (format, digest) => {
  const args = ['--format', format, '--algorithm', 'fsverity-sha256-12', '--output', 'x.erofs'];
  expect(run(['mkfs', '-', ...args], trees.empty.dumpfile).stdout).toBe(`${digest}\n`);
  expect(run(['dump', 'x.erofs']).stdout).toBe(trees.empty.dumpfile);
});

// Computed with fsverity-utils 1.6.
const helloWorld = '1e2eaa4202d750a41174ee454970b92c1bc2f925b1e35076d8c7d5f56362ba64';

test('fsverity prints the digests of files', () => {
  writeFileSync(path('hello'), 'hello world');
  writeFileSync(path('empty'), '');
  expect(run(['fsverity', ...sha256, 'hello', 'hello'])).toEqual({
    status: 0,
    stderr: '',
    stdout: `${helloWorld}  hello\n`.repeat(2),
  });
  expect(run(['fsverity', ...sha256, '-'], 'hello world').stdout).toBe(`${helloWorld}  -\n`);
  const { stdout } = run(['fsverity', '--json', '--salt', '0102', ...sha256, 'empty']);
  expect(JSON.parse(stdout)).toEqual({
    algorithm: 'fsverity-sha256-12',
    salt: '0102',
    files: [
      { file: 'empty', size: 0, digest: 'cfe5dc74b782bf15688e75d21bdb5d870944d5d359a5bb93453d6df3bee9e573' },
    ],
  });
  for (const [args, status, code] of [
    [['nothing'], 1, 'REQUEST_FILE'],
    [['.'], 1, 'REQUEST_FILE'],
    [['--salt', 'x', 'hello'], 2, 'REQUEST_SALT'],
  ] as const) {
    expect(run(['fsverity', ...args])).toMatchObject({ status, stderr: expect.stringContaining(code) });
  }
});

test('fsverity computes the same digests with several threads as with one', () => {
  const size = 70_000_001;
  const file = openSync(path('large'), 'w');
  const piece = new Uint8Array(5000).map((_, i) => i * 7);
  for (let at = 0; at < size; at += 5_000_000) writeSync(file, piece, 0, piece.length, at);
  ftruncateSync(file, size);
  closeSync(file);
  const content = readFileSync(path('large'));
  for (const algorithm of algorithms) {
    const digest = hex(fsverityDigest(content, algorithm, nodeSha2));
    expect(run(['fsverity', '--algorithm', algorithm, 'large']).stdout).toBe(`${digest}  large\n`);
  }
  const salted = hex(fsverityDigest(content, 'fsverity-sha256-12', nodeSha2, new Uint8Array([1, 2])));
  expect(run(['fsverity', ...sha256, '--salt', '0102', 'large']).stdout).toBe(`${salted}  large\n`);
}, 60_000);

test('a rejection is one line on stderr, with --json one object on stdout, and exit code 1', () => {
  const blob = brokenImage();
  const line = `error: merge: ${blob}, layer 1, entry "etc/name/below", offset 0: `;
  const plain = run(['digest', 'oci:layout']);
  expect(plain).toMatchObject({ status: 1, stdout: '' });
  expect(plain.stderr.startsWith(line)).toBe(true);
  expect(plain.stderr.endsWith(' (MERGE_PARENT)\n')).toBe(true);
  expect(plain.stderr.split('\n')).toHaveLength(2);

  const json = run(['digest', '--json', 'oci:layout']);
  expect(json).toMatchObject({ status: 1, stderr: plain.stderr });
  expect(JSON.parse(json.stdout)).toMatchObject({
    error: { code: 'MERGE_PARENT', stage: 'merge', layer: 1, file: blob, entry: 'etc/name/below' },
  });
});

test('the message about a missing file names it', () => {
  for (const args of [
    ['dump', 'nothing'],
    ['mkfs', 'nothing', '--output', 'x'],
    ['tree', 'oci:nothing'],
  ]) {
    const { status, stderr } = run(args);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: request: nothing: .* \(REQUEST_FILE\)\n$/);
  }
});

test('a rejection writes no file, and keeps an existing one', () => {
  brokenImage();
  writeFileSync(path('old'), 'old');
  writeFileSync(path('bad.dump'), '/ 0 40755 2 0 0 0 0.0 - - -\nwrong\n');
  for (const args of [
    ['tree', 'oci:layout', '--output', 'old'],
    ['mkfs', 'bad.dump', '--output', 'old'],
    ['dump', 'bad.dump', '--output', 'old'],
  ]) {
    expect(run(args).status).toBe(1);
  }
  expect(readFileSync(path('old'), 'utf8')).toBe('old');
  expect(readdirSync(directory).sort()).toEqual(['bad.dump', 'layout', 'old']);
});

test('--output follows a symbolic link, and writes to a device', () => {
  twoImages();
  symlinkSync('x.dump', path('link'));
  writeFileSync(path('x.dump'), 'old');
  expect(run(['tree', 'oci:layout:french', '--output', 'link']).status).toBe(0);
  expect(readFileSync(path('x.dump'), 'latin1')).toBe(trees.bonjour.dumpfile);
  expect(run(['tree', 'oci:layout:french', '--output', '/dev/null']).status).toBe(0);
  expect(run(['tree', 'oci:layout:french', '--output', '/dev/full'])).toMatchObject({
    status: 74,
    stderr: expect.stringMatching(/ENOSPC.*\(REQUEST_FILE\)\n$/),
  });
});

test.each([
  [['frobnicate']],
  [['digest']],
  [['digest', 'layout']],
  [['digest', 'oci:']],
  [['digest', '--algorithm', 'md5', 'oci:layout']],
  [['mkfs', 'x.dump']],
  [['mkfs', 'x.dump', '--role', 'layer', '--output', 'x']],
  [['tree', '--json', 'oci:layout']],
])('a wrong command line exits with code 2: %s', args => {
  const { status, stdout, stderr } = run(args);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^error: /);
  if (!args.includes('--json')) expect(stdout).toBe('');
  const json = run([...args, '--json']);
  expect(json.status).toBe(2);
  expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'USAGE', stage: 'usage' } });
});

test('help and version are printed on stdout', () => {
  expect(run(['--version'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  expect(run(['--help'])).toMatchObject({ status: 0, stderr: '' });
  for (const command of ['digest', 'tree', 'mkfs', 'dump', 'fsverity', 'adapter']) {
    const { stdout } = run([command, '--help']);
    expect(stdout, command).toContain('Example');
    expect(stdout, command).toContain('Exit codes:');
  }
});

test('exits with 141 and without a message if the reader of stdout is gone', () => {
  const lines = Array.from({ length: 20000 }, (_, i) => {
    return `/${String(i).padStart(8, '0')} 0 100644 1 0 0 0 0.0 - - -\n`;
  });
  writeFileSync(path('big.dump'), `/ 0 40755 2 0 0 0 0.0 - - -\n${lines.join('')}`);
  expect(run(['mkfs', 'big.dump', '--output', 'big.erofs']).status).toBe(0);
  const script = `"$0" "$1" dump big.erofs | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const output = execFileSync('bash', ['-c', script, process.execPath, join(built, 'main.js')], {
    cwd: directory,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(output).toBe('/ 0 40755 2 0 0 0 0.0 - - -\n141\n');
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s leaves no temporary file', async signal => {
  // Writes forever, with pauses in which signals are handled.
  const script = `
    import { writeFile } from ${JSON.stringify(pathToFileURL(join(built, 'output.js')).href)};
    const never = new Int32Array(new SharedArrayBuffer(4));
    function* chunks() {
      for (;;) {
        Atomics.wait(never, 0, 0, 5);
        yield new Uint8Array(300000);
      }
    }
    await writeFile('endless', chunks());
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: directory,
    stdio: 'inherit',
  });
  await until(() => readdirSync(directory).length === 1);
  child.kill(signal);
  expect(await ended(child)).toBe(signal);
  expect(readdirSync(directory)).toEqual([]);
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 10));
}

function ended(child: ChildProcess): Promise<NodeJS.Signals | null> {
  return new Promise(resolve => child.once('exit', (_, signal) => resolve(signal)));
}

test('adapter speaks the protocol on stdin and stdout', () => {
  const lines = '{"type":"hello","protocol":1,"suite":"1.0.0"}\n{"type":"bye"}\n';
  const { status, stdout, stderr } = run(['adapter'], lines);
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({ type: 'hello', protocol: 1 });
  expect(run(['adapter'], 'what?\n')).toEqual({
    status: 1,
    stdout: '',
    stderr: 'error: not a message of protocol version 1: "what?"\n',
  });
});
