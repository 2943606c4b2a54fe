import { afterAll, describe, expect, it } from 'vitest';
import { run, temporaryFolder, writeSuite } from '../run/tiny-suite.test.helper.ts';
import { textReport } from './text.ts';

const folder = temporaryFolder();
const suite = writeSuite(folder.path);
afterAll(folder.remove);

/** The report without the parts that depend on the machine. */
async function report(adapter: string, options: Parameters<typeof run>[2] = {}): Promise<string> {
  const { events } = await run(suite, adapter, options);
  return textReport(events)
    .replace(/^platform .*$/m, 'platform        (here)')
    .replace(/, \S+ MiB of memory per process|, no memory limit.*/, '');
}

describe('the text report', () => {
  it('lists for a run without failures what was run and what was not', async () => {
    expect(await report('honest.mjs')).toBe(`composefs-oci conformance, suite 1.2.3, specification 1.0
implementation  test adapter 1
command         honest.mjs
order           seed 1, 1 process
limits          60000 ms per case
platform        (here)

4 of 6 cases executed: 4 pass
not run because hello does not declare them: erofs.read (1), digest.sha512-12 (1)
class digester: 1 of 2 requirements satisfied, 0 violated, 1 untested, 0 inconclusive
conformant: no
  untested: VERITY-002
  to conform as digester, also declare digest.sha512-12
`);
  });

  it('groups failures by cause, and shows how to reproduce them', async () => {
    expect(
      await report('echo-input.mjs', { list: 'dumpfile/x fail https://example.org gone' }),
    ).toBe(`composefs-oci conformance, suite 1.2.3, specification 1.0
implementation  test adapter 1
command         echo-input.mjs
order           seed 1, 1 process
limits          60000 ms per case
platform        (here)
known failures  list

FAIL dumpfile/bad-escape   DUMP-002 (MUST)   spec/chapter.md#DUMP-002
  A tiny case
  accepted, expected a rejection (dumpfile DUMPFILE_ESCAPE)
  reproduce: npm run conformance -- --impl echo-input.mjs --xfail list --case dumpfile/bad-escape --keep

FAIL dumpfile/sorted   DUMP-001 (MUST)   spec/chapter.md#DUMP-001
  A tiny case
  same: line 2 /a, PATH: expected "/a 0 100644 1 0 0 0 0.0 - - -", got "/b 0 100644 1 0 0 0 0.0 - - -"
  requirement of this field: DUMP-001 (MUST)   spec/chapter.md#DUMP-001
  reproduce: npm run conformance -- --impl echo-input.mjs --xfail list --case dumpfile/sorted --keep

FAIL fsverity/empty   VERITY-001 (MUST)   spec/chapter.md#VERITY-001
  A tiny case
  digest: expected 3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95, got e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  same cause in 1 other case: fsverity/generated
  reproduce: npm run conformance -- --impl echo-input.mjs --xfail list --case fsverity/empty --keep

4 of 6 cases executed: 4 fail
not run because hello does not declare them: erofs.read (1), digest.sha512-12 (1)
known-failures line 1: pattern dumpfile/x matches no case; remove it
class digester: 0 of 2 requirements satisfied, 1 violated, 1 untested, 0 inconclusive
conformant: no
  violated: DUMP-001, DUMP-002, VERITY-001
  untested: VERITY-002
  to conform as digester, also declare digest.sha512-12
  no requirement of class digester is satisfied
`);
  });

  it('names the control of an inconclusive rejection', async () => {
    expect(await report('always-reject.mjs')).toContain(
      'INCONCLUSIVE dumpfile/bad-escape   DUMP-002 (MUST)   spec/chapter.md#DUMP-002\n' +
        '  A tiny case\n' +
        '  rejected as expected, but its control dumpfile/sorted, which differs in one detail and must be accepted, did not pass\n',
    );
  });

  it('names the line of the known failures that lists a passing case', async () => {
    const list = 'fsverity/empty fail https://example.org no digests';
    expect(await report('honest.mjs', { list })).toContain(
      '  passes, but known-failures line 1 lists it with status fail; remove it\n',
    );
  });

  it('quotes the command for the shell', async () => {
    expect(await report('always-ok.mjs', { name: "sh -c 'x'" })).toContain(
      `--impl 'sh -c '\\''x'\\''' --case`,
    );
  });
});
