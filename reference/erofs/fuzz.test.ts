/**
 * Whatever the bytes are, an inspection contains each of them exactly once, and a check reports an image as canonical
 * only if a writer makes it. The environment variable `FUZZ_ROUNDS` sets the number of rounds.
 */

import { expect, test } from 'vitest';
import { ComposefsError } from '../errors.ts';
import type { Inode } from '../tree/inode.ts';
import { checkErofs } from './check.ts';
import { erofsFormats, formatRules } from './format-rules.ts';
import { inspectErofs } from './inspect.ts';
import { damageable, damaged, randomImage } from './random-image.test.helper.ts';
import { Random } from './random-tree.test.helper.ts';
import { readErofs } from './read.ts';
import { writeErofs } from './write.ts';

const undamagedImages = erofsFormats.flatMap(format => {
  const images = Array.from({ length: 30 }, (_, seed) => randomImage(seed, format, 40));
  return images.map(image => ({ image, fields: damageable(image) }));
});
const rounds = Number(process.env['FUZZ_ROUNDS'] ?? 250);

/** The number of inodes that an inspection finds. Throws if a byte is in no field, or in two. */
function countInspectedInodes(image: Uint8Array): number {
  let at = 0;
  let inodes = 0;
  for (const { kind, fields } of inspectErofs(image)) {
    if (kind === 'compact inode' || kind === 'extended inode') inodes++;
    if (fields.length === 0) throw new Error(`${kind} without a field`);
    for (const field of fields) {
      if (field.at !== at || field.size < 1)
        throw new Error(`${kind}, ${field.name}: ${field.at}, not ${at}`);
      at += field.size;
    }
  }
  expect(at).toBe(image.length);
  return inodes;
}

function inodesOf(tree: Inode, seen = new Set<Inode>()): Set<Inode> {
  seen.add(tree);
  if (tree.kind === 'directory') for (const child of tree.children.values()) inodesOf(child, seen);
  return seen;
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  if (Buffer.compare(a, b) === 0) return undefined;
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at >= 0 ? at : a.length;
}

test('damaged images are inspected completely, and checked correctly or rejected', {
  timeout: 60_000 + 200 * rounds,
}, () => {
  const random = new Random(1);
  const outcomes = new Map<string, number>();
  const note = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  for (let round = 0; round < rounds; round++) {
    const { image: undamaged, fields } = random.pick(undamagedImages);
    const image = damaged(undamaged, fields, random);
    const inodes = countInspectedInodes(image);
    try {
      const { format, divergence } = checkErofs(image);
      const tree = readErofs(image);
      const written = Buffer.concat([...writeErofs(tree, { format, algorithm: 'fsverity-sha256-12' })]);
      expect(divergence?.at, `round ${round}`).toBe(firstDifference(written, image));
      if (divergence !== undefined) expect(divergence.found).not.toBe(divergence.expected);
      const stubs = formatRules[format].isV2 ? 0 : 256 - [...tree.children.keys()].filter(isStub).length;
      expect(inodes, `round ${round}`).toBe(inodesOf(tree).size + stubs);
      note(divergence === undefined ? 'canonical' : 'not canonical');
    } catch (error) {
      if (!(error instanceof ComposefsError)) throw error;
      expect(error.stage).toBe('erofs');
      note(error.code);
    }
  }
  expect([...outcomes.keys()]).toEqual(
    expect.arrayContaining(['canonical', 'not canonical', 'EROFS_DIRECTORY']),
  );
  expect(outcomes.size).toBeGreaterThan(8);
  if (rounds > 250) console.log(outcomes);
});

function isStub(name: string): boolean {
  return /^[0-9a-f]{2}$/.test(name);
}

test('random bytes are inspected completely', () => {
  const random = new Random(2);
  for (let round = 0; round < 200; round++) countInspectedInodes(random.bytes(random.below(9000)));
});
