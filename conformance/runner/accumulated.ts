/**
 * `--accumulated`: one digest over the images of many random trees (vectors/accumulated/README.md).
 * @module
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { printDumpfile } from '../../reference/dumpfile/print.ts';
import { randomTree } from '../generate/random-trees/random-tree.ts';
import { schemaCheck } from '../suite/json-schema.ts';
import { NoSuite } from '../suite/read-suite.ts';
import type { RunProgress } from './report/progress.ts';
import { share } from './run/schedule.ts';
import type { TreeWriter } from './run/tree-writer.ts';

/** The file of digests, as its schema states it. */
export interface Accumulated {
  readonly version: 1;
  readonly trees: 'common';
  readonly op: 'erofs.write';
  readonly params: { readonly format: 'v1'; readonly algorithm: 'fsverity-sha256-12' };
  readonly digests: readonly { readonly count: number; readonly digest: string }[];
  readonly blocks: readonly string[];
  readonly dumpfiles: Readonly<Record<'common' | 'all', readonly string[]>>;
  readonly provenance: { readonly confirmedBy: readonly { readonly by: string; readonly count: number }[] };
}

/** Trees in one of the blocks. */
export const BLOCK = 1000;

/** Trees without an image that are told one by one. */
const TOLD = 5;

/** What an implementation made of the first trees. */
export interface Accumulation {
  readonly count: number;
  readonly digest: string;
  readonly blocks: readonly string[];
  /** Seed to what came instead of a digest. */
  readonly without: ReadonlyMap<number, string>;
}

/** Reads the digests that the vectors have. Throws {@link NoSuite} where there are none, or damaged ones. */
export function readAccumulated(vectors: string): Accumulated {
  const path = join(vectors, 'accumulated/accumulated.json');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new NoSuite(`can not read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const problem = schemaCheck('vectors/schema/accumulated.schema.json')(value);
  if (problem !== undefined) throw new NoSuite(`${path}: ${problem}`);
  return value as Accumulated;
}

/** Digests over the images of the first `count` trees, a multiple of {@link BLOCK}. */
export class Accumulator {
  readonly #digests: Uint8Array;

  constructor(count: number) {
    this.#digests = new Uint8Array(32 * count);
  }

  /** The digest of the image of one tree, in hex. Without one, 32 zeros stand for it. */
  set(seed: number, digest: string): void {
    this.#digests.set(Buffer.from(digest, 'hex').subarray(0, 32), 32 * seed);
  }

  get digest(): string {
    return sha256(this.#digests);
  }

  get blocks(): string[] {
    const blocks: string[] = [];
    for (let at = 0; at < this.#digests.length; at += 32 * BLOCK) {
      blocks.push(sha256(this.#digests.subarray(at, at + 32 * BLOCK)));
    }
    return blocks;
  }
}

/** Asks for the images of the first `count` trees. */
export async function accumulate(
  writers: readonly Pick<TreeWriter, 'write' | 'end'>[],
  count: number,
  progress: (progress: RunProgress) => void,
): Promise<Accumulation> {
  const accumulator = new Accumulator(count);
  const without = new Map<number, string>();
  let done = 0;
  await share([...Array(count).keys()], writers, async (writer, seed) => {
    const dumpfile = Buffer.concat([...printDumpfile(randomTree('common', seed))]);
    const written = await writer.write(dumpfile);
    if (written.kind === 'written') accumulator.set(seed, written.digest);
    else without.set(seed, written.kind === 'rejected' ? `rejected: ${written.why}` : written.problem);
    progress({ done: ++done, of: count, failed: without.size });
  });
  await Promise.all(writers.map(writer => writer.end()));
  return { count, digest: accumulator.digest, blocks: accumulator.blocks, without };
}

/** What is to be said about a run, and whether it is as it has to be. `impl` is what was given as `--impl`. */
export function accumulatedReport(
  { count, digest, blocks, without }: Accumulation,
  expected: Accumulated,
  impl: string,
): { readonly text: string; readonly passed: boolean } {
  const want = expected.digests.find(item => item.count === count)?.digest;
  if (digest === want) return { text: `${count} trees: digest ${digest}, as it has to be\n`, passed: true };
  const wrong = blocks.flatMap((block, i) => (block === expected.blocks[i] ? [] : [i * BLOCK]));
  const lines = [
    `${count} trees: digest ${digest}, expected ${want}`,
    `  ${wrong.length} of ${blocks.length} thousands differ, from seed ${wrong.slice(0, 10).join(', ')}${wrong.length > 10 ? ' …' : ''}`,
    ...(without.size === 0 ? [] : [`  ${without.size} trees have no image:`]),
    ...[...without]
      .sort(([a], [b]) => a - b)
      .slice(0, TOLD)
      .map(([seed, why]) => `    seed ${seed}: ${why.split('\n').slice(0, 2).join(' ')}`),
    '  the trees, and the smallest like them:',
    `    npm run fuzz -- --impl ${quoted(impl)} --stream common --seed ${wrong[0] ?? 0} --count ${BLOCK}`,
  ];
  return { text: `${lines.join('\n')}\n`, passed: false };
}

/** One word of the shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
