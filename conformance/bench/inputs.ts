/**
 * What is measured with: made once, and kept in the cache of this user.
 * @module
 */

import { createCipheriv } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { peersFolder } from '../peers/paths.ts';
import { debianPackages, samplePaths } from './debian.ts';
import { linesOf, syntheticLines } from './dumpfile.ts';

/** Inodes of the tree of real packages, at least. */
const DEBIAN_INODES = 64_000;

/** The inputs, and how each is made. */
const makers = {
  'debian.dump': async function* () {
    const packages = await debianPackages(join(benchFolder(), 'apt'));
    yield* text(linesOf(samplePaths(packages, DEBIAN_INODES)));
  },
  'synthetic-10k.dump': () => text(syntheticLines(10_000)),
  'synthetic-100k.dump': () => text(syntheticLines(100_000)),
  'synthetic-1m.dump': () => text(syntheticLines(1_000_000)),
  'file-64m': () => noise(64),
  'file-1g': () => noise(1024),
} satisfies Record<string, () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>>;

/** The name of an input. */
export type Input = keyof typeof makers;

/** Where inputs and outputs are. */
export function benchFolder(): string {
  return join(dirname(peersFolder()), 'bench');
}

/** The path of an input. Makes it first, where it is not there; `say` hears of that. Throws `Unavailable`. */
export async function inputPath(input: Input, say: (step: string) => void): Promise<string> {
  const path = join(benchFolder(), input);
  if (existsSync(path)) return path;
  say(`making ${path}`);
  await mkdir(benchFolder(), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  try {
    const handle = await open(unfinished, 'wx');
    try {
      await writeAll(handle, makers[input]());
    } finally {
      await handle.close();
    }
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
  return path;
}

async function writeAll(
  handle: FileHandle,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  for await (const chunk of chunks) await handle.writeFile(chunk);
}

/** Lines in large pieces. */
function* text(lines: Iterable<string>): Generator<Uint8Array> {
  let pending = '';
  for (const line of lines) {
    pending += line;
    if (pending.length < 1_000_000) continue;
    yield Buffer.from(pending, 'latin1');
    pending = '';
  }
  yield Buffer.from(pending, 'latin1');
}

/** `megabytes` MiB that look random, and are always the same. */
function* noise(megabytes: number): Generator<Uint8Array> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  const zeros = Buffer.alloc(1024 * 1024);
  for (let i = 0; i < megabytes; i++) yield cipher.update(zeros);
}
