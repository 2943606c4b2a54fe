import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { checkWithTarSplit, knownDeviations, parseDeviations } from './tar-split-check.ts';

const folder = mkdtempSync(join(tmpdir(), 'tar-split-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

const suite = readSuite(join(packageRoot, 'vectors'));
/** One image by import, one by export and one that is built; their files are short, so that they have no objects. */
const few = {
  ...suite,
  cases: suite.cases.filter(({ id }) =>
    ['store/archive-padding', 'store/export-one-blob', 'merge/path-twice'].includes(id),
  ),
};

/** A program that keeps an archive as a whole, and then runs `more`. */
function whole(more: string): string {
  const path = join(folder, 'tar-split');
  const script = `#!/bin/sh
case $1 in
  disasm) printf '{"type":2,"payload":"%s"}\\n' "$(base64 < "$5" | tr -d '\\n')" | gzip > "$4" ;;
  asm)
    gunzip -c "$3" | sed 's/.*"payload":"//; s/".*//' | base64 -d > "$7"
    ${more}
    ;;
esac
`;
  writeFileSync(path, script, { mode: 0o755 });
  return path;
}

const layers = [
  'store/archive-padding 0',
  'store/archive-padding 1',
  'store/export-one-blob 1',
  'merge/path-twice 0',
];

test('layers of each operation that are rebuilt cause no problem', async () => {
  const { summary, problems } = await checkWithTarSplit(few, whole(':'), new Map());
  expect(problems).toEqual([]);
  expect(summary).toBe(`${layers.length} layers, of which ${layers.length} are rebuilt, and 0 are not`);
});

test('a program that rebuilds other bytes fails the check for each layer that is not listed', async () => {
  const deviations = new Map([['merge/path-twice 0', 'it rebuilds other bytes']]);
  const { problems } = await checkWithTarSplit(few, whole('printf x >> "$7"'), deviations);
  for (const layer of layers) {
    const expected = deviations.has(layer) ? [] : [`${layer}: it rebuilds other bytes`];
    expect(problems.filter(problem => problem.startsWith(layer))).toEqual(expected);
  }
});

test('a deviation with another reason, one that no longer occurs and one of an unknown layer are problems', async () => {
  const reason = 'duplicates of file paths not supported';
  const deviations = new Map([
    ['merge/path-twice 0', reason],
    ['store/none 0', reason],
  ]);
  const { problems } = await checkWithTarSplit(few, whole(':'), deviations);
  expect(problems).toEqual([
    'merge/path-twice 0 is rebuilt: remove it from the deviations',
    'store/none 0 is not in any store: remove it from the deviations',
  ]);
  const other = await checkWithTarSplit(few, whole('printf x >> "$7"'), deviations);
  expect(other.problems).toContain(`merge/path-twice 0: it rebuilds other bytes, instead of: ${reason}`);
});

test('the list of deviations names cases, and has its format', () => {
  const ids = new Set(suite.cases.map(({ id }) => id));
  for (const layer of knownDeviations().keys()) expect(ids).toContain(layer.split(' ')[0]);
  expect(knownDeviations().size).toBeGreaterThan(0);
  expect(parseDeviations('# why\nsaid\n  a/b 0\n  a/b 1\n').get('a/b 1')).toBe('said');
  for (const text of ['  a/b 0\n', 'said\n  a/b\n', 'said\n a/b 0\n', 'said\n  a/b 0\n  a/b 0\n']) {
    expect(() => parseDeviations(text)).toThrow(/of the deviations must be/);
  }
});

test('without tar-split, the command names the package, and does not pass', () => {
  const main = join(packageRoot, 'dist/conformance/evidence/stores/main.js');
  const { status, stdout } = spawnSync(process.execPath, [main, '--tar-split'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: folder },
  });
  expect(stdout).toBe("SKIPPED tar-split: it is not installed ('apt install tar-split')\n");
  expect(status).toBe(3);
});
