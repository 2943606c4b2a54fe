/**
 * `--accumulated`: one digest of the images of many random trees, as described in vectors/accumulated/README.md.
 * @module
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { printDumpfile } from '../../reference/dumpfile/print.ts';
import { randomTree } from '../generate/random-trees/random-tree.ts';
import { schemaCheck } from '../suite/json-schema.ts';
import { UnreadableSuite } from '../suite/read-suite.ts';
import type { Stop } from './report/events.ts';
import type { RunProgress } from './report/progress.ts';
import { shellWord } from './report/shell-word.ts';
import { distribute } from './run/schedule.ts';
import { TimeoutsInARow } from './run/timeouts.ts';
import type { TreeWriter } from './run/tree-writer.ts';

/** The file of expected digests, defined by `vectors/schema/accumulated.schema.json`. */
export interface AccumulatedDigests {
  readonly version: 1;
  readonly trees: 'common';
  readonly op: 'erofs.write';
  readonly params: { readonly format: 'v1'; readonly algorithm: 'fsverity-sha256-12' };
  readonly digests: readonly { readonly count: number; readonly digest: string }[];
  readonly blocks: readonly string[];
  readonly dumpfiles: Readonly<Record<'common' | 'all', readonly string[]>>;
  readonly provenance: { readonly confirmedBy: readonly { readonly by: string; readonly count: number }[] };
}

/** The number of trees in a block. */
export const BLOCK = 1000;

/** The number of trees without an image that are reported individually. */
const SHOWN_TREES = 5;

/** The digests of the first `count` trees from an implementation. */
export interface AccumulatedResult {
  readonly count: number;
  readonly digest: string;
  readonly blocks: readonly string[];
  /** From the seed of each tree without an image to the reason. */
  readonly without: ReadonlyMap<number, string>;
  /** Why not all trees were requested; null if they were. */
  readonly stopped: Stop | null;
}

/** Reads the expected digests from the folder `vectors`. Throws {@link UnreadableSuite}. */
export function readAccumulated(vectors: string): AccumulatedDigests {
  const path = join(vectors, 'accumulated/accumulated.json');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UnreadableSuite(
      `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const problem = schemaCheck('vectors/schema/accumulated.schema.json')(value);
  if (problem !== undefined) throw new UnreadableSuite(`${path}: ${problem}`);
  return value as AccumulatedDigests;
}

/** Hashes the image digests of the first `count` trees, a multiple of {@link BLOCK}. */
export class DigestAccumulator {
  readonly #digests: Uint8Array;

  constructor(count: number) {
    this.#digests = new Uint8Array(32 * count);
  }

  /** Sets the image digest of one tree, in hex. The digest of a tree without an image is 32 zero bytes. */
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

/** Requests the images of the first `count` trees. */
export async function accumulate(
  writers: readonly Pick<TreeWriter, 'write' | 'end'>[],
  count: number,
  progress: (progress: RunProgress) => void,
): Promise<AccumulatedResult> {
  const accumulator = new DigestAccumulator(count);
  const without = new Map<number, string>();
  const timeouts = new TimeoutsInARow();
  let done = 0;
  await distribute(timeouts.untilStop(Array(count).keys()), writers, async (writer, seed) => {
    const dumpfile = Buffer.concat([...printDumpfile(randomTree('common', seed))]);
    const written = await writer.write(dumpfile);
    timeouts.count(written.kind === 'failed' && written.timedOut === true);
    if (written.kind === 'written') accumulator.set(seed, written.digest);
    else without.set(seed, written.kind === 'rejected' ? `rejected: ${written.why}` : written.problem);
    progress({ done: ++done, of: count, failed: without.size });
  });
  await Promise.all(writers.map(writer => writer.end()));
  return { count, digest: accumulator.digest, blocks: accumulator.blocks, without, stopped: timeouts.stop };
}

/** The report on a result, and whether it is as expected. `impl` is the value of `--impl`. */
export function accumulatedReport(
  { count, digest, blocks, without, stopped }: AccumulatedResult,
  expected: AccumulatedDigests,
  impl: string,
): { readonly text: string; readonly passed: boolean } {
  if (stopped !== null) return { text: `${count} trees: stopped early, ${stopped.message}\n`, passed: false };
  const want = expected.digests.find(item => item.count === count)?.digest;
  if (digest === want) return { text: `${count} trees: digest ${digest}, as expected\n`, passed: true };
  const wrong = blocks.flatMap((block, i) => (block === expected.blocks[i] ? [] : [i * BLOCK]));
  const lines = [
    `${count} trees: digest ${digest}, expected ${want}`,
    `  ${wrong.length} of ${blocks.length} blocks of ${BLOCK} trees differ, which begin at seed ${wrong.slice(0, 10).join(', ')}${wrong.length > 10 ? ' …' : ''}`,
    ...(without.size === 0 ? [] : [`  ${without.size} trees without an image:`]),
    ...[...without]
      .sort(([a], [b]) => a - b)
      .slice(0, SHOWN_TREES)
      .map(([seed, why]) => `    seed ${seed}: ${why.split('\n').slice(0, 2).join(' ')}`),
    '  to find the trees that differ, reduced to the smallest ones:',
    `    npm run fuzz -- --impl ${shellWord(impl)} --stream common --seed ${wrong[0] ?? 0} --count ${BLOCK}`,
  ];
  return { text: `${lines.join('\n')}\n`, passed: false };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
