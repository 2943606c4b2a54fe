import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { schemaCheck } from '../../suite/json-schema.ts';
import { parseKnownFailures } from '../../suite/known-failures.ts';
import type { CaseEvent, ReportEvent } from '../report/events.ts';
import { type JudgeOptions, judgeRecord } from './judge-record.ts';
import { readRecord } from './recorded-answers.ts';
import { Recorder } from './recorder.ts';
import type { RunOptions } from './run-suite.ts';
import {
  run,
  type TinyCase,
  temporaryFolder,
  tinyCases,
  tinyRequirements,
  writeSuite,
} from './tiny-suite.test.helper.ts';

const folder = temporaryFolder();
const suite = writeSuite(folder.path);
afterAll(folder.remove);
const requirements = new Map(tinyRequirements.map(known => [known.id, known]));

/** Runs a test adapter with a record, and judges that. */
async function recorded(
  adapter: string,
  options: Partial<RunOptions> & { readonly list?: string } = {},
  judgeOptions: Partial<JudgeOptions> = {},
) {
  const { path } = temporaryIn();
  const { events } = await run(suite, adapter, { ...options, recorder: new Recorder(path) });
  return { path, events, judged: await judge(path, judgeOptions) };
}

async function judge(path: string, options: Partial<JudgeOptions> = {}): Promise<ReportEvent[]> {
  const answers = await readRecord(path, temporaryIn().path);
  return judgeRecord(answers, { suite, requirements, vectors: undefined, xfail: undefined, ...options });
}

const temporaries: { readonly remove: () => void }[] = [];
function temporaryIn() {
  const made = temporaryFolder();
  temporaries.push(made);
  return made;
}
afterAll(() => {
  for (const { remove } of temporaries) remove();
});

function caseIn(events: readonly ReportEvent[], id: string): CaseEvent | undefined {
  return events.filter(event => event.event === 'case').find(event => event.id === id);
}

describe('a record', () => {
  it.each([
    ['honest.mjs', {}],
    ['honest.mjs', { repeat: 2, jobs: 2 }],
    ['no-reason.mjs', {}],
    ['echo-input.mjs', {}],
    ['empty-file.mjs', {}],
    ['crash.mjs', {}],
    ['crash-after-answer.mjs', {}],
    ['late-duplicate.mjs', {}],
    ['missing-file.mjs', {}],
    ['symlink-output.mjs', {}],
    ['beside-out-dir.mjs', {}],
    ['strange-names.mjs', {}],
    ['inherited-names.mjs', {}],
    ['another-digest-later.mjs', { repeat: 2 }],
    ['crashes-later.mjs', { repeat: 2 }],
    ['honest.mjs', { selection: { cases: ['dumpfile/*'] } }],
    ['honest.mjs', { shard: { index: 1, of: 2 } }],
  ] as [string, Partial<RunOptions>][])('gives the same report again: %s %j', async (adapter, options) => {
    const { events, judged } = await recorded(adapter, options);
    const [header, ...rest] = judged;
    expect(rest).toEqual(events.slice(1));
    expect(header).toEqual({
      ...events[0],
      recorded: { time: expect.any(String), answersSha256: expect.any(String) },
    });
    const check = schemaCheck('conformance/schema/report.schema.json');
    for (const event of judged) expect(check(event)).toBeUndefined();
  });

  it('binds the answers to the suite, the adapter, the seed, the platform and the time', async () => {
    const { path } = await recorded('honest.mjs');
    expect(readdirSync(path).sort()).toEqual(['answers.jsonl.gz', 'record.json']);
    const record = JSON.parse(readFileSync(join(path, 'record.json'), 'utf8'));
    expect(record.header).toMatchObject({ suite: { indexSha256: suite.indexSha256 }, seed: 1 });
    expect(record.header.platform.node).toBe(process.version);
    expect(record.adapter.map((file: { path: string }) => file.path)).toContainEqual(
      expect.stringMatching(/honest\.mjs$/),
    );
    expect(record.answers.size).toBe(readFileSync(join(path, 'answers.jsonl.gz')).length);
    const lines = gunzipSync(readFileSync(join(path, 'answers.jsonl.gz')))
      .toString('utf8')
      .trimEnd()
      .split('\n');
    const check = schemaCheck('conformance/schema/record.schema.json', 'line');
    for (const line of lines) expect(check(JSON.parse(line))).toBeUndefined();
  });

  it('is judged with the list of known failures of the later time', async () => {
    const xfail = { path: 'list', known: parseKnownFailures('* fail https://example.org/1 x', 'list') };
    const { judged } = await recorded('always-ok.mjs', {}, { xfail });
    expect(caseIn(judged, 'fsverity/empty')?.status).toBe('xfail');
  });
});

describe('a record judged with a later suite', () => {
  const later = (change: (test: TinyCase) => TinyCase) =>
    writeSuite(temporaryIn().path, tinyCases.map(change));

  it('is compared with the later expectation', async () => {
    const corrected = later(test =>
      test.id === 'fsverity/empty'
        ? { ...test, expect: { outcome: 'accept', values: { digest: '0'.repeat(64) } } }
        : test,
    );
    const { judged } = await recorded('honest.mjs', {}, { suite: corrected });
    expect(caseIn(judged, 'fsverity/empty')?.failure?.message).toContain(`expected ${'0'.repeat(64)}`);
    expect(caseIn(judged, 'fsverity/generated')?.status).toBe('pass');
    expect(judged[0]).toMatchObject({ suite: { indexSha256: corrected.indexSha256 } });
  });

  it('says nothing about a case whose input changed, or that did not exist', async () => {
    const changed = later(test => {
      if (test.id === 'dumpfile/sorted')
        return { ...test, files: { ...test.files, 'in/dump': '/ 0 40755 2 0 0 0 0.0 - - -\n' } };
      return test.id === 'fsverity/empty' ? { ...test, id: 'fsverity/new' } : test;
    });
    const { judged } = await recorded('honest.mjs', {}, { suite: changed });
    for (const id of ['dumpfile/sorted', 'fsverity/new']) {
      expect(caseIn(judged, id)).toMatchObject({ status: 'filtered', filtered: { by: 'record' } });
    }
    // Its control was not judged, but it was run.
    expect(caseIn(judged, 'dumpfile/bad-escape')?.status).toBe('pass');
    expect(judged.at(-1)).toMatchObject({ conformant: false });
  });
});

describe('a record that is damaged', () => {
  /** Records, changes the lines, and gives the archive its new SHA-256 if it is to be found only in the lines. */
  async function damaged(change: (lines: string[]) => string[]): Promise<string> {
    const { path } = await recorded('honest.mjs');
    const archive = join(path, 'answers.jsonl.gz');
    const lines = gunzipSync(readFileSync(archive)).toString('utf8').trimEnd().split('\n');
    const bytes = gzipSync(`${change(lines).join('\n')}\n`);
    writeFileSync(archive, bytes);
    const { createHash } = await import('node:crypto');
    const record = JSON.parse(readFileSync(join(path, 'record.json'), 'utf8'));
    record.answers.sha256 = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(path, 'record.json'), JSON.stringify(record));
    return path;
  }

  it.each<[string, RegExp, (lines: string[]) => string[]]>([
    [
      'the content of a file',
      /is damaged/,
      lines => lines.map(line => line.replace(/"base64":"./, '"base64":"Q')),
    ],
    [
      'an answer that the protocol does not allow',
      /answer to/,
      lines => lines.map(line => line.replace('"status":"ok"', '"status":"fine"')),
    ],
    [
      'a name that leads out of the folder',
      /sha256/,
      lines => lines.map(line => line.replace(/"sha256":"[0-9a-f]{64}"/, '"sha256":"../../x"')),
    ],
    ['a line that is not JSON', /not JSON/, lines => [...lines, '{']],
  ])('is rejected: %s', async (_, problem, change) => {
    await expect(judge(await damaged(change))).rejects.toThrow(problem);
  });

  it('is rejected if the archive does not match record.json', async () => {
    const { path } = await recorded('honest.mjs');
    writeFileSync(join(path, 'answers.jsonl.gz'), gzipSync('x\n'));
    await expect(judge(path)).rejects.toThrow('the SHA-256 of answers.jsonl.gz does not match');
  });
});
