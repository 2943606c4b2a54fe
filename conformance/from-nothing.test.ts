/**
 * Runs from-nothing-to-a-badge.md from an empty directory. Only two commands are replaced: the clone and its `npm ci`
 * lead to this repository, which is already installed.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from './suite/package-root.ts';

const page = readFileSync(join(packageRoot, 'conformance/from-nothing-to-a-badge.md'), 'utf8');
const blocks = [...page.matchAll(/^```(\w+)( fails)?\n(.*?)^```$/gms)].map(
  ([, language, fails, content = '']) => ({
    language,
    fails: fails !== undefined,
    content,
  }),
);
const isPresent = (tool: string) => spawnSync(tool, ['--version']).status === 0;

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'nothing-'));
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'work'));
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const replaced = {
    git: `[ "$1" = clone ] && exec ln -s '${packageRoot}' composefs-oci\nexec '${git}' "$@"`,
    npm: '[ "$*" = "ci --prefix composefs-oci" ]',
  };
  for (const [name, script] of Object.entries(replaced)) {
    writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(root, 'bin', name), 0o755);
  }
});
afterAll(() => rmSync(root, { recursive: true }));

/** Runs `script` in the directory where the last one ended. */
function run(script: string) {
  const where = join(root, 'where');
  const start = `cd "$(cat '${where}' 2>/dev/null || echo '${join(root, 'work')}')"`;
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-c', `trap 'pwd > "${where}"' EXIT\n${start}\nset -e\n${script}`],
    {
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${join(root, 'bin')}${delimiter}${process.env['PATH']}`,
        HOME: root,
        SUITE: 'https://git.example/composefs-oci.git',
        GIT_CONFIG_COUNT: '2',
        GIT_CONFIG_KEY_0: 'user.name',
        GIT_CONFIG_VALUE_0: 'Test',
        GIT_CONFIG_KEY_1: 'user.email',
        GIT_CONFIG_VALUE_1: 'test@example.org',
      },
    },
  );
  return { status, output: stdout + stderr };
}

test.skipIf(!isPresent('python3') || !isPresent('git'))(
  'every command of the page works, and prints what the page shows (needs Python and git)',
  { timeout: 300_000 },
  () => {
    execFileSync('git', ['init', '--quiet', '--bare', join(root, 'remote.git')]);
    let printed = '';
    for (const { language, fails, content } of blocks) {
      if (language === 'sh') {
        const { status, output } = run(content);
        expect(status, `${content}\n${output}`).toBe(fails ? 1 : 0);
        printed = output;
        if (content.startsWith('git init')) run(`git remote add origin '${join(root, 'remote.git')}'`);
      } else if (language === 'text') {
        for (const part of content.trim().split('…')) expect(printed).toContain(part);
      }
    }
    const show = ['--git-dir', join(root, 'remote.git'), 'show', 'badges:badge-digester.json'];
    expect(JSON.parse(execFileSync('git', show, { encoding: 'utf8' }))).toMatchObject({
      color: 'brightgreen',
    });
  },
);

test('the workflow of the page uses inputs that the action has', () => {
  const workflow = parse(blocks.find(({ language }) => language === 'yaml')?.content ?? '');
  const action = parse(readFileSync(join(packageRoot, 'conformance/action/action.yml'), 'utf8'));
  const step = workflow.jobs.conformance.steps.find((each: { uses?: string }) =>
    each.uses?.includes('/conformance/action@'),
  );
  expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(step.with)));
  expect(page).toContain(`${action.inputs.report.default}/badge-digester.json`);
});
