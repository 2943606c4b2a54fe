import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { archive, directory, file } from '../../generate/builder/tar.ts';
import { labelLookups } from '../../implementations/install/paths.ts';
import type { Case } from '../../suite/case.ts';
import type { Suite } from '../../suite/read-suite.ts';
import { labelRow } from './labels.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'label-row-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const policy = 'etc/selinux/t/contexts/files/file_contexts';
const line = (path: string, mode: string, label: string) =>
  `${path} 0 ${mode} 1 0 0 0 0.0 - - - security.selinux=${label}\n`;

/** A suite with one case, whose layer has these lines of contexts, and whose tree has these labels. */
function suiteOf(id: string, contexts: string, dumpfile: string): Suite {
  const at = join(folder, 'cases', id);
  mkdirSync(at, { recursive: true });
  const layer = archive(
    directory('usr/'),
    file('etc/selinux/config', 'SELINUXTYPE=t\n'),
    file(policy, contexts),
  );
  writeFileSync(join(at, 'layer.tar'), layer);
  writeFileSync(join(at, 'tree.dump'), dumpfile);
  const mediaType = 'application/vnd.oci.image.layer.v1.tar';
  const tested = {
    ...{ id, op: 'layers.tree', params: { role: 'merged.bootable' } },
    input: { layers: [{ path: 'layer.tar', mediaType }] },
    expect: { outcome: 'accept', files: { dumpfile: 'tree.dump' } },
  } as unknown as Case;
  return { folder, version: '0', indexSha256: '', cases: [tested], leftOut: [] };
}

const hasPython = spawnSync('python3', ['--version']).status === 0;

describe.skipIf(!hasPython).each(labelLookups())('libselinux $version', lookup => {
  test.each([
    [
      'passes with the same labels',
      'selinux/a',
      line('/', '40755', 'R') + line('/usr', '40755', 'A'),
      'pass',
    ],
    ['fails with another label', 'selinux/a', line('/', '40755', 'R') + line('/usr', '40755', 'R'), 'fail'],
    [
      'fails with a label that is missing',
      'selinux/a',
      `${line('/', '40755', 'R')}/usr 0 40755 1 0\n`,
      'fail',
    ],
    [
      'skips a label that it is known not to find',
      'selinux/pattern-step-limit',
      line('/usr', '40755', 'R'),
      'skip',
    ],
  ])('%s', async (_, id, dumpfile, status) => {
    const { checker, results } = await labelRow(suiteOf(id, '/.* A\n/ R\n', dumpfile), lookup);
    expect(checker).toBe(`libselinux ${lookup.version}`);
    expect([...results].map(([name, result]) => [name, result.status])).toEqual([[id, status]]);
  });

  test('fails if it rejects the policy', async () => {
    const { results } = await labelRow(suiteOf('selinux/a', 'one-word\n', line('/', '40755', 'R')), lookup);
    expect(results.get('selinux/a')).toMatchObject({
      status: 'fail',
      why: expect.stringContaining('rejects the policy'),
    });
  });

  test('skips layers that Python cannot read', async () => {
    const suite = suiteOf('selinux/a', '/.* A\n', line('/', '40755', 'A'));
    writeFileSync(join(folder, 'cases/selinux/a/layer.tar'), 'no archive');
    const { results } = await labelRow(suite, lookup);
    expect(results.get('selinux/a')?.status).toBe('skip');
  });
});

test('does not check trees without labels', async () => {
  const suite = suiteOf('selinux/a', '/.* A\n', '/ 0 40755 1 0 0 0 0.0 - - -\n');
  expect((await labelRow(suite)).results.size).toBe(0);
});

test('skips every case if libselinux is not installed', async () => {
  const before = process.env['XDG_CACHE_HOME'];
  process.env['XDG_CACHE_HOME'] = join(folder, 'cache');
  try {
    const { checker, results } = await labelRow(suiteOf('selinux/a', '/.* A\n', line('/', '40755', 'A')));
    expect({ checker, results: [...results] }).toEqual({
      checker: 'libselinux',
      results: [
        ['selinux/a', { status: 'skip', why: 'libselinux is not installed: npm run peers -- libselinux' }],
      ],
    });
  } finally {
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
  }
});
