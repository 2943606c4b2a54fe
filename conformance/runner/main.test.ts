import { type SpawnSyncOptions, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { schemaCheck } from '../suite/json-schema.ts';
import { packageRoot } from '../suite/package-root.ts';
import { ended, temporaryFolder, testAdapter, writeSuite } from './run/tiny-suite.test.helper.ts';

// `npm test` builds before it tests.
const main = join(packageRoot, 'dist/conformance/runner/main.js');
const folder = temporaryFolder();
writeSuite(join(folder.path));
const temporary = join(folder.path, 'tmp');
mkdirSync(temporary);
const env = { ...process.env, TMPDIR: temporary };
afterAll(folder.remove);

const impl = (name: string) => `exec ${testAdapter(name).join(' ')}`;

function conformance(...args: string[]) {
  return conformanceAs({ env }, ...args);
}

function conformanceAs(how: SpawnSyncOptions, ...args: string[]) {
  return spawned(how, process.execPath, main, '--vectors', folder.path, ...args);
}

function spawned(how: SpawnSyncOptions, program: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, { ...how, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** Runs a program without the right of root to open every file: another user may be unable to start this Node. */
const obeyingModes =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : ['env'];

describe('the exit code', () => {
  it.each([
    [0, '4 of 6 cases executed: 4 pass', ['--impl', impl('honest.mjs')]],
    [1, '4 of 6 cases executed: 4 fail', ['--impl', impl('always-ok.mjs')]],
    [4, '0 of 6 cases executed: none', ['--impl', impl('honest.mjs'), '--case', 'nothing/*']],
  ])('is %i', (status, text, args) => {
    expect(conformance(...args)).toMatchObject({ status, stderr: '', stdout: expect.stringContaining(text) });
    expect(readdirSync(temporary)).toEqual([]);
  });

  it.each([
    ['unknown option', ['--nope']],
    ["'--jobs <n>' argument 'many' is invalid", ['--jobs', 'many']],
    ['Allowed choices are digester', ['--class', 'best']],
    ['"pdf" is not one of text, jsonl', ['--reporter', 'pdf']],
    ['--reporter badge needs --out, because badges are files', ['--reporter', 'badge']],
    ['Expected i/n, such as 1/3', ['--shard', '4/3']],
    ['Expected i/n, such as 1/3', ['--shard', '1/1']],
    ['--update-xfail needs --xfail', ['--impl', 'x', '--update-xfail']],
    ['cannot read record.json', ['--judge', '/nowhere']],
    ['cannot be used with', ['--judge', 'x', '--impl', 'y']],
    ['--reporter text,jsonl needs --out', ['--reporter', 'text,jsonl']],
    ['cannot read /nowhere', ['--xfail', '/nowhere']],
    ['Allowed choices are 10000, 100000', ['--accumulated', '5']],
    ['cannot be used with', ['--accumulated', '10000', '--case', '*']],
  ])('is 2: %s', (text, args) => {
    expect(conformance(...args)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining(text),
    });
  });

  it.each([
    ['the adapter exited with code 127 before it sent hello', ['--impl', './no-such-adapter']],
    ['a line on stdout is not JSON: "ready"', ['--impl', 'echo ready; sleep 60']],
    ['cannot read /nowhere/index.json', ['--vectors', '/nowhere']],
    ['cannot read /nowhere/accumulated', ['--vectors', '/nowhere', '--accumulated', '10000']],
  ])('is 3: %s', (text, args) => {
    expect(conformance(...args)).toMatchObject({
      status: 3,
      stdout: '',
      stderr: expect.stringContaining(text),
    });
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('is 0 for --help, which shows examples', () => {
    const { status, stdout } = conformance('--help');
    expect(status).toBe(0);
    for (const text of ['--impl <command>', 'Examples:', 'Exit code:']) expect(stdout).toContain(text);
  });
});

describe('--version', () => {
  it('prints the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
    expect(conformance('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('--list', () => {
  it('prints the selected cases, and starts no adapter', () => {
    expect(conformance('--list', '--case', 'dumpfile/*')).toEqual({
      status: 0,
      stdout: [
        'id\top\tneeds\trequirements\ttitle',
        'dumpfile/bad-escape\tdumpfile.canonical\t\tDUMP-002\tA tiny case',
        'dumpfile/sorted\tdumpfile.canonical\t\tDUMP-001\tA tiny case',
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(conformance('--list', '--req', 'VERITY-002').stdout).toContain('\tdigest.sha512-12\tVERITY-002\t');
  });

  it('ends with 4 if no case is selected', () => {
    expect(conformance('--list', '--case', 'nothing/*').status).toBe(4);
  });

  it.each([[['--impl', 'x']], [['--xfail', 'x']], [['--accumulated', '10000']]])(
    'cannot be used with %s',
    more => {
      expect(conformance('--list', ...more)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('cannot be used with'),
      });
    },
  );
});

describe('a run that stops early', () => {
  /** The environment of a runner in which `replace` replaces functions of Node. */
  const withBug = (modules: string, replace: string) => {
    const file = join(folder.path, 'bug.mjs');
    const sync = `import { syncBuiltinESMExports } from 'node:module';`;
    writeFileSync(file, `${modules}\n${sync}\n${replace}\nsyncBuiltinESMExports();\n`);
    return { env: { ...env, NODE_OPTIONS: `--import=${pathToFileURL(file)}` } };
  };

  it('reports what was judged before a bug of the runner, and exits with 5', () => {
    const how = withBug(
      `import crypto from 'node:crypto';`,
      `const { randomBytes } = crypto;
      let ids = 0;
      crypto.randomBytes = size => {
        if (size === 4 && ++ids === 3) throw new TypeError('broken on purpose');
        return randomBytes(size);
      };`,
    );
    const { status, stdout, stderr } = conformanceAs(how, '--impl', impl('honest.mjs'), '--jobs', '1');
    expect(stdout).toContain(
      '2 of 6 cases executed: 2 pass\nstopped early: the runner failed: TypeError: broken',
    );
    expect(stdout).toContain('conformant: no\n  the run stopped early');
    expect(stderr).toMatch(
      /^stopped early: the runner failed: TypeError: broken on purpose, at .*a bug.*\n$/,
    );
    expect(status).toBe(5);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it.each([
    ['before it starts', `os.tmpdir = () => { throw new TypeError('broken on purpose'); };`],
    [
      'in an event',
      `const { tmpdir } = os;
      os.tmpdir = () => {
        setImmediate(() => { throw new TypeError('broken on purpose'); });
        return tmpdir();
      };`,
    ],
  ])('exits with 5 and one line for a bug of the runner %s', (_, replace) => {
    const how = withBug(`import os from 'node:os';`, replace);
    expect(conformanceAs(how, '--impl', impl('honest.mjs'))).toMatchObject({
      status: 5,
      stdout: '',
      stderr: expect.stringMatching(/^the runner failed: TypeError: broken on purpose, at .*\n$/),
    });
  });

  it('exits with 3 for a lack of open files, which is not a failure of the adapter', () => {
    const how = withBug(
      `import fs from 'node:fs';`,
      `const { native } = fs.realpathSync;
      let calls = 0;
      fs.realpathSync.native = path => {
        if (path.endsWith('/out') && ++calls === 2) throw Object.assign(new Error('too many open files'), { errno: -24, code: 'EMFILE' });
        return native(path);
      };`,
    );
    const { status, stdout, stderr } = conformanceAs(how, '--impl', impl('honest.mjs'), '--jobs', '1');
    expect(stdout).toContain('1 of 6 cases executed: 1 pass\nstopped early: too many open files\n');
    expect(stderr).toBe('stopped early: too many open files\n');
    expect(status).toBe(3);
  });

  it('exits with 3 if no process can be started', () => {
    const how = withBug(
      `import childProcess from 'node:child_process';`,
      `childProcess.spawn = () => { throw Object.assign(new Error('spawn EAGAIN'), { errno: -11, code: 'EAGAIN' }); };`,
    );
    expect(conformanceAs(how, '--impl', impl('honest.mjs'))).toMatchObject({
      status: 3,
      stdout: '',
      stderr: expect.stringMatching(
        /^could not start: cannot start the adapter: spawn EAGAIN; fewer --jobs .*\n$/,
      ),
    });
  });

  it('exits with 3 if it cannot write to the folder for temporary files any more', () => {
    const own = join(temporary, 'own');
    mkdirSync(own);
    const adapter = `rm -rf ${own}; touch ${own}; ${impl('honest.mjs')}`;
    const run = ['--impl', adapter, '--jobs', '1'];
    const { status, stdout, stderr } = conformanceAs({ env: { ...env, TMPDIR: own } }, ...run);
    expect(stdout).toContain(
      '0 of 6 cases executed: none\nstopped early: cannot write the input of a request to',
    );
    expect(stderr).toMatch(/^stopped early: .*TMPDIR chooses another folder\n/);
    expect(status).toBe(3);
    rmSync(own);
  });

  it('does not begin without a folder for temporary files', () => {
    const how = { env: { ...env, TMPDIR: '/nowhere' } };
    expect(conformanceAs(how, '--impl', impl('honest.mjs'))).toMatchObject({
      status: 3,
      stdout: '',
      stderr: expect.stringMatching(
        /^could not start: cannot create a temporary folder in \/nowhere: ENOENT.*\n$/,
      ),
    });
  });
});

describe('the reports', () => {
  it('are written to stdout and to files', () => {
    const out = join(folder.path, 'report');
    const run = ['--impl', impl('echo-input.mjs'), '--seed', '1', '--reporter', 'jsonl,text', '--out', out];
    const { stdout } = conformance(...run);
    expect(readFileSync(join(out, 'report.txt'), 'utf8')).toBe(stdout);
    const check = schemaCheck('conformance/schema/report.schema.json');
    const lines = readFileSync(join(out, 'report.jsonl'), 'utf8').trimEnd().split('\n');
    for (const line of lines) expect(check(JSON.parse(line))).toBeUndefined();
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      event: 'header',
      seed: 1,
      suite: { version: '1.2.3' },
    });
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'footer', exitCode: 1 });
  });

  it('are only JSON Lines with --reporter jsonl', () => {
    const { stdout } = conformance('--impl', impl('honest.mjs'), '--reporter', 'jsonl');
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ event: 'header' });
  });

  it('have no colours without a terminal', () => {
    expect(conformance('--impl', impl('always-ok.mjs')).stdout).not.toContain('\u001b');
  });
});

describe('a report that cannot be written', () => {
  const started = join(folder.path, 'started');
  const adapter = `touch ${started}; ${impl('honest.mjs')}`;
  const full = existsSync('/dev/full');

  it.each([
    ['a file', join(folder.path, 'index.json')],
    ['a folder below a file', join(folder.path, 'index.json/report')],
    ['/proc/x', '/proc/x'],
    ['/sys/x', '/sys/x'],
    ['/dev/full', '/dev/full'],
    ['a folder with a folder called report.txt', join(folder.path, 'taken')],
  ])('ends the run before it starts with code 2: --out is %s', (_, out) => {
    mkdirSync(join(folder.path, 'taken/report.txt'), { recursive: true });
    expect(conformance('--impl', adapter, '--out', out)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^--out .*; choose another folder\n$/),
    });
    expect(existsSync(started)).toBe(false);
  });

  it.each([['text'], ['jsonl']])(
    'is printed, with code 3, if the folder is gone after the run: %s',
    reporter => {
      const out = join(folder.path, 'gone');
      const removing = `rm -rf ${out}; touch ${out}; ${impl('honest.mjs')}`;
      const run = ['--impl', removing, '--jobs', '1', '--reporter', reporter, '--out', out];
      expect(conformance(...run)).toMatchObject({
        status: 3,
        stdout: expect.stringContaining('honest.mjs'),
        stderr: expect.stringMatching(/^--out .*; choose another folder\n$/),
      });
      rmSync(out);
    },
  );

  it('leaves an earlier report as it was, and no other file', () => {
    const out = join(folder.path, 'twice');
    conformance('--impl', impl('honest.mjs'), '--out', out);
    const before = readFileSync(join(out, 'report.txt'), 'utf8');
    conformance('--impl', 'exit 0', '--out', out);
    expect(readFileSync(join(out, 'report.txt'), 'utf8')).toBe(before);
    expect(readdirSync(out)).toEqual(['report.txt']);
  });

  it.each([[['--reporter', 'jsonl']], [['--help']]])(
    'ends with 141 if the reader closed stdout: %s',
    async more => {
      const args = [main, '--vectors', folder.path, '--impl', impl('honest.mjs'), ...more];
      const runner = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
      runner.stdout.destroy();
      let stderr = '';
      runner.stderr.on('data', chunk => (stderr += chunk));
      const code = await new Promise(resolve => runner.once('close', resolve));
      expect({ code, stderr }).toEqual({ code: 141, stderr: '' });
    },
  );

  it.skipIf(!full).each([[['--reporter', 'jsonl']], [['--help']]])('ends with 3 on a full disk: %s', more => {
    const how = { env, stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'] } as const;
    expect(
      conformanceAs({ ...how, stdio: [...how.stdio] }, '--impl', impl('honest.mjs'), ...more),
    ).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/^cannot write to stdout: ENOSPC.*\n$/),
    });
  });
});

describe('the work directories', () => {
  it('are kept with --keep', () => {
    const { stdout } = conformance('--impl', impl('always-ok.mjs'), '--case', 'dumpfile/sorted', '--keep');
    const [, kept = ''] = /^ {2}kept: (.*)$/m.exec(stdout) ?? [];
    expect(readdirSync(kept).sort()).toEqual(['in', 'out']);
  });

  it('are removed, and the processes stopped, if the run is interrupted', async () => {
    const before = readdirSync(temporary);
    const pidFile = join(folder.path, 'pid');
    const adapter = `echo $$ > ${pidFile}; ${impl('silence.mjs')}`;
    const runner = spawn(process.execPath, [main, '--vectors', folder.path, '--impl', adapter], { env });
    const exited = new Promise(resolve => runner.once('exit', resolve));
    await until(() => existsSync(pidFile) && readdirSync(temporary).length > before.length);
    runner.kill('SIGINT');
    expect(await exited).toBe(130);
    expect(readdirSync(temporary)).toEqual(before);
    await ended(Number(readFileSync(pidFile, 'utf8')));
  });
});

describe.skipIf(process.platform !== 'linux')('processes in sessions of their own', () => {
  const pids = join(folder.path, 'pids');
  const adapter = `PIDS=${pids} ${impl('starts-sessions.mjs')}`;

  it('end with the run', async () => {
    expect(conformance('--impl', adapter).status).toBe(0);
    const started = readFileSync(pids, 'utf8').trim().split('\n');
    expect(started).toHaveLength(4);
    for (const pid of started) await ended(Number(pid));
  });

  it('end with a run that is interrupted', async () => {
    rmSync(pids);
    const silent = `PIDS=${pids} ${impl('starts-sessions.mjs')}; ${impl('silence.mjs')}`.replace('exec ', '');
    const args = [main, '--vectors', folder.path, '--impl', silent];
    const runner = spawn(process.execPath, args, { env, stdio: 'ignore' });
    const exited = new Promise(resolve => runner.once('exit', resolve));
    await until(() => existsSync(pids));
    runner.kill('SIGTERM');
    expect(await exited).toBe(143);
    for (const pid of readFileSync(pids, 'utf8').trim().split('\n')) await ended(Number(pid));
  });
});

describe('an adapter that closes folders', () => {
  it('passes nothing and leaves nothing behind', () => {
    const own = join(temporary, 'own');
    mkdirSync(own);
    const [program = '', ...options] = obeyingModes;
    // One process: the folder that is closed around a request is also around those of other processes.
    const adapter = ['--impl', impl('closed-folder.mjs'), '--jobs', '1'];
    const command = [process.execPath, main, '--vectors', folder.path, ...adapter];
    expect(spawned({ env: { ...env, TMPDIR: own } }, program, ...options, ...command)).toMatchObject({
      status: 1,
      stderr: '',
      stdout: expect.stringContaining('4 of 6 cases executed: 4 protocol'),
    });
    expect(readdirSync(own)).toEqual([]);
    rmdirSync(own);
  });
});

describe('a record', () => {
  it('is judged without the implementation, and is not overwritten', () => {
    const before = readdirSync(temporary);
    const record = join(folder.path, 'record');
    const run = ['--impl', impl('echo-input.mjs'), '--seed', '1', '--record', record];
    const { status, stdout } = conformance(...run);
    expect(status).toBe(1);
    const judged = conformance('--judge', record);
    expect(judged).toMatchObject({ status: 1, stderr: '' });
    expect(judged.stdout.replace(/^recorded .*\n/m, '')).toBe(stdout);
    expect(conformance(...run)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('there is a record already; choose another folder'),
    });
    expect(readdirSync(temporary)).toEqual(before);
  });
});

describe('the list of known failures', () => {
  it('is made and brought up to date', () => {
    const list = join(folder.path, 'made.xfail');
    const run = (adapter: string) => conformance('--impl', impl(adapter), '--xfail', list, '--update-xfail');
    expect(run('always-ok.mjs')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('4 lines added'),
    });
    expect(run('always-ok.mjs')).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('0 lines added, 0 changed, 0 removed'),
    });
    expect(run('honest.mjs')).toMatchObject({ status: 1, stderr: expect.stringContaining('4 removed') });
    expect(readFileSync(list, 'utf8')).toBe('');
  });

  it('is read from a file', () => {
    const list = join(folder.path, 'known.xfail');
    writeFileSync(list, '* fail https://example.org/1 does nothing\n');
    expect(conformance('--impl', impl('always-ok.mjs'), '--xfail', list)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('4 xfail'),
    });
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 20));
}
