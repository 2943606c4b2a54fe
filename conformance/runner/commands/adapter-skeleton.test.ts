import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { run, statusesOf, temporaryFolder, testAdapter, writeSuite } from '../run/tiny-suite.test.helper.ts';
import { WorkDirectories } from '../run/work-directory.ts';
import { type Language, languages, skeleton } from './adapter-skeleton.ts';
import { checkAdapter } from './check-adapter.ts';

const folder = temporaryFolder();
const suite = writeSuite(folder.path);
const work = WorkDirectories.create(false);
afterAll(() => {
  folder.remove();
  work.remove();
});

/** The first word of each command, and an argument with which it ends at once. */
const tools: Readonly<Record<Language, readonly [string, string]>> = {
  sh: ['sh', '-c :'],
  python: ['python3', '--version'],
  go: ['go', 'version'],
  rust: ['rustc', '--version'],
  c: ['cc', '--version'],
};

describe.each(Object.keys(languages) as Language[])('the skeleton in %s', language => {
  const [tool, probe] = tools[language];
  const present = spawnSync(tool, probe.split(' ')).status === 0;
  const { file, build, start } = languages[language];

  it.skipIf(!present)(`follows the protocol (needs ${tool})`, { timeout: 120_000 }, async () => {
    writeFileSync(join(folder.path, file), skeleton(language));
    const made = spawnSync('sh', ['-c', `${build || ':'}`], { cwd: folder.path, encoding: 'utf8' });
    expect(made).toMatchObject({ status: 0, stderr: '' });
    const command = ['/bin/sh', '-c', `cd ${folder.path} && exec ${start}`];
    expect(await checkAdapter(command, suite, work)).toMatchObject({ problems: [], started: true });
    const outcome = await run(suite, language, { command });
    expect(statusesOf(outcome)).toEqual({ 'fsverity/empty': 'fail', 'fsverity/generated': 'fail' });
    expect(outcome.cases['fsverity/empty']?.failure?.message).toMatch(
      /^answered error: .*not implemented yet/,
    );
  });
});

describe('check-adapter', () => {
  const check = (name: string) => checkAdapter(testAdapter(name), suite, work);
  const script = (text: string) => checkAdapter(['/bin/sh', '-c', text], suite, work);
  const hello = (members: string) =>
    `{"type":"hello","protocol":1,"implementation":{"name":"x","version":"1"},"specVersions":["1.0"],${members}}`;

  it('finds nothing in an adapter that follows the protocol, and shows what was said', async () => {
    const { problems, notes, transcript } = await check('honest.mjs');
    expect({ problems, notes }).toEqual({ problems: [], notes: [] });
    const kinds = transcript.map(line => `${line[0]} ${/"type":"(\w+)"/.exec(line)?.[1] ?? ''}`.trim());
    expect(kinds).toEqual(['> hello', '< hello', '> run', '< done', '> run', '< done', '> bye', '']);
  });

  it('accepts an adapter that exits after each answer', async () => {
    expect((await check('exits-after-each-answer.mjs')).problems).toEqual([]);
  });

  it('fails if the adapter declares no operation', async () => {
    const silent = `read -r x; echo '${hello('"operations":[],"features":[]')}'; read -r x`;
    expect(await script(silent)).toMatchObject({
      started: true,
      problems: ['hello declares no operation, so nothing can be tested'],
    });
  });

  it.each([
    ['wrong-id.mjs', /has the id/],
    ['duplicate-answer.mjs', /wrote something after its answer/],
    ['always-unsupported.mjs', /the answer is unsupported/],
    ['unknown-key.mjs', /must NOT have additional properties/],
    ['bad-json.mjs', /is not JSON/],
    ['crash.mjs', /exits with code/],
    ['crash-after-answer.mjs', /exits with code \d+ after the answer/],
    ['changes-hello.mjs', /differs from that of the first/],
    ['missing-file.mjs', /cannot be read \(ENOENT\)/],
    ['outside-out-dir.mjs', /is outside outDir/],
    ['changes-input.mjs', /changed its input/],
    ['closes-stdout.mjs', /closed its stdout/],
    ['answers-after-death.sh', /process behind|killed|exits/],
  ])('finds the violation of %s', async (name, problem) => {
    expect((await check(name)).problems.join('\n')).toMatch(problem);
  });

  it.each([
    ['exits at once', 'echo oops >&2; exit 3', /exits with code 3 before the hello/],
    ['says nothing of the protocol', 'echo ready; cat >/dev/null', /not JSON/],
  ])('does not start an adapter that %s', async (_, text, problem) => {
    const found = await script(text);
    expect(found.started).toBe(false);
    expect(found.problems.join('\n')).toMatch(problem);
  });
});
