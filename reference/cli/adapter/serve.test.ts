import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { storedGzip } from '../../../conformance/generate/builder/compression.ts';
import { hello, trees } from '../../../conformance/generate/recipes/image/parts.ts';
import { parseAdapterLine } from '../../../conformance/runner/protocol/messages.ts';
import { runnerMessage } from './protocol.ts';
import { ProtocolError } from './protocol-error.ts';
import { serve } from './serve.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'adapter-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** The answers of the adapter to these lines, each checked against the runner's schema. */
async function answers(...lines: readonly unknown[]): Promise<unknown[]> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  for (const line of lines) input.write(typeof line === 'string' ? `${line}\n` : `${JSON.stringify(line)}\n`);
  input.end();
  await serve(input, output);
  output.end();
  const text = Buffer.concat(await output.toArray()).toString();
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const read = parseAdapterLine(line);
      if ('problem' in read) throw new Error(read.problem);
      return read.message;
    });
}

function run(op: string, input: object, params: object, more: object = {}): object {
  return {
    type: 'run',
    id: 'x1',
    op,
    specVersion: '1.0',
    input,
    params,
    outDir: directory,
    timeoutMs: 1000,
    ...more,
  };
}

function input(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const output = (name: string) => readFileSync(join(directory, name), 'latin1');

const tree = {
  role: 'merged',
  transform: 'oci',
  xattrs: 'allowlist-only',
  algorithm: 'fsverity-sha256-12',
};

test('hello is answered with the operations, and bye ends the adapter', async () => {
  const [hello, ...rest] = await answers(
    { type: 'hello', protocol: 1, suite: '1.0.0' },
    { type: 'bye' },
    { type: 'hello', protocol: 1, suite: '1.0.0' },
  );
  expect(hello).toMatchObject({
    type: 'hello',
    protocol: 1,
    implementation: { name: 'composefs-oci' },
    operations: [
      'fsverity.digest',
      'dumpfile.canonical',
      'erofs.write',
      'erofs.read',
      'layers.tree',
      'image.digest',
      'seal.inline',
      'seal.artifact',
      'verify',
      'cmdline.parse',
      'ddi.write',
      'ddi.read',
      'toc.check',
      'toc.id',
      'store.import',
      'store.export',
      'store.fsck',
      'store.gc',
      'store.find',
    ],
  });
  expect(rest).toEqual([]);
});

test('fsverity.digest', async () => {
  const data = input('data', 'hello world');
  const params = { algorithm: 'fsverity-sha256-12' };
  // https://github.com/composefs/composefs-rs computes this digest for the same bytes.
  const digest = '1e2eaa4202d750a41174ee454970b92c1bc2f925b1e35076d8c7d5f56362ba64';
  const formatted = `465356657269747901002000${digest}`;
  await expect(answers(run('fsverity.digest', { data }, params))).resolves.toEqual([
    { type: 'done', id: 'x1', status: 'ok', values: { digest, formatted } },
  ]);
});

test('dumpfile.canonical, erofs.write and erofs.read', async () => {
  const dumpfile = input('in.dump', trees.hello.dumpfile);
  await expect(answers(run('dumpfile.canonical', { dumpfile }, {}))).resolves.toMatchObject([
    { status: 'ok', files: { dumpfile: 'tree.dump' } },
  ]);
  expect(output('tree.dump')).toBe(trees.hello.dumpfile);

  const params = { format: 'v1', algorithm: 'fsverity-sha512-12' };
  await expect(answers(run('erofs.write', { dumpfile }, params))).resolves.toMatchObject([
    { status: 'ok', values: { digest: trees.hello.sha512 }, files: { image: 'image.erofs' } },
  ]);
  const image = join(directory, 'image.erofs');
  rmSync(join(directory, 'tree.dump'));
  await expect(answers(run('erofs.read', { image }, {}))).resolves.toMatchObject([{ status: 'ok' }]);
  expect(output('tree.dump')).toBe(trees.hello.dumpfile);
});

test('layers.tree', async () => {
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
  const layers = [{ path: input('layer', storedGzip(hello)), mediaType }];
  await expect(answers(run('layers.tree', { layers }, tree))).resolves.toMatchObject([{ status: 'ok' }]);
  expect(output('tree.dump')).toBe(trees.hello.dumpfile);
});

test('a rejection has a stage and a reason, and leaves no file', async () => {
  const dumpfile = input('in.dump', 'not a dumpfile\n');
  const layers = [{ path: input('layer', hello), mediaType: 'text/plain' }];
  await expect(
    answers(
      run('dumpfile.canonical', { dumpfile }, {}),
      run('layers.tree', { layers }, tree),
      run('layers.tree', { layers: [] }, { ...tree, role: 'layer' }),
    ),
  ).resolves.toMatchObject([
    { status: 'rejected', stage: 'dumpfile' },
    { status: 'rejected', stage: 'image', reason: 'IMAGE_MEDIA_TYPE' },
    { status: 'rejected', stage: 'request', reason: 'REQUEST_ROLE' },
  ]);
  expect(() => output('tree.dump')).toThrow();
});

test('an unknown operation, format or version is unsupported', async () => {
  const params = { format: 'v3', algorithm: 'fsverity-sha256-12' };
  await expect(
    answers(
      run('store.untag', {}, {}),
      run('erofs.write', { dumpfile: input('in.dump', '') }, params),
      run('fsverity.digest', {}, {}, { specVersion: '2.0' }),
    ),
  ).resolves.toMatchObject([
    { status: 'unsupported', feature: 'store.untag' },
    { status: 'unsupported', feature: 'format.v3' },
    { status: 'unsupported', feature: 'spec.2.0' },
  ]);
});

test('a request without an input of its operation is an error, not a rejection', async () => {
  const [answer] = await answers(run('fsverity.digest', {}, { algorithm: 'fsverity-sha256-12' }));
  expect(answer).toMatchObject({ status: 'error', message: expect.stringContaining('no input "data"') });
});

test.each([
  ['that is not JSON', '{'],
  ['that is not an object', '[]'],
  ['of an unknown type', '{"type":"ping"}'],
  ['of a different protocol', '{"type":"hello","protocol":2,"suite":"1.0.0"}'],
  ['without an id', '{"type":"run","op":"x","specVersion":"1.0","input":{},"params":{},"outDir":"/"}'],
  ['that is empty', ''],
])('a line %s ends the adapter with an error', async (_, line) => {
  await expect(answers(line)).rejects.toThrow(ProtocolError);
});

test('the schema of the messages is valid', () => {
  const ajv = new Ajv({ discriminator: true });
  expect(ajv.validateSchema(runnerMessage) || ajv.errors).toBe(true);
  expect(ajv.validateSchema({ ...runnerMessage, required: 'type' })).toBe(false);
});
