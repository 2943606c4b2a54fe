import { beforeEach, describe, expect, test } from 'vitest';
import { digest, fakedAdapter, testsTools, testsXfail } from './adapter.test.helper.ts';

const faked = fakedAdapter('mkcomposefs', 'peers/bin');
const { fake, put, run, request, answer, output } = faked;

describe('the adapter', () => {
  test('does not start where the tools are not there, and says what to do', () => {
    const { status, stderr, answers } = run();
    expect(status).toBe(1);
    expect(answers).toEqual([]);
    expect(stderr).toBe('mkcomposefs is not there: run "npm run peers" once\n');
  });

  test('says who it is', () => {
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

  testsTools(faked, ['mkcomposefs', 'composefs-info']);

  test.each<[string, string, string, object]>([
    [
      'is a refusal of the parser',
      'erofs.write',
      'echo "mkcomposefs: Missing = in xattr" >&2; exit 1',
      { status: 'rejected', stage: 'dumpfile' },
    ],
    [
      'is a refusal of the writer',
      'erofs.write',
      'echo "mkcomposefs: cannot write file: File too large" >&2; exit 1',
      { status: 'rejected', stage: 'erofs' },
    ],
    [
      'is a refusal of the reader',
      'erofs.read',
      'echo "composefs-info: Failed to load \'in\': Invalid argument" >&2; exit 1',
      { status: 'rejected', stage: 'erofs' },
    ],
    [
      'is an error where the input can not be opened',
      'erofs.write',
      'echo "mkcomposefs: open in: No such file or directory" >&2; exit 1',
      { status: 'error' },
    ],
    ['is an error where no digest was printed', 'erofs.write', 'echo hello', { status: 'error' }],
    ['is an error where the dump is none', 'erofs.read', 'echo hello', { status: 'error' }],
  ])('%s (%s)', (_, op, script, expected) => {
    fake(op === 'erofs.write' ? 'mkcomposefs' : 'composefs-info', script);
    expect(answer(op)).toMatchObject({ type: 'done', id: 'x', ...expected });
  });

  test('is a dumpfile in canonical spelling', () => {
    fake('composefs-info', 'echo "/ 4096 40755 2 0 0 0 1.5 - - -"');
    expect(answer('erofs.read')).toMatchObject({ status: 'ok', files: { dumpfile: 'tree.dump' } });
    expect(output('tree.dump')).toBe('/ 0 40755 2 0 0 0 1.5 - - -\n');
  });

  test('is that another digest or format is not supported', () => {
    expect(answer('erofs.write', { format: 'v1', algorithm: 'fsverity-sha512-12' })).toMatchObject({
      status: 'unsupported',
      feature: 'digest.sha512-12',
    });
    expect(answer('erofs.write', { format: 'v2' })).toMatchObject({
      status: 'unsupported',
      feature: 'format.v2',
    });
  });

  test('is an image of the format that was asked for', () => {
    fake('mkcomposefs', `case "$2 $3" in "--min-version=0 --max-version=0") echo ${digest};; esac`);
    expect(answer('erofs.write', { format: 'v0' })).toMatchObject({ status: 'ok' });
    expect(answer('erofs.write', { format: 'v1' })).toMatchObject({ status: 'error' });
  });

  test('is none where a tool crashes: so does the adapter', () => {
    fake('mkcomposefs', 'echo oops >&2; kill -SEGV $$');
    const { status, answers, stderr } = run(request('erofs.write'));
    expect({ status, answers: answers.length, stderr }).toEqual({
      status: 1,
      answers: 1,
      stderr: 'oops\nmkcomposefs crashed: SIGSEGV\n',
    });
  });
});

testsXfail('mkcomposefs');
