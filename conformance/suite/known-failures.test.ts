import { afterAll, describe, expect, it } from 'vitest';
import { run, temporaryFolder, writeSuite } from '../runner/run/tiny-suite.test.helper.ts';
import { parseXfail } from './known-failures.ts';

const folder = temporaryFolder();
const suite = writeSuite(folder.path);
afterAll(folder.remove);

const link = 'https://example.org/1';

describe('a list of known failures', () => {
  it('has a pattern, a status, a link and a reason a line, and comments', () => {
    const [first, ...others] = parseXfail(
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
    ['a/b fail', 'list:1: a line has four columns'],
    [`a/b fail ${link}`, 'list:1: a line has four columns'],
    [`a/b pass ${link} no failure`, 'list:1: "pass" is none of fail, crash'],
    ['a/b fail later reason', 'list:1: "later" is no link'],
  ])('is refused: %s', (text, problem) => {
    expect(() => parseXfail(text, 'list')).toThrow(problem);
  });

  it('makes a failure an expected one, but no pass of its requirement', async () => {
    const list = `fsverity/* fail ${link} no digests\ndumpfile/* fail ${link} no dumpfiles`;
    const { cases, footer, events } = await run(suite, 'always-ok.mjs', { list });
    expect(footer).toMatchObject({ counts: { xfail: 4 }, exitCode: 0, conformant: false });
    expect(cases['fsverity/empty']).toMatchObject({ status: 'xfail', listed: { line: 1, link } });
    expect(events).toContainEqual(expect.objectContaining({ id: 'VERITY-001', verdict: 'violated' }));
  });

  it('is wrong when a case passes, and says which line has to go', async () => {
    const { cases, footer } = await run(suite, 'honest.mjs', { list: `fsverity/empty fail ${link} r` });
    expect(cases['fsverity/empty']?.status).toBe('xpass');
    expect(footer.exitCode).toBe(1);
  });

  it('is wrong when a case fails in another way', async () => {
    const { cases, footer } = await run(suite, 'crash.mjs', { list: `* timeout ${link} r` });
    expect(cases['fsverity/empty']).toMatchObject({ status: 'crash', listed: { status: 'timeout' } });
    expect(footer.exitCode).toBe(1);
  });

  it('takes neither outcome of an unstable case for more than a known failure', async () => {
    const list = `fsverity/empty unstable ${link} r`;
    for (const adapter of ['honest.mjs', 'always-ok.mjs']) {
      const { cases, footer } = await run(suite, adapter, { list });
      expect(cases['fsverity/empty']?.status).toBe('xfail');
      expect(footer.conformant).toBe(false);
    }
  });

  it('is wrong when a pattern matches no case', async () => {
    const { footer } = await run(suite, 'honest.mjs', { list: `fsverity/gone* fail ${link} r` });
    expect(footer).toMatchObject({ unusedXfail: [{ line: 1, pattern: 'fsverity/gone*' }], exitCode: 1 });
  });

  it('may name cases that are not asked', async () => {
    const { footer } = await run(suite, 'honest.mjs', { list: `erofs/undeclared fail ${link} r` });
    expect(footer.exitCode).toBe(0);
  });
});
