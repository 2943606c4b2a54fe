/**
 * The floor under every result: adapters that do nothing right satisfy no requirement, do no harm to another run on
 * the same machine, and leave no process and no file behind.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../suite/package-root.ts';
import { bad } from './test-adapters.test.helper.ts';
import { temporaryFolder, testAdapter, writeSuite } from './tiny-suite.test.helper.ts';

// `npm test` builds before it tests.
const main = join(packageRoot, 'dist/conformance/runner/main.js');
const folder = temporaryFolder();
writeSuite(folder.path);
afterAll(folder.remove);

let runs = 0;

interface Outcome {
  readonly code: number | null;
  readonly satisfied: readonly string[];
  readonly passed: number;
  /** Files left in the folder for temporary files. */
  readonly files: readonly string[];
  readonly processes: readonly string[];
}

/** Runs the runner as a user does, in a folder for temporary files of its own. */
async function outcomeOf(name: string, ...more: string[]): Promise<Outcome> {
  const own = join(folder.path, `tmp-${runs++}`);
  mkdirSync(own);
  const impl = `exec ${testAdapter(name).join(' ')}`;
  const args = [main, '--vectors', folder.path, '--impl', impl, '--reporter', 'jsonl', ...more];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, TMPDIR: own },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let stdout = '';
  child.stdout.on('data', chunk => (stdout += chunk));
  const code = await new Promise<number | null>(resolve => child.once('close', resolve));
  const events = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  return {
    code,
    satisfied: events.filter(({ verdict }) => verdict === 'satisfied').map(({ id }) => id),
    passed: events.at(-1).counts.pass,
    files: readdirSync(own),
    processes: processesWith(`TMPDIR=${own}`),
  };
}

/** The running processes with `variable` in their environment. Only Linux shows it. */
function processesWith(variable: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter(pid => {
    try {
      if (!/^\d+$/.test(pid) || / Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) return false;
      return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(variable);
    } catch {
      return false;
    }
  });
}

it.skipIf(process.platform !== 'linux')('a process that is left behind would be found', async () => {
  const child = spawn('sleep', ['1000'], { env: { ...process.env, TMPDIR: folder.path } });
  await new Promise(resolve => child.once('spawn', resolve));
  expect(processesWith(`TMPDIR=${folder.path}`)).toEqual([String(child.pid)]);
  child.kill('SIGKILL');
});

describe('all bad adapters, beside an honest one', () => {
  const names = Object.keys(bad);
  const outcomes = new Map<string, Outcome>();
  const honest: Outcome[] = [];

  beforeAll(async () => {
    const queue = [...names];
    const drain = async () => {
      for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
        const patient = !Object.values(bad[name] ?? {}).includes('timeout');
        outcomes.set(name, await outcomeOf(name, ...(patient ? [] : ['--timeout', '200'])));
      }
    };
    const besides = async () => {
      do honest.push(await outcomeOf('honest.mjs', '--repeat', '9'));
      while (queue.length > 0);
    };
    await Promise.all([drain(), drain(), besides()]);
  }, 300_000);

  it.each(names)('%s satisfies nothing and leaves nothing behind', name => {
    expect(outcomes.get(name)).toEqual({ code: 1, satisfied: [], passed: 0, files: [], processes: [] });
  });

  it('the honest one passes all the time', () => {
    expect(honest.length).toBeGreaterThan(0);
    for (const { code, passed, files } of honest)
      expect({ code, passed, files }).toEqual({ code: 0, passed: 4, files: [] });
  });
});
