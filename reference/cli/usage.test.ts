/**
 * Command lines that people write first: what they mean is done, or the message says what to write instead.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LayoutBuilder } from '../../conformance/generate/builder/layout.ts';
import { archive, file } from '../../conformance/generate/builder/tar.ts';
import { packageRoot } from '../../conformance/suite/package-root.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'usage-'));
  const layer = { tar: archive(file('usr/large', 'x'.repeat(100))) };
  const policy = {
    tar: archive(
      file('etc/selinux/config', 'SELINUXTYPE=t\n'),
      file(
        'etc/selinux/t/contexts/files/file_contexts',
        '/.* all\n/usr/(a|b).* -- usr\n/usr/b <<none>>\n/x exact\n/.*x all\n',
      ),
      file('etc/selinux/t/contexts/files/file_contexts.subs', '/lib /usr\n'),
      ...['usr/a', 'usr/b', 'usr/\xff', 'lib/a', 'x'].map(name => file(Buffer.from(name, 'latin1'))),
    ),
  };
  const images = { in: [layer], 'two-layers': [layer, layer], policy: [policy] };
  for (const [name, layers] of Object.entries(images)) {
    const builder = new LayoutBuilder();
    builder.index(builder.image({ layers }));
    for (const [path, content] of Object.entries(builder.files)) {
      mkdirSync(dirname(join(directory, name, path)), { recursive: true });
      writeFileSync(join(directory, name, path), content);
    }
  }
  writeFileSync(join(directory, 'x.tar'), 'not read');
});
afterAll(() => rmSync(directory, { recursive: true }));

function run(...args: string[]) {
  const program = join(packageRoot, 'dist/reference/cli/main.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: directory,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test.each(['fsverity-sha256-12', 'fsverity-sha512-12'])(
  'mkfs takes the algorithm from a dumpfile: %s',
  algorithm => {
    run('tree', '--algorithm', algorithm, 'oci:in', '--output', 'in.dump');
    const made = run('mkfs', 'in.dump', '--output', 'in.erofs', '--json');
    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(made.stdout)).toMatchObject({ algorithm });
    expect(run('digest', '--algorithm', algorithm, 'oci:in').stdout.trim()).toBe(
      JSON.parse(made.stdout).digest,
    );
    // An option is never overruled.
    const other = algorithm === 'fsverity-sha256-12' ? 'fsverity-sha512-12' : 'fsverity-sha256-12';
    expect(run('mkfs', '--algorithm', other, 'in.dump', '--output', 'no.erofs')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('EROFS_DIGEST_SIZE'),
    });
  },
);

test('mkfs without any digest uses the default algorithm', () => {
  writeFileSync(join(directory, 'empty.dump'), '/ 0 40755 2 0 0 0 0.0 - - -\n');
  const { stdout } = run('mkfs', 'empty.dump', '--output', 'empty.erofs', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ algorithm: 'fsverity-sha512-12' });
});

test('fsverity reports a file that cannot be read, and goes on', () => {
  const plain = run('fsverity', 'nothing', 'x.tar', '.', 'in/oci-layout');
  expect(plain.status).toBe(1);
  expect(plain.stdout).toMatch(/^[0-9a-f]{128} {2}x\.tar\n[0-9a-f]{128} {2}in\/oci-layout\n$/);
  expect(plain.stderr).toMatch(/^error: .*nothing.*\(REQUEST_FILE\)\nerror: .*\(REQUEST_FILE\)\n$/);
  const json = run('fsverity', '--json', 'nothing', 'x.tar');
  expect(json.status).toBe(1);
  expect(JSON.parse(json.stdout).files).toMatchObject([
    { file: 'nothing', error: { code: 'REQUEST_FILE', system: 'ENOENT' } },
    { file: 'x.tar', size: 8 },
  ]);
});

test('an archive instead of a layout is named', () => {
  expect(run('digest', 'oci:x.tar')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /^error: image: x\.tar: this is a file.*oci-archive:FILE \(IMAGE_LAYOUT\)\n$/,
    ),
  });
});

test.each([
  ['digest', 'docker://debian'],
  ['verify', 'containers-storage:debian'],
  ['mkfs', 'docker-daemon:debian', '--output', 'y'],
])('an image elsewhere: %s %s', (command, image, ...more) => {
  expect(run(command, image, ...more)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(`skopeo copy ${image} oci:DIR:TAG`),
  });
});

test.each([
  ['digest'],
  ['tree'],
  ['lint'],
  ['chunked'],
  ['verify', '--json'],
  ['mkfs', '--output', 'archived.erofs'],
  ['seal', '--mode', 'inline', '--output', 'oci:from-archive'],
])('%s gives the same for a layout and for an archive of it', (command, ...more) => {
  execFileSync('tar', ['-cf', join(directory, 'in.tar'), '-C', join(directory, 'in'), '.']);
  const read = (image: string) => {
    rmSync(join(directory, 'from-archive'), { recursive: true, force: true });
    return run(command, image, ...more);
  };
  const expected = read('oci:in');
  expect(expected.stdout).not.toBe('');
  expect(read('oci-archive:in.tar')).toEqual(expected);
});

test.each([
  ['seal', 'oci:in', '--mode', 'inline', '--output', 'docker://registry.example/app:1'],
  ['store', 'export', 'store', 'app:1', '--output', 'docker://registry.example/app:1'],
])('a result for a registry is written to a layout first: %s', (...args) => {
  if (args[0] === 'store') run('store', 'init', 'store');
  expect(run(...args)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('skopeo copy oci:DIR:TAG docker://registry.example/app:1'),
  });
});

test('an archive is not written', () => {
  const args = ['seal', 'oci:in', '--mode', 'inline', '--output', 'oci-archive:out.tar'];
  expect(run(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining('as oci:DIR') });
});

test('an image may follow the values of an option', () => {
  const both = ['--algorithm', 'fsverity-sha256-12', 'fsverity-sha512-12'];
  const expected = run('seal', 'oci:in', '--mode', 'inline', ...both, '--output', 'oci:out-1', '--json');
  expect(expected.status).toBe(0);
  expect(run('seal', '--mode', 'inline', '--output', 'oci:out-2', '--json', ...both, 'oci:in')).toEqual(
    expected,
  );
  const repeated = both.flatMap((word, i) => (i === 2 ? ['--algorithm', word] : [word]));
  expect(run('seal', ...repeated, 'oci:in', '--mode', 'inline', '--output', 'oci:out-3', '--json')).toEqual(
    expected,
  );
  const roles = run(
    'seal',
    '--mode',
    'inline',
    '--output',
    'oci:out-4',
    '--role',
    'layer',
    'merged',
    'oci:in',
  );
  expect(roles).toMatchObject({ status: 0, stdout: expect.stringContaining('composefs.layer.erofs') });
  expect(run('seal', '--mode', 'inline', '--output', 'oci:out-5', '--role', 'nope', 'oci:in')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Allowed choices are merged'),
  });
});

test.each([
  [['fsverity', '--salt', 'xyz', 'x.tar'], 'REQUEST_SALT'],
  [['fsverity', '--salt', '00'.repeat(33), 'x.tar'], 'REQUEST_SALT'],
  [['digest', '--platform', 'linux', 'oci:in'], 'REQUEST_PLATFORM'],
  [['lint', '--platform', '/', 'oci:in'], 'REQUEST_PLATFORM'],
  [['tree', '--role', 'layer', '--transform', 'oci', 'oci:in'], 'REQUEST_ROLE'],
  [['digest', 'oci:in@sha256:abc'], 'oci:DIR@DIGEST'],
  [
    ['seal', 'oci:in', '--mode', 'inline', '--output', `oci:out@sha256:${'0'.repeat(64)}`],
    'The digest of the result',
  ],
  [
    ['verify', '--manifest-digest', `sha256:${'0'.repeat(64)}`, `oci:in@sha256:${'0'.repeat(64)}`],
    'give the digest once',
  ],
  [['verify', '--manifest-digest', 'abc', 'oci:in'], 'Write it as sha256:'],
  [['seal', '--mode', 'artifact', '--role', 'layer', '--output', 'oci:in', 'oci:in'], 'SEAL_ROLE'],
  [['seal', '--mode', 'inline', '--output', 'oci:out-6:a b', 'oci:in'], 'SEAL_TAG'],
])('a wrong value of an option exits with code 2: %s', (args, code) => {
  expect(run(...args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(code) });
});

test('an image that does not suit the request is rejected with code 1, although the code is one of requests', () => {
  expect(run('digest', '--role', 'layer', 'oci:two-layers')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^error: request: blobs\/sha256\/.*more than one \(REQUEST_ROLE\)\n$/),
  });
});

test('a name that is not UTF-8 is rejected, with what to do instead', () => {
  const shell = (args: string) =>
    spawnSync('bash', ['-c', `'${process.execPath}' '${packageRoot}/dist/reference/cli/main.js' ${args}`], {
      cwd: directory,
      encoding: 'utf8',
    });
  for (const args of ["fsverity $'\\xff'", "digest oci:$'a\\xe4'", "tree oci:in --output $'\\xff.dump'"]) {
    expect(shell(args)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('is not UTF-8'),
    });
  }
});

test('labels prints the label of each path, and the line that gives it', () => {
  expect(run('labels', 'oci:policy', '/usr/a', 'usr//./b', '/lib/a', '/')).toEqual({
    status: 0,
    stdout: [
      '/usr/a\tusr\tfile_contexts:2',
      '/usr/b\t-\tfile_contexts:3',
      '/lib/a\tusr\tfile_contexts:2\tas /usr/a by file_contexts.subs:1',
      '/\tall\tfile_contexts:1\n',
    ].join('\n'),
    stderr: '',
  });
  const json = run('labels', '--json', 'oci:policy', '/lib/a');
  expect(JSON.parse(json.stdout)).toEqual({
    policy: 't',
    labels: [
      {
        path: '/lib/a',
        kind: 'regular file',
        label: 'usr',
        lines: [
          {
            file: '/etc/selinux/t/contexts/files/file_contexts',
            line: 2,
            pattern: '/usr/(a|b).*',
            label: 'usr',
          },
        ],
        lookupPaths: ['/usr/a'],
        aliases: [
          {
            file: '/etc/selinux/t/contexts/files/file_contexts.subs',
            line: 1,
            alias: '/lib',
            target: '/usr',
          },
        ],
      },
    ],
  });
});

test('labels prints all paths, and why one of them is rejected', () => {
  const { status, stdout, stderr } = run('labels', 'oci:policy');
  expect(status).toBe(1);
  expect(stderr).toBe('');
  expect(stdout).toContain('/usr/\\xff\tall\tfile_contexts:1\n');
  expect(stdout).toMatch(
    /^\/x\trejected\tcomposefs-rs gives it "all" .*line 5.*"exact" .*line 4 of file_contexts\)$/m,
  );
  expect(run('digest', '--role', 'merged.bootable', 'oci:policy')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('TRANSFORM_LABEL'),
  });
});

test('labels of an image without a policy, and of a path that does not exist', () => {
  expect(run('labels', 'oci:in')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('no SELinux policy'),
  });
  expect(JSON.parse(run('labels', '--json', 'oci:in').stdout)).toEqual({ policy: null, labels: [] });
  expect(run('labels', 'oci:policy', '/usr/none')).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('no path /usr/none'),
  });
});
