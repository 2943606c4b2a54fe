import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { schemaCheck } from '../../suite/json-schema.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { limits, prlimit } from '../limits.ts';
import { textReport } from '../report/text.ts';
import { killAll } from './adapter-process.ts';
import { all, bad, good, special } from './test-adapters.test.helper.ts';
import {
  ended,
  run,
  statusesOf,
  temporaryFolder,
  testAdapter,
  tinyCases,
  writeSuite,
} from './tiny-suite.test.helper.ts';
import { WorkDirectories } from './work-directory.ts';

const folder = temporaryFolder();
const suite = writeSuite(folder.path);
afterAll(folder.remove);

const checkEvent = schemaCheck('conformance/schema/report.schema.json');

describe('an adapter that follows the protocol', () => {
  it.each(good)('passes: %s', async adapter => {
    const outcome = await run(suite, adapter);
    expect(statusesOf(outcome)).toEqual(all('pass'));
    expect(outcome.footer.exitCode).toBe(0);
    for (const event of outcome.events) expect(checkEvent(event)).toBeUndefined();
  });

  it('is not tested on what it does not declare', async () => {
    const { cases, footer } = await run(suite, 'honest.mjs');
    expect(cases['fsverity/sha512']?.filtered).toEqual({ by: 'feature', name: 'digest.sha512-12' });
    expect(cases['erofs/undeclared']?.filtered).toEqual({ by: 'operation', name: 'erofs.read' });
    expect(footer.counts.filtered).toBe(2);
    expect(footer.because).toEqual([
      'untested: VERITY-002',
      'to conform as digester, also declare digest.sha512-12',
    ]);
  });

  it('may omit the reason of a rejection, which the report counts', async () => {
    expect((await run(suite, 'no-reason.mjs')).footer.rejectionsWithoutReason).toBe(1);
    expect((await run(suite, 'honest.mjs')).footer.rejectionsWithoutReason).toBe(0);
  });

  it('runs in as many processes as hello and --jobs allow', async () => {
    const outcome = await run(suite, 'honest.mjs', { jobs: 8 });
    expect(outcome.header.jobs).toBe(2);
    expect(statusesOf(outcome)).toEqual(all('pass'));
  });
});

describe('an adapter that misbehaves', () => {
  it('is in one of the lists in this file', () => {
    const files = readdirSync(join(packageRoot, 'conformance/runner/test-adapters'));
    expect(files.filter(name => name !== 'serve.mjs').sort()).toEqual(
      [...good, ...Object.keys(bad), ...special].sort(),
    );
  });

  it.concurrent.each(Object.entries(bad))(
    'passes nothing: %s',
    { timeout: 60_000 },
    async (adapter, statuses) => {
      const patient = !Object.values(statuses).includes('timeout');
      const work = WorkDirectories.create(false);
      const outcome = await run(suite, adapter, { work, ...(patient ? {} : { timeoutMs: 200 }) });
      expect(statusesOf(outcome)).toEqual(statuses);
      work.remove();
      expect(existsSync(work.path)).toBe(false);
      expect(outcome.footer).toMatchObject({ exitCode: 1, conformant: false });
      for (const event of outcome.events) expect(checkEvent(event)).toBeUndefined();
      expect(textReport(outcome.events)).toContain('conformant: no');
    },
  );

  it('fails a rejection with a wrong reason', async () => {
    const { cases } = await run(suite, 'wrong-reason.mjs');
    expect(cases['dumpfile/bad-escape']?.failure?.message).toBe(
      'rejection: expected dumpfile DUMPFILE_ESCAPE, got dumpfile DUMPFILE_MODE',
    );
    expect(cases['dumpfile/sorted']?.status).toBe('pass');
  });

  it('fails a request that it answers again during the next request', async () => {
    const statuses = Object.values(statusesOf(await run(suite, 'late-duplicate.mjs')));
    // The last request is not answered again, so it passes.
    expect(statuses.filter(status => status === 'protocol')).toHaveLength(3);
  });

  it('must send the same hello in every process', async () => {
    const statuses = Object.values(statusesOf(await run(suite, 'changes-hello.mjs')));
    expect(statuses.filter(status => status === 'protocol')).toHaveLength(3);
  });

  it.skipIf(prlimit === undefined)('cannot use more memory than the limit (needs prlimit)', async () => {
    const outcome = await run(suite, 'much-memory.mjs');
    expect(statusesOf(outcome)).toEqual(all('crash'));
    expect(outcome.header.memoryLimit).toBe(limits.memoryBytes);
  });

  it('shows its stderr with the failure', async () => {
    const { cases, events } = await run(suite, 'crash.mjs');
    expect(cases['fsverity/empty']?.failure?.stderr).toContain('this is the end');
    expect(textReport(events)).toContain('this is the end');
  });

  it.skipIf(process.platform !== 'linux')('leaves no process behind that keeps its stdout open', async () => {
    const pids = join(folder.path, 'pids');
    const [node = '', adapter = ''] = testAdapter('leaves-child-behind.mjs');
    const command = ['/bin/sh', '-c', `PIDS=${pids} exec ${node} ${adapter}`];
    await run(suite, 'leaves-child-behind.mjs', { command });
    for (const pid of readFileSync(pids, 'utf8').trim().split('\n')) await ended(Number(pid));
  });

  it('cannot be tested if it does not start', async () => {
    const options = { command: ['/bin/sh', '-c', 'echo oops >&2; exit 7'] };
    await expect(run(suite, 'none', options)).rejects.toThrow(
      /exited with code 7 before it sent hello\n.*\noops/,
    );
  });
});

describe('an adapter with --repeat', () => {
  it.each(good)('passes with equal answers: %s', async adapter => {
    const outcome = await run(suite, adapter, { repeat: 3 });
    expect(statusesOf(outcome)).toEqual(all('pass'));
    expect(outcome.header.repeat).toBe(3);
    for (const event of outcome.events) expect(checkEvent(event)).toBeUndefined();
  });

  it('fails with a different answer, even one that would pass', async () => {
    const once = await run(suite, 'another-reason-later.mjs');
    expect(statusesOf(once)).toEqual(all('pass'));
    const { cases, events } = await run(suite, 'another-reason-later.mjs', { repeat: 2 });
    expect(cases['dumpfile/bad-escape']).toMatchObject({ status: 'fail', differently: true });
    expect(cases['dumpfile/bad-escape']?.failure?.message).toBe(
      'answered differently the second time: first rejected (dumpfile DUMPFILE_ESCAPE), then rejected (dumpfile)',
    );
    expect(cases['dumpfile/sorted']?.status).toBe('pass');
    for (const event of events) expect(checkEvent(event)).toBeUndefined();
    expect(textReport(events)).toContain('order           seed 1, 1 process, each case 2 times');
  });

  it('is reported for different answers even if they are wrong', async () => {
    const { cases } = await run(suite, 'another-digest-later.mjs', { repeat: 3 });
    expect(cases['fsverity/empty']?.failure?.message).toBe(
      'answered differently the second time: different digest',
    );
  });

  it('fails if it crashes later', async () => {
    expect(statusesOf(await run(suite, 'crashes-later.mjs'))).toEqual(all('pass'));
    const { cases, ...outcome } = await run(suite, 'crashes-later.mjs', { repeat: 2 });
    expect(statusesOf({ cases, ...outcome })).toEqual(all('crash'));
    expect(cases['fsverity/empty']?.failure?.message).toBe('the second time: the adapter exited with code 9');
  });
});

describe('an early stop', () => {
  const many = temporaryFolder();
  afterAll(many.remove);
  const [empty = raise()] = tinyCases;
  const numbers = Array.from({ length: limits.timeoutsInARow + 5 }, (_, i) => i);
  const manyCases = writeSuite(
    many.path,
    numbers.map(i => ({ ...empty, id: `fsverity/empty-${i}` })),
  );
  const hello = JSON.stringify({
    type: 'hello',
    protocol: 1,
    implementation: { name: 'silent', version: '1' },
    specVersions: ['1.0'],
    operations: ['fsverity.digest'],
    features: ['digest.sha256-12'],
  });
  const silent = ['/bin/sh', '-c', `echo '${hello}'; exec sleep 1000`];

  it('follows too many timeouts in a row', async () => {
    const outcome = await run(manyCases, 'silent', { command: silent, timeoutMs: 1, repeat: 2 });
    const { counts, stopped, exitCode, conformant, because } = outcome.footer;
    expect(counts).toMatchObject({ timeout: limits.timeoutsInARow, filtered: 5 });
    expect(stopped?.by).toBe('timeouts');
    expect({ exitCode, conformant, first: because[0] }).toEqual({
      exitCode: 1,
      conformant: false,
      first: 'the run stopped early',
    });
    for (const event of outcome.events) expect(checkEvent(event)).toBeUndefined();
    expect(textReport(outcome.events)).toContain(
      'stopped early: there was no answer in time to 20 requests in a row\nnot run because the run stopped early: 5\n',
    );
  });

  it('does not follow timeouts that are known failures', async () => {
    const list = '* timeout https://example.org/1 hangs';
    const { footer } = await run(manyCases, 'silent', { command: silent, timeoutMs: 1, list });
    expect(footer).toMatchObject({ stopped: null, exitCode: 0 });
    expect(footer.counts.xfail).toBe(numbers.length);
  });

  it('keeps what was judged before a bug of the runner', async () => {
    let done = 0;
    const progress = () => {
      if (++done === 3) throw new Error('broken on purpose');
    };
    const outcome = await run(suite, 'always-ok.mjs', { progress });
    expect(outcome.footer).toMatchObject({ exitCode: 5, conformant: false, stopped: { by: 'bug' } });
    expect(outcome.footer.counts).toMatchObject({ fail: 3, filtered: 3 });
    for (const event of outcome.events) expect(checkEvent(event)).toBeUndefined();
  });

  it('leaves nothing satisfied that only a case that was not run again decides', async () => {
    let done = 0;
    const progress = () => {
      if (++done === 5) throw new Error('broken on purpose');
    };
    const { footer, events } = await run(suite, 'honest.mjs', { progress, repeat: 2 });
    // One of the four cases was run twice.
    expect(footer.counts).toMatchObject({ pass: 1, filtered: 5 });
    const verdicts = events.filter(event => event.event === 'requirement').map(({ verdict }) => verdict);
    expect(verdicts.filter(verdict => verdict === 'satisfied').length).toBeLessThanOrEqual(1);
  });

  it('is not possible for vectors that are damaged', async () => {
    const damaged = temporaryFolder();
    const broken = writeSuite(damaged.path);
    rmSync(join(damaged.path, 'cases/fsverity/empty/in/data'));
    await expect(run(broken, 'honest.mjs')).rejects.toThrow(/fsverity\/empty: the input .* does not exist/);
    const selection = { cases: ['dumpfile/sorted'] };
    rmSync(join(damaged.path, 'cases/dumpfile/sorted/expect/dump'));
    await expect(run(broken, 'honest.mjs', { selection })).rejects.toThrow(/cannot read the expected file/);
    damaged.remove();
  });
});

describe('the requests to an adapter', () => {
  it('contain no case id and no expectation', async () => {
    const spy = join(folder.path, 'spy');
    const command = ['/bin/sh', '-c', `tee ${spy} | ${testAdapter('honest.mjs').join(' ')}`];
    await run(suite, 'honest.mjs', { command });
    const seen = readFileSync(spy, 'utf8');
    expect(seen.trim().split('\n')).toHaveLength(6);
    for (const secret of ['sorted', 'empty', 'generated', 'escape', 'VERITY', 'reject', folder.path]) {
      expect(seen).not.toContain(secret);
    }
  });
});

describe('work directories', () => {
  it('are removed unless they are kept', async () => {
    const work = WorkDirectories.create(true);
    const { cases } = await run(suite, 'honest.mjs', { work, keep: true });
    expect(readdirSync(cases['dumpfile/sorted']?.kept ?? '').sort()).toEqual(['in', 'out']);
    expect(readdirSync(work.path)).toHaveLength(4);
    rmSync(work.path, { recursive: true });
    const gone = WorkDirectories.create(false);
    await run(suite, 'crash.mjs', { work: gone });
    expect(existsSync(gone.path)).toBe(true);
    expect(readdirSync(gone.path)).toEqual([]);
    gone.remove();
    expect(existsSync(gone.path)).toBe(false);
  });

  it('check the digest of a generated input', async () => {
    const damaged = temporaryFolder();
    const broken = writeSuite(damaged.path, [
      {
        id: 'fsverity/generated',
        op: 'fsverity.digest',
        input: { data: { generate: { patternHex: '62', size: 5, sha256: '0'.repeat(64) } } },
        params: { algorithm: 'fsverity-sha256-12' },
        expect: { outcome: 'accept', values: { digest: '0'.repeat(64) } },
      },
    ]);
    await expect(run(broken, 'honest.mjs')).rejects.toThrow(
      'the SHA-256 of the generated input does not match',
    );
    killAll();
    damaged.remove();
  });
});

function raise(): never {
  throw new Error('there are no cases');
}
