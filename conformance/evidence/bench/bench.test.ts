import { describe, expect, test } from 'vitest';
import { buildTree } from '../../../reference/build-tree.ts';
import { ascii } from '../../../reference/bytes.ts';
import { parseDumpfile } from '../../../reference/dumpfile/parse.ts';
import { printDumpfile } from '../../../reference/dumpfile/print.ts';
import { nodeSha2 } from '../../../reference/hash/node/sha2.ts';
import { findInode, inodes } from '../../../reference/tree/directory.ts';
import { type Archive, entriesLayer, fileLayer, systemLayers } from './archives.ts';
import { parseLine, samplePaths } from './debian.ts';
import { linesOf, syntheticLines } from './dumpfile.ts';
import { combineRuns, summary } from './measure.ts';
import { describeResult, describeTargets } from './report.ts';
import { checkTargets } from './targets.ts';
import { type Measurements, type TaskResult, tasks } from './tasks.ts';

function read(lines: Iterable<string>) {
  return parseDumpfile(Buffer.from([...lines].join(''), 'latin1'));
}

describe('a generated dumpfile', () => {
  test('has the requested number of inodes, of several kinds, and is always the same', () => {
    const tree = read(syntheticLines(3000));
    const kinds = [...inodes(tree)].map(({ kind }) => kind);
    expect(kinds).toHaveLength(3000);
    expect(new Set(kinds)).toEqual(new Set(['directory', 'external', 'inline', 'symlink']));
    expect([...syntheticLines(3000)]).toEqual([...syntheticLines(3000)]);
  });

  test('has the given paths and their directories', () => {
    const paths = ['usr/lib/a b', 'usr/lib/\xc3\xa9\\', 'usr/lib', 'usr/bin/x', 'etc', 'etc/y'];
    const text = Buffer.concat([...printDumpfile(read(linesOf(paths)))]).toString('latin1');
    const names = text.split('\n').map(line => line.split(' ')[0]);
    expect(names).toEqual([
      ...['/', '/etc', '/etc/y', '/usr', '/usr/bin', '/usr/bin/x'],
      ...['/usr/lib', '/usr/lib/a\\x20b', '/usr/lib/\\xc3\\xa9\\\\', ''],
    ]);
  });
});

describe('the lists of Debian', () => {
  test('name the packages of a path', () => {
    expect(parseLine('usr/share/a b.txt \t  text/one,contrib/net/two')).toEqual([
      ['one', 'usr/share/a b.txt'],
      ['two', 'usr/share/a b.txt'],
    ]);
    for (const line of [
      '',
      'FILE',
      '/etc/x  net/one',
      'usr//x  net/one',
      'a/../x  net/one',
      'etc/  net/one',
    ]) {
      expect(parseLine(line)).toEqual([]);
    }
  });

  test('provide whole packages until there are enough inodes', () => {
    const packages = new Map([
      ['one', ['usr/bin/1', 'usr/lib/1']],
      ['two', ['usr/bin/2']],
      ['three', ['usr/bin/3']],
    ]);
    // The SHA-256 of the names two, one and three begins with 3fc4, 7692 and 8b5b.
    expect([...samplePaths(packages, 4)]).toEqual(['usr/bin/2']);
    expect([...samplePaths(packages, 5)]).toEqual(['usr/bin/2', 'usr/bin/1', 'usr/lib/1']);
    expect(samplePaths(packages, 100).size).toBe(4);
  });
});

describe('generated layers', () => {
  async function* chunks(archive: Archive) {
    yield* archive;
  }
  const read = (...layers: Archive[]) =>
    buildTree(layers.map(chunks), {
      role: 'merged',
      transform: 'none',
      xattrs: 'allowlist-only',
      algorithm: 'fsverity-sha256-12',
      sha2: nodeSha2,
    });

  test('are always the same, and replace and delete files of lower layers', async () => {
    const trees = [await read(...systemLayers(20)), await read(...systemLayers(20))];
    const [one, other] = trees.map(tree => Buffer.concat([...printDumpfile(tree)]).toString('latin1'));
    expect(one).toBe(other);
    expect(one).not.toContain('.wh.');
  });

  test('have a large file, or as many entries as were asked', async () => {
    const file = findInode(await read(fileLayer(100_000)), ['usr', 'file'].map(ascii));
    expect(file).toMatchObject({ kind: 'external', size: 100_000n });
    expect([...inodes(await read(entriesLayer(256)))]).toHaveLength(2 + 256);
  });
});

test('several runs as one add up their times, and have the maximum of their memory', () => {
  const run = { output: 'a', wall: 1, cpu: 2, memory: 5 };
  expect(combineRuns([run, { output: 'b', wall: 10, cpu: 20, memory: 3 }])).toEqual({
    output: 'b',
    wall: 11,
    cpu: 22,
    memory: 5,
  });
  expect(combineRuns([run, { ...run, cpu: undefined, memory: undefined }])).toMatchObject({
    cpu: undefined,
    memory: undefined,
  });
});

test('a summary has the median, the minimum and the maximum', () => {
  expect(summary([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(summary([4, 1, 2, 9])).toEqual({ median: 3, min: 1, max: 9 });
  expect(summary([1, undefined])).toBeUndefined();
  expect(summary([])).toBeUndefined();
});

function constant(wall: number, memory: number): Measurements {
  const same = (value: number) => ({ median: value, min: value, max: value });
  return { wall: same(wall), cpu: undefined, memory: same(memory) };
}

function result(task: string, wall: number, memory: number): TaskResult {
  const digests = { ours: 'ab', peer: 'ab' };
  return {
    task,
    ours: constant(wall, memory),
    peer: constant(1, 1e6),
    ratio: constant(wall, memory / 1e6),
    digests,
  };
}

test('targets are checked for the measured tasks', () => {
  const found = checkTargets(tasks, [
    result('debian', 0.8, 4e6),
    result('synthetic-10k', 0.1, 1e6),
    result('synthetic-100k', 1.3, 1e6),
  ]);
  expect(found.map(({ what, met }) => `${met} ${what}`)).toEqual([
    'true debian: wall time relative to mkcomposefs',
    'false debian: memory relative to mkcomposefs',
    'false synthetic-100k: wall time relative to synthetic-10k',
  ]);
  expect(describeTargets(found)).toContain('MISSED    4.00 of at most 3.00  debian: memory');
});

test('the target for the memory of an image depends on its inodes', () => {
  const [found] = checkTargets(tasks, [result('image-4g-gzip', 1, 100 * 1024 * 1024)]).slice(1);
  expect(found).toMatchObject({ what: 'image-4g-gzip: memory in MiB', value: 100, met: true });
  expect(found?.limit).toBeCloseTo(150, 2);
});

test('a result is described in a few lines, which say if the digests differ', () => {
  const [task] = tasks;
  if (task === undefined) throw new Error('there is no task');
  const same = describeResult(task, 'some input', result('debian', 0.5, 4e6));
  expect(same).toContain('composefs-oci   0.500 (0.500–0.500)     unknown                 4 (4–4)\n');
  expect(same).toContain('both print ab');
  const other = { ...result('debian', 0.5, 4e6), digests: { ours: 'ab', peer: 'cd' } };
  expect(describeResult(task, 'some input', other)).toContain(
    'THE DIGESTS DIFFER: ab, mkcomposefs prints cd',
  );
});
