/**
 * The fs-verity digest of a file on disk, computed on all processors: each thread hashes the blocks of some ranges,
 * and the main thread adds the hashes to the digest in order.
 * @module
 */

import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { ComposefsError } from '../../errors.ts';
import { nodeSha2 } from '../../hash/node/sha2.ts';
import { startWorker } from '../../threads/node/start-worker.ts';
import { type Algorithm, algorithmParameters } from '../algorithm.ts';
import { FsVerity } from '../digest.ts';
import { noSalt, paddedSalt } from '../salt.ts';
import { type FileToHash, RANGE, RangeHasher } from './ranges.ts';

/** The smallest number of ranges per thread; for fewer, starting the thread takes longer than hashing them. */
const RANGES_PER_THREAD = 8;
/** The number of ranges that a thread is given at a time, so that it does not wait for the next one. */
const RANGES_AHEAD = 2;
/** The largest number of ranges that are given out and not yet in the digest. It limits memory use. */
const WINDOW = 64;

/** The result of hashing a range. */
interface RangeHashes {
  readonly range: number;
  readonly hashes: Uint8Array | undefined;
}

/**
 * The fs-verity digest of the first `size` bytes of an open regular file, such as a `FileHandle`. Memory use does not
 * depend on `size`. Rejects a salt of more than 32 bytes with REQUEST_SALT, and a file that becomes shorter with
 * REQUEST_FILE. Errors of the operating system are thrown as they are.
 */
export async function fileDigest(
  { fd }: { readonly fd: number },
  size: number,
  algorithm: Algorithm,
  salt: Uint8Array = noSalt,
): Promise<Uint8Array> {
  const { hash, digestSize, logBlockSize } = algorithmParameters[algorithm];
  const prefix = paddedSalt(salt, hash);
  const file: FileToHash = { fd, size, hash, digestSize, blockSize: 2 ** logBlockSize, prefix };
  const ranges = new RangeQueue(file, new FsVerity(algorithm, nodeSha2, salt));
  const count = Math.min(availableParallelism() - 1, Math.floor(ranges.count / RANGES_PER_THREAD));
  const threads = Array.from({ length: count }, () => startWorker(import.meta.url, { workerData: file }));
  try {
    await Promise.all([
      hashOnMainThread(file, ranges),
      ...threads.map(thread => hashOnThread(thread, ranges)),
    ]);
  } finally {
    ranges.stop();
    await Promise.all(threads.map(async thread => (await thread)?.terminate()));
  }
  return ranges.digest();
}

/** Gives out the ranges of a file, and adds their hashes to the digest in order. */
class RangeQueue {
  readonly count: number;
  readonly #size: number;
  readonly #verity: FsVerity;
  #next = 0;
  /** Number of ranges whose hashes are in the digest. */
  #done = 0;
  /** Hashes that wait for those of an earlier range. */
  readonly #early = new Map<number, Uint8Array>();

  constructor({ size }: FileToHash, verity: FsVerity) {
    this.#size = size;
    this.#verity = verity;
    this.count = Math.ceil(size / RANGE);
  }

  /** The next range to hash; undefined if there is none at present. */
  take(): number | undefined {
    if (this.#next === this.count || this.#next - this.#done >= WINDOW) return undefined;
    return this.#next++;
  }

  /** Whether {@link take} has given out all ranges. */
  get taken(): boolean {
    return this.#next === this.count;
  }

  /** Gives out no more ranges. */
  stop(): void {
    this.#next = this.count;
  }

  put({ range, hashes }: RangeHashes): void {
    if (hashes === undefined) {
      throw new ComposefsError('REQUEST_FILE', 'the file became shorter while it was read');
    }
    this.#early.set(range, hashes);
    for (let next = this.#early.get(this.#done); next !== undefined; next = this.#early.get(this.#done)) {
      this.#early.delete(this.#done);
      this.#verity.updateHashed(next, Math.min(RANGE, this.#size - this.#done * RANGE));
      this.#done++;
    }
  }

  digest(): Uint8Array {
    return this.#verity.digest();
  }
}

async function hashOnMainThread(file: FileToHash, ranges: RangeQueue): Promise<void> {
  const hasher = new RangeHasher(file);
  while (!ranges.taken) {
    const range = ranges.take();
    if (range !== undefined) ranges.put({ range, hashes: hasher.hash(range) });
    // Lets messages of the other threads be handled.
    await setImmediate();
  }
}

async function hashOnThread(started: Promise<Worker | undefined>, ranges: RangeQueue): Promise<void> {
  const thread = await started;
  if (thread === undefined) return;
  await new Promise<void>((resolve, reject) => {
    let pending = 0;
    const sendRanges = () => {
      while (pending < RANGES_AHEAD) {
        const range = ranges.take();
        if (range === undefined) break;
        pending++;
        thread.postMessage(range);
      }
      if (pending === 0) resolve();
    };
    thread.on('message', (hashed: RangeHashes) => {
      pending--;
      try {
        ranges.put(hashed);
        sendRanges();
      } catch (error) {
        reject(error);
      }
    });
    thread.on('error', reject);
    sendRanges();
  });
}
