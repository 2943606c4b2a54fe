/**
 * Runs the steps of the action and of the CI files to copy, as GitHub Actions and GitLab CI do, on small adapters. npm
 * and curl are replaced by programs that write down their arguments: the suite is that of this repository.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../suite/package-root.ts';

/** A step of a composite action. */
interface Step {
  readonly name: string;
  readonly id?: string;
  readonly if?: string;
  readonly shell?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly required?: boolean; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

interface GitHubFile {
  readonly jobs: {
    readonly conformance: {
      readonly env: Readonly<Record<string, string>>;
      readonly steps: readonly Step[];
    };
  };
}

interface GitLabFile {
  readonly conformance: {
    readonly variables: Readonly<Record<string, string>>;
    readonly before_script: readonly string[];
    readonly script: readonly string[];
    readonly artifacts: { readonly when: string; readonly reports: { readonly junit: string } };
  };
}

const yaml = (name: string): unknown => parse(readFileSync(join(packageRoot, 'conformance', name), 'utf8'));
const action = yaml('action/action.yml') as Action;
const gitHub = yaml('release/examples/ci/github.yml') as GitHubFile;
const gitLab = yaml('release/examples/ci/gitlab-ci.yml') as GitLabFile;

// A test runs the suite up to twice.
vi.setConfig({ testTimeout: 300_000 });

let root: string;
let project: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'action-'));
  const bin = join(root, 'bin');
  mkdirSync(bin);
  const log = join(root, 'commands');
  const runner = pathToFileURL(join(packageRoot, 'dist/conformance/runner/main.js'));
  const programs = { npm: ':', curl: `echo 'import "${runner}";' >suite.mjs` };
  for (const [name, effect] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\nprintf '%s\\n' "${name} $*" >>'${log}'\n${effect}\n`);
    chmodSync(join(bin, name), 0o755);
  }
});
beforeEach(() => {
  project = mkdtempSync(join(root, 'project-'));
  rmSync(join(root, 'commands'), { force: true });
  writeFileSync(join(project, 'adapter.mjs'), adapter);
});
afterAll(() => rmSync(root, { recursive: true }));

/** A digester with SHA-256 alone. With an argument, it fails for an empty file. */
const adapter = `
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const block = 4096;
const sha256 = bytes => createHash('sha256').update(bytes).digest();
const padded = bytes => Buffer.concat([bytes, Buffer.alloc(-bytes.length & (block - 1))]);
function digest(data) {
  let level = padded(data);
  while (level.length > block) {
    const hashes = [];
    for (let at = 0; at < level.length; at += block) hashes.push(sha256(level.subarray(at, at + block)));
    level = padded(Buffer.concat(hashes));
  }
  const descriptor = Buffer.alloc(256);
  descriptor.set([1, 1, 12]);
  descriptor.writeBigUInt64LE(BigInt(data.length), 8);
  if (data.length > 0) descriptor.set(sha256(level), 16);
  return sha256(descriptor).toString('hex');
}
const hello = { type: 'hello', protocol: 1, implementation: { name: 'small', version: '1' }, specVersions: ['1.0'] };
const declared = { operations: ['fsverity.digest'], features: ['digest.sha256-12'] };
const send = message => console.log(JSON.stringify(message));
createInterface({ input: process.stdin }).on('line', line => {
  const { type, id, input, params } = JSON.parse(line);
  if (type === 'hello') return send({ ...hello, ...declared });
  if (type === 'bye') process.exit(0);
  const done = { type: 'done', id };
  if (params.algorithm !== 'fsverity-sha256-12')
    return send({ ...done, status: 'rejected', stage: 'request', reason: 'REQUEST_ALGORITHM' });
  const data = readFileSync(input.data);
  if (process.argv.length > 2 && data.length === 0)
    return send({ ...done, status: 'error', message: '::error::an adapter says this' });
  send({ ...done, status: 'ok', values: { digest: digest(data) } });
});
`;

const passing = 'node adapter.mjs';
const failing = 'node adapter.mjs --wrong';
const knownFailure = 'fsverity/empty fail https://example.org/issues/1 not yet\n';

/** Runs a script in the project, as the shell \`bash\` of GitHub Actions does. */
function bash(script: string, env: Readonly<Record<string, string>>) {
  const path = `${join(root, 'bin')}${delimiter}${process.env['PATH']}`;
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script],
    { cwd: project, encoding: 'utf8', env: { ...process.env, PATH: path, ...env } },
  );
  return { status, stdout, stderr };
}

/** What a job with the action leaves behind. */
interface Job {
  readonly status: number | null;
  readonly log: string;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly uploaded: Readonly<Record<string, string>>;
}

/** Runs the steps of the action until one fails. */
function runAction(given: Readonly<Record<string, string>>): Job {
  const inputs = Object.entries(action.inputs).map(
    ([name, input]) => [`inputs.${name}`, given[name] ?? input.default ?? ''] as const,
  );
  const context = new Map<string, string>([
    ...inputs,
    ['github.action_path', join(packageRoot, 'conformance/action')],
    ['runner.temp', root],
  ]);
  const summary = join(project, '.summary');
  let log = '';
  let status: number | null = 0;
  let uploaded = {};
  for (const step of action.runs.steps) {
    if (step.uses !== undefined) uploaded = evaluated(step.with ?? {}, context);
    if (step.run === undefined || status !== 0) continue;
    const output = join(project, '.output');
    writeFileSync(output, '');
    const env = evaluated(step.env ?? {}, context);
    const result = bash(step.run, { ...env, GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary });
    status = result.status;
    log += result.stdout + result.stderr;
    for (const [, name, value] of readFileSync(output, 'utf8').matchAll(/^(\w+)=(.*)$/gm))
      context.set(`steps.${step.id}.outputs.${name}`, value ?? '');
  }
  const values = Object.entries(action.outputs).map(([name, { value }]) => [name, value] as const);
  return {
    status,
    log,
    summary: existsSync(summary) ? readFileSync(summary, 'utf8') : '',
    outputs: evaluated(Object.fromEntries(values), context),
    uploaded,
  };
}

/** `values` with their expressions replaced. */
function evaluated(
  values: Readonly<Record<string, string>>,
  context: ReadonlyMap<string, string>,
): Record<string, string> {
  const replaced = Object.entries(values).map(([name, value]) => {
    const text = value.replaceAll(/\$\{\{ ([\w.]+) \}\}/g, (_, expression: string) => {
      const found = context.get(expression);
      if (found === undefined) throw new Error(`the action uses ${expression}, which is not defined`);
      return found;
    });
    return [name, text] as const;
  });
  return Object.fromEntries(replaced);
}

const commands = () => readFileSync(join(root, 'commands'), 'utf8').trimEnd().split('\n');

describe('the action', () => {
  test('has no expression in a script, and pins what it uses', () => {
    for (const { name, run, shell, uses } of action.runs.steps) {
      expect(run ?? '', name).not.toContain('${{');
      if (run === undefined) expect(uses, name).toMatch(/@v\d+$/);
      else expect(shell, name).toBe('bash');
    }
  });

  test('passes with an adapter that passes', () => {
    const { status, log, summary, outputs, uploaded } = runAction({ impl: passing });
    expect(status).toBe(0);
    expect(log).toMatch(/\n::notice title=small 1::\d+ of \d+ cases executed/);
    expect(summary).toContain('small 1');
    // SHA-512 is required by the class, and this adapter does not declare it.
    expect(outputs).toEqual({ conformant: 'false' });
    expect(uploaded).toEqual({ name: 'composefs-oci-report', path: 'composefs-oci-report' });
    expect(readdirSync(join(project, 'composefs-oci-report')).sort()).toEqual([
      'annotations.txt',
      'badge-digester.json',
      'report.jsonl',
      'report.md',
      'report.txt',
      'report.xml',
    ]);
    expect(commands()).toEqual([`npm ci --prefix ${packageRoot}`]);
  });

  test('fails with an adapter that fails, and still has annotations, a summary and an artifact', () => {
    const { status, log, summary, uploaded } = runAction({ impl: failing, report: 'a report' });
    expect(status).toBe(1);
    expect(log).toMatch(/^::error title=fail fsverity\/empty /m);
    expect(log).toContain('ended with code 1');
    expect(summary).toContain('fsverity/empty');
    expect(uploaded).toEqual({ name: 'a report', path: 'a report' });
    expect(existsSync(join(project, 'a report/report.xml'))).toBe(true);
  });

  test('passes with a known failure, and fails when the list is out of date', () => {
    writeFileSync(join(project, 'known.xfail'), knownFailure);
    expect(runAction({ impl: failing, xfail: 'known.xfail' })).toMatchObject({ status: 0 });
    const { status, log } = runAction({ impl: passing, xfail: 'known.xfail' });
    expect(status).toBe(1);
    expect(log).toMatch(/^::error title=(?:xpass fsverity\/empty|known failures)/m);
  });

  test('reports an adapter that does not start', () => {
    const { status, log } = runAction({ impl: 'exit 7' });
    expect(status).toBe(3);
    expect(log).toContain('could not start');
  });

  test('takes nothing from an input or an adapter as a part of a script or as a command', () => {
    const { log } = runAction({ impl: `${failing} '$(touch injected)' "; touch injected"`, xfail: '' });
    expect(existsSync(join(project, 'injected'))).toBe(false);
    const [, token = ''] = /^::stop-commands::([0-9a-f]{32})$/m.exec(log) ?? [];
    const [before = '', stopped = '', after = ''] = log.split(
      new RegExp(`^::(?:stop-commands::)?${token}(?:::)?$`, 'm'),
    );
    expect(stopped).toContain('::error::an adapter says this');
    expect(before + after).not.toMatch(/^\s*::error::an adapter says this/m);
  });

  test.each([
    ['1.2.3', 'composefs-oci-conformance@1.2.3'],
    ['./some.tgz', 'PROJECT/some.tgz'],
  ])('installs the version %s', (version, spec) => {
    const install = action.runs.steps.find(({ id }) => id === 'install');
    const env = { ACTION: '', VERSION: version, TEMPORARY: root, GITHUB_OUTPUT: join(project, '.output') };
    expect(bash(install?.run ?? '', env)).toMatchObject({ status: 0 });
    expect(commands()).toEqual([
      `npm install --prefix ${root}/composefs-oci -- ${spec.replace('PROJECT', project)}`,
    ]);
    expect(readFileSync(join(project, '.output'), 'utf8')).toBe(
      `suite=${root}/composefs-oci/node_modules/composefs-oci-conformance\n`,
    );
  });
});

/** The command with which a CI file to copy gets the runner. */
const download = (suite: string) =>
  `curl --fail --silent --show-error --location --output suite.mjs ${suite}`;

describe('the workflow for GitHub', () => {
  const { env, steps } = gitHub.jobs.conformance;
  const [suite, report] = steps.filter(({ run }) => run !== undefined);

  /** Runs both scripts; the second one also after a failure, as its condition says. */
  const runWorkflow = (given: Readonly<Record<string, string>>) => {
    const summary = join(project, '.summary');
    const all = { ...env, ...given, GITHUB_STEP_SUMMARY: summary };
    const { status, stdout } = bash(suite?.run ?? '', all);
    const { status: second, stdout: annotations } = bash(report?.run ?? '', all);
    expect(second).toBe(0);
    return { status, log: stdout, annotations, summary: readFileSync(summary, 'utf8') };
  };

  test('has no expression in a script, and pins what it uses', () => {
    for (const { run, shell, uses } of steps) {
      expect(run ?? '').not.toContain('${{');
      if (run === undefined) expect(uses).toMatch(/@v\d+$/);
      else expect(shell).toBe('bash');
    }
    expect(steps.filter(step => step.if?.includes('!cancelled()'))).toEqual([report, steps.at(-1)]);
    expect(steps.at(-1)?.with).toEqual({ name: 'report', path: 'report' });
  });

  test('passes with an adapter that passes', () => {
    const { status, annotations, summary } = runWorkflow({ IMPL: passing });
    expect(status).toBe(0);
    expect(annotations).toMatch(/^::notice title=small 1::\d+ of \d+ cases executed/);
    expect(summary).toContain('small 1');
    expect(commands()).toEqual([download(env['SUITE'] ?? '')]);
  });

  test('fails with an adapter that fails, whose output is not taken for commands', () => {
    const { status, log, annotations, summary } = runWorkflow({ IMPL: failing });
    expect(status).toBe(1);
    expect(annotations).toMatch(/^::error title=fail fsverity\/empty /m);
    expect(summary).toContain('fsverity/empty');
    const [, token = '', stopped = '', after] =
      /^::stop-commands::([0-9a-f]{32})\n(.*)\n::\1::\n(.*)$/s.exec(log) ?? [];
    expect(token).not.toBe('');
    expect(stopped).toContain('::error::an adapter says this');
    expect(after).toBe('');
  });

  test('passes with a known failure in a file whose name has a space', () => {
    writeFileSync(join(project, 'known failures.xfail'), knownFailure);
    expect(runWorkflow({ IMPL: failing, XFAIL: 'known failures.xfail' })).toMatchObject({ status: 0 });
  });
});

describe('the job for GitLab', () => {
  const { variables, before_script: before, script, artifacts } = gitLab.conformance;
  /** GitLab runs all lines in one shell, and stops at the first that fails. */
  const runJob = (given: Readonly<Record<string, string>>) =>
    bash([...before, ...script].join('\n'), { ...variables, ...given });

  test('passes with an adapter that passes, and fails with one that fails', () => {
    expect(runJob({ IMPL: passing })).toMatchObject({ status: 0 });
    expect(commands()).toEqual([download(variables['SUITE'] ?? '')]);
    expect(runJob({ IMPL: failing })).toMatchObject({ status: 1 });
    expect(artifacts.when).toBe('always');
    const junit = readFileSync(join(project, artifacts.reports.junit), 'utf8');
    const { testsuites } = new XMLParser({ ignoreAttributes: false }).parse(junit);
    expect(testsuites['@_failures']).toBe('1');
  });

  test('passes with a known failure in a file whose name has a space', () => {
    writeFileSync(join(project, 'known failures.xfail'), knownFailure);
    expect(runJob({ IMPL: failing, XFAIL: 'known failures.xfail' })).toMatchObject({ status: 0 });
  });
});
