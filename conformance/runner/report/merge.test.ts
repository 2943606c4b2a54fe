import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { readRequirements } from '../../suite/requirements.ts';
import { run, temporaryFolder, testAdapter } from '../run/tiny-suite.test.helper.ts';
import { casesInShard } from '../select.ts';
import { jsonLines, type ReportEvent } from './events.ts';
import { mergeReports } from './merge.ts';
import { type Report, readReport } from './read-report.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const suite = readSuite(join(packageRoot, 'vectors'));
const requirements = readRequirements(join(packageRoot, 'spec/requirements.json'));

/** The report without times. */
function timeless(events: readonly ReportEvent[]): string {
  return jsonLines(events).replace(/"durationMs":\d+/g, '"durationMs":0');
}

/** Passes whatever expects the digest of an empty file, and nothing else: its answers are equal across shards. */
const constant = join(folder.path, 'constant.mjs');
writeFileSync(
  constant,
  `import { done, send, serve } from '${join(packageRoot, 'conformance/runner/test-adapters/serve.mjs')}';
serve(({ id }) => send(done(id, { values: { digest: '3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95' } })));
`,
);

const adapters: readonly [name: string, command: readonly string[], selection: object][] = [
  [
    'the reference',
    [process.execPath, join(packageRoot, 'dist/reference/cli/main.js'), 'adapter'],
    { cases: ['fsverity/*', 'dumpfile/*'] },
  ],
  ['an adapter with a constant answer', [process.execPath, constant], { class: 'digester' }],
  [
    'an adapter that rejects everything',
    testAdapter('always-reject.mjs'),
    { cases: ['fsverity/*', 'dumpfile/*'] },
  ],
];

describe('a run in three shards with two processes, merged', () => {
  it.each(adapters)('is the run in one part: %s', { timeout: 120_000 }, async (name, command, selection) => {
    const options = { command, selection, seed: 7, requirements, jobs: 2 };
    const whole = await run(suite, name, options);
    const reports: Report[] = [];
    for (const index of [3, 1, 2]) {
      const { events } = await run(suite, name, { ...options, shard: { index, of: 3 } });
      const path = join(folder.path, `${index}.jsonl`);
      writeFileSync(path, jsonLines(events));
      reports.push(readReport(path));
    }
    expect(timeless(mergeReports(reports, requirements))).toBe(timeless(whole.events));
    // Neither does the number of processes change the result.
    const one = await run(suite, name, { ...options, jobs: 1 });
    expect(timeless(one.events.slice(1))).toBe(timeless(whole.events.slice(1)));
    expect(() => mergeReports(reports.slice(1), requirements)).toThrow('give each of the 3 shards once');
    const [first, ...others] = reports;
    const other = first && { ...first, header: { ...first.header, seed: 8 } };
    expect(() => mergeReports([...(other ? [other] : []), ...others], requirements)).toThrow(
      'differ in "seed"',
    );
  });
});

describe('the shards of the suite', () => {
  const shards = [1, 2, 3].map(index => casesInShard(suite.cases, { index, of: 3 }));

  it('have every case once, and each with its control', () => {
    expect(shards.flatMap(shard => [...shard]).sort()).toEqual(suite.cases.map(({ id }) => id).sort());
    for (const { id, control } of suite.cases) {
      if (control !== null) expect(shards.find(shard => shard.has(id))?.has(control)).toBe(true);
    }
  });

  it('have about equal sizes', () => {
    for (const { size } of shards) expect(Math.abs(size - suite.cases.length / 3)).toBeLessThan(2);
  });
});
