import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { buildArchiveRebuilder, chunkedCrateRows } from './rebuilt-archives.ts';

const suite = readSuite(join(packageRoot, 'vectors'));
const folder = mkdtempSync(join(tmpdir(), 'rebuilt-archives-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => void vi.unstubAllEnvs());

test('without cargo, every layer is skipped with the reason, and none counts as passed', async () => {
  vi.stubEnv('PATH', folder);
  const { valid, invalid } = chunkedCrateRows(suite, await buildArchiveRebuilder());
  expect(valid.results.size).toBeGreaterThan(15);
  expect(invalid.results.size).toBeGreaterThan(100);
  for (const result of [...valid.results.values(), ...invalid.results.values()]) {
    expect(result).toEqual({
      status: 'skip',
      why: 'it is built with cargo (https://rustup.rs) and a C compiler',
    });
  }
});

/** A program that gives the same answer about each layer. */
function alwaysAnswering(answer: { opinion: string; archive: string | null; message: string }) {
  const path = join(folder, 'answers');
  writeFileSync(path, `#!/bin/sh\nexec sed 's|.*|${JSON.stringify(answer)}|'\n`, { mode: 0o755 });
  return { path, version: '0' };
}

test('a layer passes only with the archive that its case expects', () => {
  const archive = suite.cases.find(({ id }) => id === 'toc/few-entries')?.expect;
  const digest = archive?.outcome === 'accept' ? (archive.values?.['diffId'] ?? '') : '';
  const { valid, invalid } = chunkedCrateRows(
    suite,
    alwaysAnswering({ opinion: 'accepts', archive: digest, message: '' }),
  );
  expect(valid.results.get('toc/few-entries')).toEqual({ status: 'pass' });
  expect(valid.results.get('toc/every-type')).toEqual({
    status: 'fail',
    why: `it rebuilds the archive ${digest}`,
  });
  expect(invalid.results.get('toc/version-2')).toEqual({ status: 'fail', why: 'it finds no defect' });
});

test('a layer that is rejected or not read does not pass', () => {
  const rows = (opinion: string) =>
    chunkedCrateRows(suite, alwaysAnswering({ opinion, archive: null, message: 'why' }));
  expect(rows('rejects').valid.results.get('toc/few-entries')).toEqual({ status: 'fail', why: 'why' });
  expect(rows('rejects').invalid.results.get('toc/version-2')).toEqual({ status: 'pass' });
  expect(rows('none').valid.results.get('toc/few-entries')).toEqual({ status: 'fail', why: 'why' });
  expect(rows('none').invalid.results.get('toc/version-2')).toEqual({ status: 'skip', why: 'why' });
});

test('fewer answers than questions are an error', () => {
  const { path } = alwaysAnswering({ opinion: 'accepts', archive: null, message: '' });
  writeFileSync(path, '#!/bin/sh\nexec head -n 3\n');
  expect(() => chunkedCrateRows(suite, { path, version: '0' })).toThrow(/answered 3 of/);
});
