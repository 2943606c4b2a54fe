import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adapterUnderTest, digest, testKnownFailures, testTools } from './adapter.test.helper.ts';

const adapter = adapterUnderTest('composefs-rs', 'composefs-rs-0.9.4/bin');
const { run, request, answer, output } = adapter;
const fake = (script: string) => adapter.fake('cfsctl', script);

test('the adapter does not start without cfsctl, and says how to build it', () => {
  expect(run()).toEqual({
    status: 1,
    answers: [],
    stderr: 'cfsctl is not installed: run "npm run peers -- composefs-rs"\n',
  });
});

test('the adapter says its name and version', () => {
  fake('');
  expect(run()).toMatchObject({
    status: 0,
    answers: [{ type: 'hello', implementation: { name: 'composefs-rs', version: '0.9.4' } }],
  });
});

describe('an answer of the tools', () => {
  testTools(adapter, ['cfsctl', 'cfsctl']);

  test.each<[string, string, string, object]>([
    [
      'is a rejection by the parser',
      'erofs.write',
      'printf "Error: Failed to parse dumpfile\\n\\nCaused by:\\n    no\\n" >&2; exit 1',
      { status: 'rejected', stage: 'dumpfile' },
    ],
    [
      'is a rejection of bytes that are not UTF-8',
      'erofs.write',
      'echo "Error: stream did not contain valid UTF-8" >&2; exit 1',
      { status: 'rejected', stage: 'dumpfile' },
    ],
    [
      'is a rejection by the writer',
      'erofs.write',
      'echo "Error: invalid composefs filesystem: Orphaned leaves" >&2; exit 1',
      { status: 'rejected', stage: 'erofs' },
    ],
    [
      'is a rejection by the reader',
      'erofs.read',
      'echo "Error: Failed to parse image: \\"in\\"" >&2; exit 1',
      { status: 'rejected', stage: 'erofs' },
    ],
    [
      'is an error if the input cannot be opened',
      'erofs.write',
      'echo "Error: Failed to open dumpfile: \\"in\\"" >&2; exit 1',
      { status: 'error' },
    ],
    [
      'is an error if the output cannot be written',
      'erofs.write',
      'echo "Error: Failed to create image file: \\"out\\"" >&2; exit 1',
      { status: 'error' },
    ],
  ])('%s (%s)', (_, op, script, expected) => {
    fake(script);
    expect(answer(op)).toMatchObject({ type: 'done', id: 'x', ...expected });
  });

  test('is a canonical dumpfile', () => {
    fake(
      'echo "/ 0 40755 2 0 0 0 1.5 - - -"; echo "/a 0 10644 2 0 0 0 1.5 - - -"; echo "/b 0 @120000 - - - - 0.0 /a - -"',
    );
    expect(answer('erofs.read')).toMatchObject({ status: 'ok', files: { dumpfile: 'tree.dump' } });
    expect(output('tree.dump')).toContain('\n/b 0 @10644 - - - - 0.0 /a - -\n');
  });

  test('is missing if cfsctl panics: the adapter crashes too', () => {
    fake('echo "thread main panicked" >&2; exit 101');
    const { status, answers, stderr } = run(request('erofs.write'));
    expect({ status, answers: answers.length }).toEqual({ status: 1, answers: 1 });
    expect(stderr).toBe('thread main panicked\nmkcomposefs crashed: exit code 101\n');
  });
});

describe('an answer about layers', () => {
  const transformed = {
    ...{ role: 'merged', transform: 'oci', xattrs: 'allowlist-only' },
    algorithm: 'fsverity-sha256-12',
  };
  const untransformed = { ...transformed, transform: 'none' };
  const noUsr = 'echo "Error: Directory entry \\"usr\\" does not exist" >&2; exit 1';

  let folder: string;
  let layers: object;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'layers-'));
    const path = join(folder, 'layer');
    writeFileSync(path, 'a layer');
    layers = { layers: [{ path, mediaType: 'application/vnd.oci.image.layer.v1.tar' }] };
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Fakes a cfsctl that runs the script of the first pattern that matches its arguments after `--repo`. */
  const fakeCommands = (...answers: readonly (readonly [pattern: string, script: string])[]) =>
    fake(
      `shift 2; case "$*" in ${answers.map(([pattern, script]) => `${pattern}) ${script};;`).join(' ')} esac`,
    );

  test('is the printed tree', () => {
    fakeCommands(
      ['"oci pull oci:"*" image"', ''],
      ['"oci dump --xattrs allowlist-only image"', 'echo "/ 0 40755 2 0 0 0 1.5 - - -"'],
    );
    expect(answer('layers.tree', transformed, layers)).toMatchObject({
      status: 'ok',
      files: { dumpfile: 'tree.dump' },
    });
    expect(output('tree.dump')).toBe('/ 0 40755 2 0 0 0 1.5 - - -\n');
  });

  test('is a bootable tree if that role is requested', () => {
    fakeCommands(
      ['"oci pull "*', ''],
      ['"oci dump --xattrs keep-user-xattrs --bootable image"', 'echo "/ 0 40755 2 0 0 0 1.5 - - -"'],
    );
    const params = { ...transformed, role: 'merged.bootable', xattrs: 'keep-user-xattrs' };
    expect(answer('layers.tree', params, layers)).toMatchObject({ status: 'ok' });
  });

  test('is a digest', () => {
    fakeCommands(
      ['"oci pull oci:in:tag image"', ''],
      ['"--erofs-version 0 oci compute-id --xattrs allowlist-only image"', `echo ${digest}`],
    );
    const params = { ...transformed, format: 'v0', reference: 'tag' };
    expect(answer('image.digest', params)).toMatchObject({ status: 'ok', values: { digest } });
  });

  test('is the tree with the fixed root if no transform is requested', () => {
    fakeCommands(
      ['"oci pull "*', ''],
      ['"oci layer --dumpfile sha256:"*', 'echo "/usr 0 40700 2 0 0 0 1.5 - - -"'],
      [
        '"oci dump --xattrs keep-user-xattrs image"',
        'echo "/ 0 40700 3 0 0 0 1.5 - - -"; echo "/usr 0 40700 2 0 0 0 1.5 - - -"',
      ],
    );
    expect(answer('layers.tree', untransformed, layers)).toMatchObject({ status: 'ok' });
    expect(output('tree.dump')).toBe('/ 0 40755 3 0 0 0 0.0 - - -\n/usr 0 40700 2 0 0 0 1.5 - - -\n');
  });

  test('is the tree without the /usr that was added', () => {
    fakeCommands(
      ['"oci pull "*layout-of-1*', noUsr],
      ['"oci pull "*layout-of-2*', ''],
      ['"oci layer "*', 'echo "/a 0 40755 2 0 0 0 0.0 - - -"'],
      [
        '"oci dump "*',
        'echo "/ 0 40755 4 0 0 0 0.0 - - -"; echo "/a 0 40755 2 0 0 0 0.0 - - -"; echo "/usr 0 40755 2 0 0 0 0.0 - - -"',
      ],
    );
    expect(answer('layers.tree', untransformed, layers)).toMatchObject({ status: 'ok' });
    expect(output('tree.dump')).toBe('/ 0 40755 3 0 0 0 0.0 - - -\n/a 0 40755 2 0 0 0 0.0 - - -\n');
  });

  test.each<[string, string, string]>([
    ['/run is emptied', '/run 0 40755 2 0 0 0 0.0 - - -', '/run 0 40755 2 0 0 0 0.0 - - -'],
    ['an attribute is dropped', '/a 0 40755 2 0 0 0 0.0 - - - trusted.a=', '/a 0 40755 2 0 0 0 0.0 - - -'],
  ])('is unsupported without a transform if %s', (_, entry, line) => {
    fakeCommands(
      ['"oci pull "*', ''],
      ['"oci layer "*', `echo "${entry}"`],
      ['"oci dump "*', `echo "/ 0 40755 3 0 0 0 0.0 - - -"; echo "${line}"`],
    );
    expect(answer('layers.tree', untransformed, layers)).toMatchObject({
      status: 'unsupported',
      feature: 'transform.none',
    });
  });

  test.each<[string, string, object]>([
    ['layers.tree', 'role.layer', { ...transformed, role: 'layer' }],
    ['layers.tree', 'transform.none', { ...untransformed, role: 'merged.bootable' }],
    ['layers.tree', 'digest.sha256-16', { ...transformed, algorithm: 'fsverity-sha256-16' }],
    ['image.digest', 'transform.none', { ...untransformed, format: 'v1' }],
    ['image.digest', 'format.v2', { ...transformed, format: 'v2' }],
    ['image.digest', 'platform', { ...transformed, format: 'v1', platform: 'linux/arm64' }],
  ])('is unsupported (%s %s)', (op, feature, params) => {
    fake('exit 2');
    expect(answer(op, params, layers)).toMatchObject({ status: 'unsupported', feature });
  });

  test('is missing if cfsctl panics', () => {
    fake('echo "thread main panicked" >&2; exit 101');
    const { status, stderr } = run(request('layers.tree', transformed, layers));
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'thread main panicked\ncfsctl crashed: exit code 101\n',
    });
  });
});

testKnownFailures('composefs-rs');
