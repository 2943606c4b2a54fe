import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bytesOf, hex } from '../../../reference/bytes.ts';
import { printDumpfile } from '../../../reference/dumpfile/print.ts';
import { isWhiteout, typeBits } from '../../../reference/tree/inode.ts';
import { readAccumulated } from '../../runner/accumulated.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { knownTreeDifferences } from './known-differences.ts';
import { RandomBytes } from './random-bytes.ts';
import { randomTree, type Stream, streams } from './random-tree.ts';
import { copyTree, inodes, names } from './traverse.ts';

const vectors = join(packageRoot, 'vectors');

function dumpfile(stream: Stream, seed: number): Buffer {
  return Buffer.concat([...printDumpfile(randomTree(stream, seed))]);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

test('the byte stream is the specified one', () => {
  const block = (counter: number) =>
    createHash('sha256').update(`composefs-oci random tree 1 7 ${counter}`).digest('hex');
  expect(hex(new RandomBytes(7).bytes(70))).toBe((block(0) + block(1) + block(2)).slice(0, 140));
  const drawn = new RandomBytes(7);
  expect([drawn.number(), drawn.below(10)]).toEqual([
    Number.parseInt(block(0).slice(0, 8).match(/../g)?.reverse().join('') ?? '', 16),
    Number.parseInt(block(0).slice(8, 16).match(/../g)?.reverse().join('') ?? '', 16) % 10,
  ]);
});

test.each([...Array(40).keys()])('text contains neither NUL nor slash (%d)', seed => {
  const bytes = bytesOf(new RandomBytes(seed).text(500));
  expect(bytes).toHaveLength(500);
  expect([...bytes].filter(byte => byte === 0 || byte === 0x2f)).toEqual([]);
});

describe.each(streams)('%s trees', stream => {
  test('have the digests in the vectors', () => {
    const digests = Array.from({ length: 10 }, (_, seed) => sha256(dumpfile(stream, seed)));
    expect(digests).toEqual(readAccumulated(vectors).dumpfiles[stream]);
  });

  test('are equal to those of an independent generator (needs python3)', { timeout: 60_000 }, context => {
    const program = join(vectors, 'accumulated/random_tree.py');
    const count = 400;
    let output: string;
    try {
      output = execFileSync('python3', [program, stream, '100', String(count)], { encoding: 'utf8' });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return context.skip();
      throw error;
    }
    const lines = Array.from(
      { length: count },
      (_, i) => `${100 + i} ${sha256(dumpfile(stream, 100 + i))}\n`,
    );
    expect(output).toBe(lines.join(''));
  });
});

test('all trees together have every feature', () => {
  const trees = Array.from({ length: 400 }, (_, seed) => randomTree('all', seed));
  const all = trees.flatMap(tree => [...inodes(tree)]);
  const kinds = new Set(all.map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(Object.keys(typeBits)));
  expect(all.some(isWhiteout)).toBe(true);
  expect(trees.some(tree => [...names(tree)].length > inodes(tree).size - 1)).toBe(true);
  for (const { name, remove } of knownTreeDifferences) {
    expect(trees.filter(tree => remove(copyTree(tree))).length, name).toBeGreaterThan(0);
  }
});

test('common trees have no known difference', () => {
  for (let seed = 0; seed < 300; seed++) {
    const tree = randomTree('common', seed);
    expect(
      knownTreeDifferences.filter(({ remove }) => remove(tree)).map(({ name }) => `${seed} ${name}`),
    ).toEqual([]);
  }
});

test('every known difference has a case', () => {
  const index = JSON.parse(readFileSync(join(vectors, 'index.json'), 'utf8')) as { cases: { id: string }[] };
  const ids = new Set(index.cases.map(({ id }) => id));
  for (const { name, cases } of knownTreeDifferences) {
    expect(cases.length, name).toBeGreaterThan(0);
    expect(
      cases.filter(id => !ids.has(id)),
      name,
    ).toEqual([]);
  }
});

test('a copy is equal and shares no inode', () => {
  const tree = randomTree('all', 3);
  const before = dumpfile('all', 3).toString('latin1');
  const copied = copyTree(tree);
  expect(Buffer.concat([...printDumpfile(copied)]).toString('latin1')).toBe(before);
  for (const inode of inodes(copied)) inode.mode = 0;
  expect(Buffer.concat([...printDumpfile(tree)]).toString('latin1')).toBe(before);
});
