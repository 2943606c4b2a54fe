import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { schemaCheck } from '../../suite/json-schema.ts';
import { packageRoot } from '../../suite/package-root.ts';

// `npm test` builds before it tests.
const main = join(packageRoot, 'dist/conformance/evidence/round-trips/main.js');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'round-trips-test-'));
  for (const name of ['tmp', 'bin']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

const env = () => ({ PATH: join(folder, 'bin'), TMPDIR: join(folder, 'tmp'), XDG_CACHE_HOME: folder });

// The command seals and verifies every image.
const slow = { timeout: 120_000 };

test('without other tools their checks are skipped, and no files are left behind', slow, () => {
  const { status, stdout } = spawnSync(process.execPath, [main, '--json'], { env: env(), encoding: 'utf8' });
  const report = JSON.parse(stdout);
  expect(schemaCheck('conformance/evidence/round-trips/report.schema.json')(report)).toBeUndefined();
  expect({ status, ...report }).toMatchObject({ status: 3, exitCode: 3, passed: 14, failed: 0 });
  const skipped = report.findings.filter((finding: { status: string }) => finding.status === 'skipped');
  expect(skipped).toHaveLength(report.skipped);
  expect(new Set(skipped.map(({ why }: { why: string }) => why))).toEqual(
    new Set([
      'skopeo is not installed: apt install skopeo',
      'umoci is not installed: apt install umoci',
      'oras is not installed: npm run peers -- registry',
      'cosign is not installed: npm run peers -- cosign',
    ]),
  );
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends the registry too, and leaves no files behind',
  async signal => {
    const pid = join(folder, 'pid');
    const fake = `#!${process.execPath}
    if (process.argv[2] === '--version') console.log('docker-registry x 2.8.2');
    else require('node:http').createServer().listen(0, '127.0.0.1', function () {
      require('node:fs').writeFileSync(${JSON.stringify(pid)}, String(process.pid));
      console.log('listening on 127.0.0.1:' + this.address().port);
    });`;
    writeFileSync(join(folder, 'bin/docker-registry'), fake, { mode: 0o755 });
    const child = spawn(process.execPath, [main], { env: env(), stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    child.stdout.resume();
    child.kill(signal);
    expect(await exited).toEqual([130, null]);
    expect(existsSync(pid)).toBe(true);
    expect(() => process.kill(Number(readFileSync(pid, 'utf8')), 0)).toThrow('ESRCH');
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  },
);

test('a wrong command line exits with 2', () => {
  expect(spawnSync(process.execPath, [main, 'x'], { env: env() }).status).toBe(2);
  expect(spawnSync(process.execPath, [main, '--help'], { env: env() }).status).toBe(0);
});
