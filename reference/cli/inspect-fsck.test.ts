import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { mapImage } from '../../conformance/generate/image-map/decode.ts';
import { imageOf } from '../../conformance/generate/recipes/erofs/parts.ts';
import { fieldsOf } from '../../conformance/suite/image-map.ts';

vi.setConfig({ testTimeout: 30_000 });

// The built program: `npm test` builds it first.
const main = join(dirname(fileURLToPath(import.meta.url)), '../../dist/reference/cli/main.js');

const image = imageOf(
  '/ 0 40755 2 0 0 0 1.5 - - -\n/x 5 100644 1 0 0 0 1.5 - hello - user.a=1\n/y 0 100644 1 0 0 0 2.0 - - -\n',
);
/** Digests of the image that mkcomposefs 1.0.8 writes for the tree, computed with fsverity-utils. */
const sha256 = '89dfd933ce2ec4615e5847961b4e2e70a2fd6b83a85e006008fad7e7da49c93c';
const sha512 =
  '8f7c0b43517fdd59604e540bffa5626f3500ebb883134314de5a2186330eb8df80e68a82dbf2da3e5c6facb818a69d1d77c402f37ac5dfe17790fc951da70863';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'inspect-'));
  put('good.erofs', image);
  put('inos.erofs', changed('superblock', 'inos', 7));
  put('links.erofs', changed('inode 257 /x', 'i_nlink', 2));
  put('none', Buffer.from('nothing'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function put(name: string, bytes: Uint8Array): void {
  writeFileSync(join(directory, name), bytes);
}

/** The image with a changed first byte of a field. */
function changed(where: string, name: string, byte: number): Uint8Array {
  const field = fieldsOf(mapImage(image)).find(field => field.where === where && field.name === name);
  if (field === undefined) throw new Error(`no ${name} in ${where}`);
  return Buffer.from(image).fill(byte, field.start, field.start + 1);
}

function run(args: readonly string[], input: Uint8Array = Buffer.alloc(0)) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, ...args], {
    cwd: directory,
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return { stdout, stderr, status };
}

test('fsck recognizes a canonical image, and prints its digests', () => {
  const digests = `  fsverity-sha256-12  ${sha256}\n  fsverity-sha512-12  ${sha512}\n`;
  expect(run(['fsck', 'good.erofs'])).toEqual({
    status: 0,
    stderr: '',
    stdout: `good.erofs: canonical: format v1, 259 inodes\n${digests}`,
  });
  expect(run(['fsck', '-'], image)).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^-: canonical/),
  });
});

test('fsck names the first difference in an image that is not canonical, and continues with the next', () => {
  const { status, stderr, stdout } = run([
    'fsck',
    'inos.erofs',
    'links.erofs',
    'none',
    'nowhere',
    'good.erofs',
  ]);
  expect([status, stderr]).toEqual([1, '']);
  expect(stdout.split('\n').filter(line => !line.startsWith('  '))).toEqual([
    'inos.erofs: not canonical: @0x410 superblock, inos: found 263, expected 259',
    expect.stringMatching(
      /^links.erofs: rejected: erofs: offset \d+: a link count of 2, counted 1 \(EROFS_LINKS\)$/,
    ),
    expect.stringMatching(/^none: rejected: erofs: .* \(EROFS_SIZE\)$/),
    expect.stringMatching(/^nowhere: rejected: request: nowhere: .* \(REQUEST_FILE\)$/),
    'good.erofs: canonical: format v1, 259 inodes',
    '',
  ]);
});

test('fsck --json prints one object', () => {
  const { status, stdout } = run(['fsck', '--json', 'good.erofs', 'inos.erofs', 'links.erofs']);
  expect(status).toBe(1);
  const { images } = JSON.parse(stdout);
  expect(images).toMatchObject([
    {
      file: 'good.erofs',
      size: image.length,
      verdict: 'canonical',
      format: 'v1',
      inodes: 259,
      digests: { 'fsverity-sha256-12': sha256, 'fsverity-sha512-12': sha512 },
    },
    {
      file: 'inos.erofs',
      verdict: 'not canonical',
      difference: { at: 1040, where: 'superblock', field: 'inos', found: '263', expected: '259' },
    },
    { file: 'links.erofs', verdict: 'rejected', error: { code: 'EROFS_LINKS', file: 'links.erofs' } },
  ]);
});

test('inspect prints every field', () => {
  const { status, stderr, stdout } = run(['inspect', 'good.erofs']);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain(`good.erofs: ${image.length} bytes

composefs header
  00000000      4  magic              0xd078629a
  00000004      4  version            1
  00000008      4  flags              0x00000000
  0000000c      4  composefs_version  1             format v1
  00000010     16  unused             00000000000000000000000000000000

gap
  00000020    992  zero

superblock
  00000400      4  magic              0xe0f5e1e2
`);
  expect(stdout).toMatch(/^ {2}\w{8} {6}8 {2}build_time {9}1 {13}1970-01-01T00:00:01Z$/m);
  expect(stdout).toMatch(/^inode 257 \/x, xattr user\.a\n(.*\n){3}.* name {15}"a"$/m);
});

test('inspect prints a broken image, marks where a reader rejects it, and exits with 1', () => {
  const { status, stderr, stdout } = run(['inspect', 'links.erofs']);
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(
      /^error: erofs: links.erofs, offset \d+: a link count of 2, counted 1 \(EROFS_LINKS\)\n$/,
    ),
  ]);
  expect(stdout).toMatch(
    /^inode 257 \/x\n.* i_format .*\n {2}\^ EROFS_LINKS: a link count of 2, counted 1\n/m,
  );
  expect(stdout).toContain('inode 258 /y');
  expect(run(['inspect', 'none']).stdout).toMatch(/^composefs header\n {2}00000000 {6}4 {2}magic/m);
});

test.each(['fsck', 'dump', 'inspect'])(
  '%s checks the superblock of a large file before it reads the rest',
  command => {
    put('zeros', Buffer.alloc(0));
    put('long', image);
    for (const name of ['zeros', 'long']) truncateSync(join(directory, name), 2 ** 40);
    const output = (...args: Parameters<typeof run>) => {
      const { status, stdout, stderr } = run(...args);
      return { status, output: stdout + stderr };
    };
    expect(output([command, 'zeros'])).toEqual({ status: 1, output: expect.stringContaining('EROFS_MAGIC') });
    expect(output([command, 'long'])).toEqual({
      status: 1,
      output: expect.stringContaining(
        `longer than ${image.length} bytes, as its superblock says (EROFS_SIZE)`,
      ),
    });
    const piped = Buffer.concat([image, Buffer.alloc(2 ** 24)]);
    expect(output([command, '-'], piped)).toEqual({
      status: 1,
      output: expect.stringContaining('EROFS_SIZE'),
    });
  },
);

test('inspect --path prints one inode', () => {
  const { status, stdout } = run(['inspect', 'good.erofs', '--path', '/x']);
  expect(status).toBe(0);
  const names = stdout.split('\n').filter(line => /^\S/.test(line));
  expect(names).toEqual([
    `good.erofs: ${image.length} bytes`,
    'inode 257 /x',
    'inode 257 /x, xattr user.a',
    'inode 257 /x',
  ]);
  expect(run(['inspect', 'good.erofs', '--path', '/z'])).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/^error: good.erofs has no path \/z\n/),
  });
});

test('inspect --json prints the same fields, and the rejection', () => {
  const good = JSON.parse(run(['inspect', '--json', 'good.erofs']).stdout);
  expect(good).toMatchObject({ file: 'good.erofs', size: image.length });
  expect(good.error).toBeUndefined();
  const flat = good.structures.flatMap(
    ({ fields }: { fields: { at: number; size: number; name: string }[] }) => fields,
  );
  expect(flat.map(({ at, size }: { at: number; size: number }) => [at, size])).toEqual(
    fieldsOf(mapImage(image)).map(({ start, size }) => [start, size]),
  );
  expect(good.structures).toContainEqual({
    kind: 'attribute',
    inode: 257,
    path: '/x',
    part: 'xattr user.a',
    fields: [
      { at: expect.any(Number), size: 1, name: 'e_name_len', value: 1 },
      { at: expect.any(Number), size: 1, name: 'e_name_index', value: 1, meaning: 'user.' },
      { at: expect.any(Number), size: 2, name: 'e_value_size', value: 1 },
      { at: expect.any(Number), size: 1, name: 'name', value: 'a' },
      { at: expect.any(Number), size: 1, name: 'value', value: '31', meaning: '"1"' },
      { at: expect.any(Number), size: 2, name: 'zero', value: '0000' },
    ],
  });
  const broken = run(['inspect', '--json', 'links.erofs']);
  expect(broken.status).toBe(1);
  expect(broken.stderr).toMatch(/^error: erofs: /);
  expect(JSON.parse(broken.stdout)).toMatchObject({ error: { code: 'EROFS_LINKS', stage: 'erofs' } });
});

test('help has examples, and says what fsck proves', () => {
  expect(run(['inspect', '--help']).stdout).toContain('Examples:');
  const { stdout } = run(['fsck', '--help']);
  expect(stdout).toContain('Examples:');
  expect(stdout).toContain('exactly what every writer of the standard makes of the tree in it');
  expect(stdout).toContain('EROFS-078');
});
