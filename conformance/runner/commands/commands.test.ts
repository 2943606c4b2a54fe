import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMatrix } from '../../evidence/mutants/kill-matrix/read-matrix.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readRequirements } from '../../suite/requirements.ts';
import { requirement, temporaryFolder, testAdapter, writeSuite } from '../run/tiny-suite.test.helper.ts';
import { commands } from './commands.ts';
import { upgradeOf } from './upgrade.ts';

// `npm test` builds before it tests.
const main = join(packageRoot, 'dist/conformance/runner/main.js');
const folder = temporaryFolder();
writeSuite(folder.path);
afterAll(folder.remove);
const file = (name: string) => join(folder.path, name);

function conformance(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** The path of the report of a test adapter on the tiny cases. */
function report(adapter: string, ...more: string[]): string {
  const path = file(`${adapter}${more.join('').replaceAll('/', '-')}.jsonl`);
  const options = [
    '--impl',
    `exec ${testAdapter(adapter).join(' ')}`,
    '--vectors',
    folder.path,
    '--seed',
    '1',
  ];
  writeFileSync(path, conformance(...options, '--reporter', 'jsonl', ...more).stdout);
  return path;
}

describe('explain', () => {
  it('prints a requirement with its text, cases, code and hash', () => {
    const { status, stdout } = conformance('explain', 'EROFS-031');
    const { text, hash } =
      readRequirements(join(packageRoot, 'spec/requirements.json'))?.get('EROFS-031') ?? {};
    expect(status).toBe(0);
    for (const part of [
      text,
      `composefs-oci EROFS-031 ${hash}`,
      'case      erofs/',
      'code      reference/erofs/',
    ])
      expect(stdout).toContain(part);
  });

  it('prints the mutants of a requirement as the kill matrix reads them', () => {
    const { stdout } = conformance('explain', 'VERIFY-021');
    const printed = stdout.split('\n').filter(line => line.startsWith('mutant '));
    const entries = readMatrix().mutants.filter(({ requirement }) => requirement === 'VERIFY-021');
    expect(entries.length).toBeGreaterThan(1);
    expect(printed).toEqual(entries.map(({ name }) => `mutant    ${name}`));
    expect(stdout).toContain('mutants   npm run kill-matrix -- --only VERIFY-021\n');
  });

  it('prints no mutant of a requirement that has none', () => {
    const { stdout } = conformance('explain', 'VERIFY-017');
    expect(stdout).not.toContain('mutant ');
    expect(stdout).not.toContain('kill-matrix');
  });

  it.each([
    [
      'erofs/hardlink',
      ['request   erofs.write format=v1', 'EROFS-017 (MUST)', 'recipe    conformance/generate/recipes/'],
    ],
    ['layers/checksum-wrong', ['expects   reject: tar TAR_CHECKSUM', 'control   layers/']],
    [
      'TAR_CHECKSUM',
      [
        'stage tar: the checksum',
        'defined   LAYER-053',
        'case      layers/checksum-wrong',
        'reference/tar/header.ts:',
      ],
    ],
  ])('prints %s', (what, parts) => {
    const { status, stdout } = conformance('explain', what);
    expect(status).toBe(0);
    for (const part of parts) expect(stdout).toContain(part);
  });

  it.each(['NONE-001', 'TAR_', 'no/such', '.*', 'constructor'])(
    'rejects %s, and says what there is',
    what => {
      expect(conformance('explain', what)).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringContaining(`there is no requirement, case or error code called ${what}`),
      });
    },
  );
});

describe('show, merge and compare', () => {
  it('show prints a report in another format', () => {
    expect(conformance('show', report('always-ok.mjs')).stdout).toContain('4 of 6 cases executed: 4 fail');
    expect(conformance('show', report('always-ok.mjs'), '--reporter', 'tap').stdout).toMatch(
      /^TAP version 14\n/,
    );
  });

  it('merge joins shards, and ends with the code of the run', () => {
    const shards = ['1/2', '2/2'].map(shard => report('always-ok.mjs', '--shard', shard));
    const { status, stdout } = conformance('merge', ...shards);
    expect(status).toBe(1);
    const cases = (text: string) => text.split('\n').filter(line => line.includes('"event":"case"'));
    const timeless = (lines: string[]) => lines.map(line => line.replace(/"durationMs":\d+/, ''));
    expect(timeless(cases(stdout))).toEqual(timeless(cases(readFileSync(report('always-ok.mjs'), 'utf8'))));
    expect(conformance('merge', shards[0] ?? '')).toMatchObject({ status: 2, stdout: '' });
  });

  it('compare lists what is fixed and broken', () => {
    const [good, bad] = [report('honest.mjs'), report('always-ok.mjs')];
    expect(conformance('compare', bad, good)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('fixed:\n  dumpfile/bad-escape\n'),
    });
    expect(conformance('compare', good, bad)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('broken:\n  dumpfile/bad-escape: accepted, expected a rejection'),
    });
    const { stdout } = conformance(
      'compare',
      good,
      report('no-reason.mjs', '--case', 'fsverity/*'),
      '--json',
    );
    expect(JSON.parse(stdout)).toEqual({
      added: [],
      removed: [],
      broken: [],
      fixed: [],
      changed: [],
      notRun: ['dumpfile/bad-escape', 'dumpfile/sorted'],
      newlyRun: [],
      unchanged: ['erofs/undeclared', 'fsverity/empty', 'fsverity/generated', 'fsverity/sha512'],
    });
  });

  it.each([
    ['no file', file('none.jsonl'), 'cannot be read'],
    ['no report', file('index.json'), 'line 1'],
    ['an incomplete report', file('half.jsonl'), 'the last line is not a footer'],
  ])('reject %s', (_, path, problem) => {
    const lines = readFileSync(report('honest.mjs'), 'utf8').split('\n');
    writeFileSync(file('half.jsonl'), `${lines.slice(0, 3).join('\n')}\n`);
    expect(conformance('show', path)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining(problem),
    });
  });
});

describe('upgrade', () => {
  it('lists requirements with another text, and the cases that cite them', () => {
    const before = [
      requirement('A-001', []),
      requirement('A-002', [], { hash: 'ffffffff' }),
      requirement('A-003', []),
    ];
    const now = [requirement('A-001', []), requirement('A-002', []), requirement('A-004', [])];
    const map = (all: typeof now) => new Map(all.map(each => [each.id, each]));
    const cases = [
      { id: 'x/1', requirements: ['A-001'] },
      { id: 'x/2', requirements: ['A-002', 'A-001'] },
      { id: 'x/3', requirements: ['A-004'] },
    ];
    expect(upgradeOf(map(before), map(now), cases)).toEqual({
      added: ['A-004'],
      changed: ['A-002'],
      withdrawn: ['A-003'],
      cases: ['x/2', 'x/3'],
    });
  });

  it('reads an earlier package', () => {
    const path = join(packageRoot, 'spec/requirements.json');
    const all = JSON.parse(readFileSync(path, 'utf8'));
    const text = JSON.stringify(
      all.map((each: { id: string }) => (each.id === 'EROFS-031' ? { ...each, hash: '00000000' } : each)),
    );
    mkdirSync(file('package/spec'), { recursive: true });
    writeFileSync(file('package/spec/requirements.json'), text);
    const { status, stdout } = conformance('upgrade', '--from', file('package'));
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^changed:\n {2}EROFS-031 [0-9a-f]{8}\n1 requirement added or changed, 0 withdrawn, \d+ cases? to run again\nnpm run conformance -- --req EROFS-031\n$/,
    );
    expect(conformance('upgrade', '--from', packageRoot).stdout).toContain('0 requirements added or changed');
    expect(conformance('upgrade', '--from', '/nowhere').status).toBe(2);
  });
});

describe('check-refs', () => {
  const sources = file('sources');
  const write = (name: string, text: string) => writeFileSync(join(sources, name), text);
  const hash = readRequirements(join(packageRoot, 'spec/requirements.json'))?.get('EROFS-031')?.hash;

  beforeAll(() => mkdirSync(join(sources, 'node_modules'), { recursive: true }));

  it('finds citations in any language, and those that are out of date', () => {
    write('a.c', `/* composefs-oci EROFS-031 ${hash} */\n`);
    write('b.py', '# composefs-oci EROFS-031 00000000\n');
    write('c.hs', '-- composefs-oci NONE-001 01234567, and composefs-oci EROFS-03 01234567\n');
    write('d.bin', '\0 composefs-oci EROFS-031 00000000\n');
    write('node_modules/e.js', '// composefs-oci EROFS-031 00000000\n');
    const { status, stdout } = conformance('check-refs', sources);
    expect(status).toBe(1);
    expect(stdout.split('\n')).toEqual([
      `${join(sources, 'b.py')}:1: EROFS-031 has a different text: read spec/erofs.md#EROFS-031, then cite it as EROFS-031 ${hash}`,
      `${join(sources, 'c.hs')}:1: NONE-001 does not exist or was withdrawn`,
      '3 citations of 2 requirements, 2 out of date',
      '',
    ]);
    expect(conformance('check-refs', join(sources, 'a.c'))).toMatchObject({
      status: 0,
      stdout: '1 citation of 1 requirement, 0 out of date\n',
    });
  });

  it('finds the examples in its help and in the README up to date', () => {
    write('help.txt', conformance('check-refs', '--help').stdout);
    for (const path of [join(sources, 'help.txt'), join(packageRoot, 'conformance/README.md')])
      expect(conformance('check-refs', path)).toMatchObject({ status: 0 });
  });

  it('ends with 4 if there are none, and with 2 if there is no such folder', () => {
    expect(conformance('check-refs', join(sources, 'd.bin')).status).toBe(4);
    expect(conformance('check-refs', '/nowhere').status).toBe(2);
  });
});

describe('every command', () => {
  it.each(commands(() => {}).map(command => command.name()))('%s teaches with --help', name => {
    const { status, stdout } = conformance(name, '--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(/npm run conformance|Exit code|TODO|request/);
  });

  it('rejects wrong arguments with code 2', () => {
    expect(conformance('adapter-skeleton', '--lang', 'cobol').status).toBe(2);
    expect(conformance('nonsense').status).toBe(2);
  });
});
