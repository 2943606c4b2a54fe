import { afterAll, describe, expect, it } from 'vitest';
import { run, temporaryFolder, writeSuite } from '../run/tiny-suite.test.helper.ts';
import { textReport } from './text.ts';

const folder = temporaryFolder();
const suite = writeSuite(folder.path);
afterAll(folder.remove);

/** The report without what differs from machine to machine. */
async function report(adapter: string, options: Parameters<typeof run>[2] = {}): Promise<string> {
  const { events } = await run(suite, adapter, options);
  return textReport(events)
    .replace(/^platform .*$/m, 'platform        (here)')
    .replace(/, \S+ MiB of memory a process|, no memory limit.*/, '');
}

describe('the text report', () => {
  it('says of a good run what was and what was not asked', async () => {
    expect(await report('honest.mjs')).toBe(`composefs-oci conformance, suite 1.2.3, specification 1.0
implementation  test adapter 1
command         honest.mjs
order           seed 1, 1 process
limits          5000 ms a case
platform        (here)

4 of 6 cases executed: 4 pass
not asked, because hello does not declare it: erofs.read (1), digest.sha512-12 (1)
class digester: 1 of 2 requirements satisfied, 0 violated, 1 untested, 0 inconclusive
conformant: no
  untested: VERITY-002
`);
  });

  it('groups what fails alike, and says how to see it again', async () => {
    expect(
      await report('echo-input.mjs', { list: 'dumpfile/x fail https://example.org gone' }),
    ).toBe(`composefs-oci conformance, suite 1.2.3, specification 1.0
implementation  test adapter 1
command         echo-input.mjs
order           seed 1, 1 process
limits          5000 ms a case
platform        (here)
known failures  list

FAIL dumpfile/bad-escape   DUMP-002 (MUST)   spec/chapter.md#DUMP-002
  A tiny case
  accepted, expected a rejection: dumpfile DUMPFILE_ESCAPE
  reproduce: npm run conformance -- --impl echo-input.mjs --xfail list --case dumpfile/bad-escape --keep

FAIL dumpfile/sorted   DUMP-001 (MUST)   spec/chapter.md#DUMP-001
  A tiny case
  same: line 2 /a, PATH: expected "/a 0 100644 1 0 0 0 0.0 - - -", got "/b 0 100644 1 0 0 0 0.0 - - -"
  reproduce: npm run conformance -- --impl echo-input.mjs --xfail list --case dumpfile/sorted --keep

FAIL fsverity/empty   VERITY-001 (MUST)   spec/chapter.md#VERITY-001
  A tiny case
  digest: expected 3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95, got e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  same cause: 1 other case: fsverity/generated
  reproduce: npm run conformance -- --impl echo-input.mjs --xfail list --case fsverity/empty --keep

4 of 6 cases executed: 4 fail
not asked, because hello does not declare it: erofs.read (1), digest.sha512-12 (1)
line 1 of the known failures, dumpfile/x, matches no case: take it out
class digester: 0 of 2 requirements satisfied, 1 violated, 1 untested, 0 inconclusive
conformant: no
  violated: DUMP-001, DUMP-002, VERITY-001
  untested: VERITY-002
  nothing shows that it is a digester
`);
  });

  it('names the control of an inconclusive rejection', async () => {
    expect(await report('always-reject.mjs')).toContain(
      'INCONCLUSIVE dumpfile/bad-escape   DUMP-002 (MUST)   spec/chapter.md#DUMP-002\n' +
        '  A tiny case\n' +
        '  rejected, as it has to be, but dumpfile/sorted, which differs in one thing and is fine, did not pass\n',
    );
  });

  it('names the line that an unexpected pass makes wrong', async () => {
    const list = 'fsverity/empty fail https://example.org no digests';
    expect(await report('honest.mjs', { list })).toContain(
      '  it passes, and line 1 of the known failures says fail: take it out\n',
    );
  });

  it('quotes the command for a shell', async () => {
    expect(await report('always-ok.mjs', { name: "sh -c 'x'" })).toContain(
      `--impl 'sh -c '\\''x'\\''' --case`,
    );
  });
});
