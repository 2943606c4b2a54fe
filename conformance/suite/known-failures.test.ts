import { afterAll, describe, expect, it } from 'vitest';
import { run, temporaryFolder, writeSuite } from '../runner/run/tiny-suite.test.helper.ts';
import { parseKnownFailures } from './known-failures.ts';

const folder = temporaryFolder();
const suite = writeSuite(folder.path);
afterAll(folder.remove);

const link = 'https://example.org/1';

describe('a list of known failures', () => {
  it('has a pattern, a status, a link and a reason on each line, and comments', () => {
    const [first, ...others] = parseKnownFailures(
      `# why\n\n  erofs/x-*  fail ${link}  nlink of the input \n`,
      'list',
    );
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      line: 3,
      pattern: 'erofs/x-*',
      status: 'fail',
      link,
      reason: 'nlink of the input',
    });
    expect(first?.matches('erofs/x-1')).toBe(true);
  });

  it.each([
    ['a/b fail', 'list:1: expected four columns'],
    [`a/b fail ${link}`, 'list:1: expected four columns'],
    [`a/b pass ${link} no failure`, 'list:1: status "pass" is not one of fail, crash'],
    ['a/b fail later reason', 'list:1: "later" is not an http or https link'],
  ])('is rejected: %s', (text, problem) => {
    expect(() => parseKnownFailures(text, 'list')).toThrow(problem);
  });

  it('turns a failure into an expected one, which still violates its requirement', async () => {
    const list = `fsverity/* fail ${link} no digests\ndumpfile/* fail ${link} no dumpfiles`;
    const { cases, footer, events } = await run(suite, 'always-ok.mjs', { list });
    expect(footer).toMatchObject({ counts: { xfail: 4 }, exitCode: 0, conformant: false });
    expect(cases['fsverity/empty']).toMatchObject({ status: 'xfail', listed: { line: 1, link } });
    expect(events).toContainEqual(expect.objectContaining({ id: 'VERITY-001', verdict: 'violated' }));
  });

  it('fails the run if a listed case passes', async () => {
    const { cases, footer } = await run(suite, 'honest.mjs', { list: `fsverity/empty fail ${link} r` });
    expect(cases['fsverity/empty']?.status).toBe('xpass');
    expect(footer.exitCode).toBe(1);
  });

  it('fails the run if a listed case fails with another status', async () => {
    const { cases, footer } = await run(suite, 'crash.mjs', { list: `* timeout ${link} r` });
    expect(cases['fsverity/empty']).toMatchObject({ status: 'crash', listed: { status: 'timeout' } });
    expect(footer.exitCode).toBe(1);
  });

  it('counts an unstable case as a known failure whether it passes or fails', async () => {
    const list = `fsverity/empty unstable ${link} r`;
    for (const adapter of ['honest.mjs', 'always-ok.mjs']) {
      const { cases, footer } = await run(suite, adapter, { list });
      expect(cases['fsverity/empty']?.status).toBe('xfail');
      expect(footer.conformant).toBe(false);
    }
  });

  it('fails the run if a pattern matches no case', async () => {
    const { footer } = await run(suite, 'honest.mjs', { list: `fsverity/gone* fail ${link} r` });
    expect(footer).toMatchObject({ unusedXfail: [{ line: 1, pattern: 'fsverity/gone*' }], exitCode: 1 });
  });

  it('may match cases that are not run', async () => {
    const { footer } = await run(suite, 'honest.mjs', { list: `erofs/undeclared fail ${link} r` });
    expect(footer.exitCode).toBe(0);
  });
});
