import { beforeEach, describe, expect, test } from 'vitest';
import { adapterUnderTest, digest, testKnownFailures, testTools } from './adapter.test.helper.ts';

const adapter = adapterUnderTest('mkcomposefs', 'peers/bin');
const { fake, put, run, request, answer, output } = adapter;

describe('the adapter', () => {
  test('does not start without the tools, and says how to install them', () => {
    const { status, stderr, answers } = run();
    expect(status).toBe(1);
    expect(answers).toEqual([]);
    expect(stderr).toBe('mkcomposefs is not installed: run "npm run peers"\n');
  });

  test('says its name and version', () => {
    fake('mkcomposefs', '');
    fake('composefs-info', '');
    put('peers/versions.json', '{"composefs":"1:1.0.8-3"}');
    const { status, answers } = run();
    expect(status).toBe(0);
    expect(answers).toMatchObject([
      { type: 'hello', implementation: { name: 'mkcomposefs', version: '1.0.8' } },
    ]);
  });
});

describe('an answer', () => {
  beforeEach(() => {
    fake('mkcomposefs', 'exit 0');
    fake('composefs-info', 'exit 0');
  });

  testTools(adapter, ['mkcomposefs', 'composefs-info']);

  test.each<[string, string, string, object]>([
    [
      'is a rejection by the parser',
      'erofs.write',
      'echo "mkcomposefs: Missing = in xattr" >&2; exit 1',
      { status: 'rejected', stage: 'dumpfile' },
    ],
    [
      'is a rejection by the writer',
      'erofs.write',
      'echo "mkcomposefs: cannot write file: File too large" >&2; exit 1',
      { status: 'rejected', stage: 'erofs' },
    ],
    [
      'is a rejection by the reader',
      'erofs.read',
      'echo "composefs-info: Failed to load \'in\': Invalid argument" >&2; exit 1',
      { status: 'rejected', stage: 'erofs' },
    ],
    [
      'is an error if the input cannot be opened',
      'erofs.write',
      'echo "mkcomposefs: open in: No such file or directory" >&2; exit 1',
      { status: 'error' },
    ],
    ['is an error if no digest was printed', 'erofs.write', 'echo hello', { status: 'error' }],
    ['is an error if the output is not a dumpfile', 'erofs.read', 'echo hello', { status: 'error' }],
  ])('%s (%s)', (_, op, script, expected) => {
    fake(op === 'erofs.write' ? 'mkcomposefs' : 'composefs-info', script);
    expect(answer(op)).toMatchObject({ type: 'done', id: 'x', ...expected });
  });

  test('is a canonical dumpfile', () => {
    fake('composefs-info', 'echo "/ 4096 40755 2 0 0 0 1.5 - - -"');
    expect(answer('erofs.read')).toMatchObject({ status: 'ok', files: { dumpfile: 'tree.dump' } });
    expect(output('tree.dump')).toBe('/ 0 40755 2 0 0 0 1.5 - - -\n');
  });

  test('is unsupported for another digest or format', () => {
    expect(answer('erofs.write', { format: 'v1', algorithm: 'fsverity-sha512-12' })).toMatchObject({
      status: 'unsupported',
      feature: 'digest.sha512-12',
    });
    expect(answer('erofs.write', { format: 'v2' })).toMatchObject({
      status: 'unsupported',
      feature: 'format.v2',
    });
  });

  test('is an image in the requested format', () => {
    fake('mkcomposefs', `case "$2 $3" in "--min-version=0 --max-version=0") echo ${digest};; esac`);
    expect(answer('erofs.write', { format: 'v0' })).toMatchObject({ status: 'ok' });
    expect(answer('erofs.write', { format: 'v1' })).toMatchObject({ status: 'error' });
  });

  test('is missing if a tool crashes: the adapter crashes too', () => {
    fake('mkcomposefs', 'echo oops >&2; kill -SEGV $$');
    const { status, answers, stderr } = run(request('erofs.write'));
    expect({ status, answers: answers.length, stderr }).toEqual({
      status: 1,
      answers: 1,
      stderr: 'oops\nmkcomposefs crashed: SIGSEGV\n',
    });
  });
});

testKnownFailures('mkcomposefs');
