/**
 * A suite of a few tiny cases for the tests of the runner, in a temporary folder.
 * @module
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Case } from '../../suite/case.ts';
import { parseKnownFailures } from '../../suite/known-failures.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite, type Suite } from '../../suite/read-suite.ts';
import type { Requirement } from '../../suite/requirements.ts';
import type { CaseEvent, Footer, Header, ReportEvent } from '../report/events.ts';
import { type RunOptions, runSuite } from './run-suite.ts';
import { WorkDirectories } from './work-directory.ts';

/** The members in which tiny cases differ, and the files of the case. */
export type TinyCase = Pick<Case, 'id' | 'op' | 'input' | 'params' | 'expect'> &
  Partial<Case> & { readonly files?: Readonly<Record<string, string>> };

const sha256 = { algorithm: 'fsverity-sha256-12' };
const root = '/ 0 40755 2 0 0 0 0.0 - - -\n';
const fileA = '/a 0 100644 1 0 0 0 0.0 - - -\n';
const fileB = '/b 0 100644 1 0 0 0 0.0 - - -\n';

/** Cases for the test adapters: digests, a file, a rejection. The digests were computed by fsverity-utils. */
export const tinyCases: readonly TinyCase[] = [
  {
    id: 'fsverity/empty',
    op: 'fsverity.digest',
    requirements: ['VERITY-001'],
    input: { data: 'in/data' },
    params: sha256,
    expect: {
      outcome: 'accept',
      values: { digest: '3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95' },
    },
    files: { 'in/data': '' },
  },
  {
    id: 'fsverity/generated',
    op: 'fsverity.digest',
    requirements: ['VERITY-001'],
    input: {
      data: {
        generate: {
          patternHex: '61',
          size: 4096,
          sha256: 'c93eee2d0db02f10acc7460d9576e122dcf8cd53c4bf8dfcae1b3e74ebcfff5a',
        },
      },
    },
    params: sha256,
    expect: {
      outcome: 'accept',
      values: { digest: 'a2a808ddaced77f0b6b3068f47b14b5a1fb3fc43674993ab11b8e7e6f2d089e2' },
    },
  },
  {
    id: 'fsverity/sha512',
    op: 'fsverity.digest',
    requirements: ['VERITY-002'],
    needs: ['digest.sha512-12'],
    input: { data: 'in/data' },
    params: { algorithm: 'fsverity-sha512-12' },
    expect: {
      outcome: 'accept',
      values: {
        digest:
          '18430270729d162d4e469daca123ae61893db4b0583d8f7081e3bf4f92b88ba514e7982f10733fb6aa895195c5ae8fd2eb2c47a8be05513ce5a0c51a6f570409',
      },
    },
    files: { 'in/data': 'hello world' },
  },
  {
    id: 'dumpfile/sorted',
    op: 'dumpfile.canonical',
    requirements: ['DUMP-001'],
    input: { dumpfile: 'in/dump' },
    params: {},
    expect: { outcome: 'accept', files: { dumpfile: 'expect/dump' } },
    files: { 'in/dump': root + fileB + fileA, 'expect/dump': root + fileA + fileB },
  },
  {
    id: 'dumpfile/bad-escape',
    op: 'dumpfile.canonical',
    requirements: ['DUMP-002'],
    input: { dumpfile: 'in/dump' },
    params: {},
    expect: { outcome: 'reject', stage: 'dumpfile', reasons: ['DUMPFILE_ESCAPE'] },
    control: 'dumpfile/sorted',
    files: { 'in/dump': root + fileB + fileA.replace('/a', '/a\\q') },
  },
  {
    id: 'erofs/undeclared',
    op: 'erofs.read',
    requirements: ['EROFS-001'],
    input: { image: 'in/image' },
    params: {},
    expect: { outcome: 'accept', files: { dumpfile: 'expect/dump' } },
    files: { 'in/image': '', 'expect/dump': root },
  },
];

/** The requirements of {@link tinyCases}, in place of `spec/requirements.json`. */
export const tinyRequirements: readonly Requirement[] = [
  requirement('DUMP-001', ['tree-builder', 'reader']),
  requirement('DUMP-002', ['writer']),
  requirement('EROFS-001', ['reader']),
  requirement('VERITY-001', ['digester']),
  requirement('VERITY-002', ['digester']),
];

/** A requirement that binds `classes`. */
export function requirement(
  id: string,
  classes: readonly string[],
  more: Partial<Requirement> = {},
): Requirement {
  const file = 'spec/chapter.md';
  return {
    id,
    level: 'MUST',
    text: 'A rule.',
    hash: '01234567',
    file,
    status: 'active',
    classes,
    verification: 'vector',
    ...more,
  };
}

/** A new temporary folder, and a function that removes it. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'composefs-oci-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Writes `cases` as vectors into `folder`, and reads them. */
export function writeSuite(folder: string, cases: readonly TinyCase[] = tinyCases): Suite {
  const complete = cases.map(({ files = {}, ...given }): Case => {
    for (const [path, content] of Object.entries(files)) {
      const file = join(folder, 'cases', given.id, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content, 'latin1');
    }
    return {
      title: 'A tiny case',
      since: '1.0',
      requirements: ['VERITY-001'],
      needs: [],
      tags: [],
      class: 'BASIC',
      links: [],
      control: null,
      provenance: { recipe: 'conformance/generate/recipes/none.ts', confirmedBy: ['reference'] },
      ...given,
    };
  });
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ version: '1.2.3', cases: complete }));
  return readSuite(folder);
}

/** The command that starts a test adapter. */
export function testAdapter(name: string): readonly string[] {
  const path = join(packageRoot, 'conformance/runner/test-adapters', name);
  return name.endsWith('.sh') ? ['/bin/sh', path] : [process.execPath, path];
}

/** The events of a run, by kind. */
export interface RunOutcome {
  readonly events: readonly ReportEvent[];
  readonly header: Header;
  readonly cases: Readonly<Record<string, CaseEvent>>;
  readonly footer: Footer;
}

/** Runs `suite` on a test adapter. */
export async function run(
  suite: Suite,
  adapter: string,
  options: Partial<RunOptions> & { readonly list?: string } = {},
): Promise<RunOutcome> {
  const { list, ...more } = options;
  const work = WorkDirectories.create(false);
  try {
    const events = await runSuite({
      suite,
      requirements: new Map(tinyRequirements.map(known => [known.id, known])),
      name: adapter,
      vectors: undefined,
      command: testAdapter(adapter),
      selection: {},
      xfail: list === undefined ? undefined : { path: 'list', known: parseKnownFailures(list, 'list') },
      seed: 1,
      repeat: 1,
      jobs: 1,
      timeoutMs: 60_000,
      work,
      keep: false,
      progress: () => {},
      ...more,
    });
    return outcomeOf(events);
  } finally {
    work.remove();
  }
}

/** The status of every case that was run. */
export function statusesOf({ cases }: RunOutcome): Record<string, string> {
  return Object.fromEntries(
    Object.values(cases)
      .filter(({ status }) => status !== 'filtered')
      .map(({ id, status }) => [id, status]),
  );
}

function outcomeOf(events: readonly ReportEvent[]): RunOutcome {
  const header = events.find(event => event.event === 'header');
  const footer = events.find(event => event.event === 'footer');
  if (header === undefined || footer === undefined) throw new Error('no header or no footer');
  const cases = events.filter(event => event.event === 'case');
  return { events, header, footer, cases: Object.fromEntries(cases.map(event => [event.id, event])) };
}

/** Waits until a process has ended. An ended process whose parent does not wait for it counts, too. */
export async function ended(pid: number): Promise<void> {
  while (isRunning(pid)) await new Promise(resolve => setTimeout(resolve, 20));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
