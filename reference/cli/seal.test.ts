import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { blobPath, LayoutBuilder, platform, tag } from '../../conformance/generate/builder/layout.ts';
import { otherForms, testKeys } from '../../conformance/generate/builder/test-keys.ts';
import { bonjour, goodbye, hello, trees } from '../../conformance/generate/recipes/image/parts.ts';

// The built program: `npm test` builds it first.
const program = join(dirname(fileURLToPath(import.meta.url)), '../../dist/reference/cli/main.js');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'seal-cli-'));
  const builder = new LayoutBuilder();
  const layers = [{ tar: hello }, { tar: goodbye }];
  put('in', builder.index(builder.image({ layers, descriptor: tag('latest') })).files);
  writeFileSync(join(directory, 'key.pem'), testKeys.rsa.key);
  writeFileSync(join(directory, 'cert.pem'), testKeys.rsa.certificate);
});
afterEach(() => rmSync(directory, { recursive: true }));

function put(layout: string, files: Readonly<Record<string, Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, layout, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

function run(...args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...args], {
    cwd: directory,
    encoding: 'utf8',
  });
  return { stdout, stderr, status };
}

const read = (path: string) => readFileSync(join(directory, path), 'utf8');
const sha256 = ['--algorithm', 'fsverity-sha256-12'];
const signing = ['--sign', 'key.pem', '--cert', 'cert.pem'];

test('seals inline, prints both digests of the manifest, and verifies until a byte changes', () => {
  const sealed = run(
    'seal',
    'oci:in:latest',
    '--mode',
    'inline',
    ...sha256,
    ...signing,
    '--output',
    'oci:out',
  );
  expect(sealed).toMatchObject({ status: 0, stderr: '' });
  expect(sealed.stdout).toMatch(
    new RegExp(
      `^composefs\\.config\\.fsverity-sha256-12 [0-9a-f]{64}
composefs\\.merged\\.erofs\\.v1\\.fsverity-sha256-12 ${trees.helloGoodbye.sha256}
image before sha256:[0-9a-f]{64}
image sealed sha256:[0-9a-f]{64}\n$`,
    ),
  );
  const digest = /sealed (\S+)/.exec(sealed.stdout)?.[1] ?? '';
  const strict = ['--cert', 'cert.pem', '--require-signature', '--manifest-digest', digest];
  expect(run('verify', 'oci:out:latest', ...strict)).toEqual({
    status: 0,
    stderr: '',
    stdout: `verified\nimage ${digest}\ncomposefs.config.fsverity-sha256-12 signed\ncomposefs.merged.erofs.v1.fsverity-sha256-12 signed\n`,
  });
  const { verdict, images } = JSON.parse(run('verify', '--json', 'oci:out', ...strict).stdout);
  expect(verdict).toBe('verified');
  expect(images).toMatchObject([{ platform: 'linux/amd64', manifest: digest, signed: images[0].keys }]);

  const again = run('seal', 'oci:out', '--mode', 'inline', ...sha256, ...signing, '--output', 'oci:out');
  expect(again.stdout).toContain(`image ${digest} (already sealed)`);

  const path = join(directory, 'out', blobPath(digest));
  writeFileSync(path, read(`out/${blobPath(digest)}`).replace(trees.helloGoodbye.sha256, trees.hello.sha256));
  const rejected = run('verify', '--json', 'oci:out');
  expect(rejected.status).toBe(1);
  expect(rejected.stderr).toMatch(/^error: image: .* \(IMAGE_DIGEST\)\n$/);
  expect(JSON.parse(rejected.stdout)).toMatchObject({ error: { code: 'IMAGE_DIGEST', stage: 'image' } });
});

test('seals with several algorithms and roles, under a different tag of the same layout', () => {
  const args = [
    '--algorithm',
    'fsverity-sha256-12',
    'fsverity-sha512-12',
    '--role',
    'layer',
    'merged.bootable',
  ];
  const { stdout } = run(
    'seal',
    'oci:in:latest',
    '--mode',
    'inline',
    ...args,
    '--json',
    '--output',
    'oci:in:sealed',
  );
  const { mode, images, indexes } = JSON.parse(stdout);
  expect([mode, images.length, indexes]).toEqual(['inline', 1, []]);
  const [report] = images;
  expect(Object.keys(report.digests)).toHaveLength(10);
  expect(report).toMatchObject({ platform: 'linux/amd64', layersLeftOut: [] });
  const tags = JSON.parse(read('in/index.json')).manifests.map(
    (entry: { annotations: Record<string, string>; digest: string }) => [
      entry.annotations['org.opencontainers.image.ref.name'],
      entry.digest,
    ],
  );
  expect(tags).toEqual([
    ['latest', report.before],
    ['sealed', report.manifest],
  ]);
  for (const role of ['merged', 'merged.bootable', 'layer']) {
    expect(run('verify', 'oci:in:sealed', '--role', role).status, role).toBe(0);
  }
  expect(run('verify', 'oci:in:latest')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('(VERIFY_UNPUBLISHED)'),
  });
});

test('seals all platforms, or one of them', () => {
  const builder = new LayoutBuilder();
  const image = (architecture: string, tar: Uint8Array) =>
    builder.image({
      layers: [{ tar }],
      config: { architecture },
      descriptor: platform('linux', architecture),
    });
  put('many', builder.index(builder.nested([image('amd64', hello), image('arm64', bonjour)])).files);
  const sealed = run('seal', 'oci:many', '--mode', 'inline', ...sha256, '--output', 'oci:out');
  expect(sealed.stdout).toMatch(
    new RegExp(
      `^${['amd64', 'arm64']
        .map(
          (architecture, i) => `platform linux/${architecture}
composefs\\.config\\.fsverity-sha256-12 [0-9a-f]{64}
composefs\\.merged\\.erofs\\.v1\\.fsverity-sha256-12 ${[trees.hello, trees.bonjour][i]?.sha256}
image before sha256:[0-9a-f]{64}
image sealed sha256:[0-9a-f]{64}
`,
        )
        .join('')}index before sha256:[0-9a-f]{64}
index sealed sha256:[0-9a-f]{64}
$`,
    ),
  );
  const index = /index sealed (\S+)/.exec(sealed.stdout)?.[1] ?? '';
  const verified = run('verify', 'oci:out', '--manifest-digest', index);
  expect(verified.stdout).toMatch(
    /^verified\nimage sha256:\S+ linux\/amd64\n(?:composefs\S+\n){2}image sha256:\S+ linux\/arm64\n(?:composefs\S+\n){2}$/,
  );
  const again = run('seal', 'oci:out', '--mode', 'inline', ...sha256, '--json', '--output', 'oci:out');
  const report = JSON.parse(again.stdout);
  expect(report.indexes).toEqual([]);
  for (const { before, manifest } of report.images) expect(before).toBe(manifest);
  // Two algorithms take two steps, which are reported as one change.
  const both = run(
    'seal',
    'oci:many',
    '--mode',
    'inline',
    '--algorithm',
    'fsverity-sha256-12',
    'fsverity-sha512-12',
    '--json',
    '--output',
    'oci:both',
  );
  expect(JSON.parse(both.stdout).indexes).toMatchObject([
    {
      before: JSON.parse(read('many/index.json')).manifests[0].digest,
      after: JSON.parse(read('both/index.json')).manifests[0].digest,
    },
  ]);

  const one = run('seal', 'oci:many', '--platform', 'linux/arm64', '--mode', 'inline', '--output', 'oci:one');
  expect(one.stdout).not.toContain('platform');
  expect(run('verify', 'oci:one', '--platform', 'linux/arm64').status).toBe(0);
  expect(run('verify', 'oci:one')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('(VERIFY_UNPUBLISHED)'),
  });
});

test('a required signature of the manifest is that of an artifact', () => {
  const strict = ['--cert', 'cert.pem', '--require-manifest-signature'];
  run('seal', 'oci:in', '--mode', 'inline', ...sha256, ...signing, '--output', 'oci:out');
  expect(run('verify', 'oci:out', '--cert', 'cert.pem', '--require-signature').status).toBe(0);
  expect(run('verify', 'oci:out', ...strict)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('no digest of the manifest is signed (VERIFY_UNSIGNED)'),
  });
  run('seal', 'oci:out', '--mode', 'artifact', ...sha256, ...signing, '--output', 'oci:out');
  expect(run('verify', 'oci:out', ...strict)).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('\ncomposefs.manifest.fsverity-sha256-12 signed\n'),
  });
});

test('verify says that no signature was checked if the image has none', () => {
  const verify = (...args: readonly string[]) => run('verify', 'oci:out', ...args);
  run('seal', 'oci:in', '--mode', 'inline', ...sha256, '--output', 'oci:out');
  const line = /^verified\nimage \S+\nno signature was checked: /;
  expect(verify('--cert', 'cert.pem')).toMatchObject({ status: 0, stdout: expect.stringMatching(line) });
  const checked = (...args: readonly string[]) => {
    const { images } = JSON.parse(verify('--json', ...args).stdout);
    return images.map((image: { signatureChecked: boolean }) => image.signatureChecked);
  };
  expect(checked('--cert', 'cert.pem')).toEqual([false]);
  expect(verify().stdout).not.toContain('no signature');

  run('seal', 'oci:out', '--mode', 'inline', ...sha256, ...signing, '--output', 'oci:out');
  // A signature that nobody was told to trust is not checked.
  writeFileSync(join(directory, 'other.pem'), testKeys.otherRsa.certificate);
  expect(verify('--cert', 'other.pem')).toMatchObject({ status: 0, stdout: expect.stringMatching(line) });
  expect(verify('--cert', 'cert.pem').stdout).not.toContain('no signature');
  expect(checked('--cert', 'cert.pem')).toEqual([true]);
});

test('an artifact does not change the image', () => {
  const before = readdirSync(join(directory, 'in/blobs/sha256'));
  const args = ['--mode', 'artifact', ...signing, '--output', 'oci:in'];
  const first = run('seal', 'oci:in', ...args);
  expect(first.stdout).toMatch(/\nimage sha256:\S+\nartifact sha256:\S+\n$/);
  const after = readdirSync(join(directory, 'in/blobs/sha256'));
  expect(after).toEqual(expect.arrayContaining(before));
  expect(run('seal', 'oci:in', ...args).stdout).toMatch(/ \(already present\)\n$/);
  const cmdline = join(directory, 'cmdline');
  writeFileSync(cmdline, `composefs.digest=v1-sha512-12:${trees.helloGoodbye.sha512}`);
  const verdict = run('verify', 'oci:in', '--cert', 'cert.pem', '--require-signature', '--cmdline', cmdline);
  expect(verdict).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('composefs.manifest.fsverity-sha512-12 signed'),
  });
});

test('lint prints warnings, and none about a plain image', () => {
  expect(run('lint', 'oci:in')).toEqual({ status: 0, stderr: '', stdout: 'no warnings\n' });
  const builder = new LayoutBuilder();
  put(
    'docker',
    builder.index(builder.image({ layers: [{ tar: hello, compression: 'gzip' }], types: 'docker' })).files,
  );
  expect(run('lint', 'oci:docker').stdout).toMatch(/^warning: docker-media-type: .*\n$/);
  expect(JSON.parse(run('lint', '--json', 'oci:docker').stdout).warnings).toMatchObject([
    { code: 'docker-media-type' },
  ]);
});

test.each([
  [['seal', 'oci:in']],
  [['seal', 'oci:in', '--mode', 'inline']],
  [['seal', 'oci:in', '--mode', 'beside', '--output', 'oci:out']],
  [['seal', 'oci:in', '--mode', 'inline', '--sign', 'key.pem', '--output', 'oci:out']],
  [['seal', 'oci:in', '--mode', 'artifact', '--replace', '--output', 'oci:out']],
  [['seal', 'oci:in:latest', '--mode', 'artifact', '--output', 'oci:out:other']],
  [['verify', 'in']],
  [['verify', 'oci:in', '--role', 'config']],
  [['verify', 'oci:in', '--require-signature']],
  [['verify', 'oci:in', '--require-manifest-signature']],
])('a wrong command line exits with code 2, and writes nothing: %s', args => {
  expect(run(...args)).toMatchObject({ status: 2, stderr: expect.stringMatching(/^error: /) });
  expect(readdirSync(directory)).not.toContain('out');
});

test('a rejection writes nothing, and a directory that is not empty is not overwritten', () => {
  mkdirSync(join(directory, 'other'));
  writeFileSync(join(directory, 'other/file'), 'x');
  const other = run('seal', 'oci:in', '--mode', 'inline', '--output', 'oci:other');
  expect(other).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^error: request: other: .*\(REQUEST_FILE\)\n$/),
  });
  expect(readdirSync(join(directory, 'other'))).toEqual(['file']);
  const layer = run('seal', 'oci:in', '--mode', 'artifact', '--role', 'layer', '--output', 'oci:out');
  expect(layer).toMatchObject({ status: 2, stderr: expect.stringContaining('(SEAL_ROLE)') });
  expect(
    run(
      'seal',
      'oci:in',
      '--mode',
      'inline',
      '--sign',
      'cert.pem',
      '--cert',
      'key.pem',
      '--output',
      'oci:out',
    ).stderr,
  ).toContain('(REQUEST_KEY)');
  expect(readdirSync(directory)).not.toContain('out');
});

test.each([
  ['key.pem', 'other.pem', 'key.pem: the private key does not belong to the certificate'],
  ['encrypted.pem', 'cert.pem', 'encrypted.pem: the private key is encrypted'],
  ['cert.pem', 'cert.pem', 'cert.pem: there is no private key in PEM'],
  ['key.pem', 'key.pem', 'key.pem: there is no certificate in PEM'],
])('names the wrong file: %s with %s', (key, certificate, message) => {
  writeFileSync(join(directory, 'other.pem'), testKeys.otherRsa.certificate);
  writeFileSync(join(directory, 'encrypted.pem'), otherForms.encrypted);
  const args = ['--mode', 'inline', '--sign', key, '--cert', certificate, '--output', 'oci:out'];
  const { status, stderr } = run('seal', 'oci:in', ...args);
  expect(status).toBe(1);
  expect(stderr).toContain(`error: request: ${message}`);
});

test('help is printed on stdout', () => {
  for (const command of ['seal', 'verify', 'chunked', 'lint']) {
    const { stdout } = run(command, '--help');
    expect(stdout, command).toContain('Example');
    expect(stdout, command).toContain('Exit codes:');
  }
});
