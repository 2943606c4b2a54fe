/**
 * The fs-verity digest of a file on disk, with all processors: each thread hashes the blocks of some ranges, and
 * this one puts the hashes together, in order.
 * @module
 */

import type { FileHandle } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ComposefsError } from '../../errors.ts';
import { nodeSha2 } from '../../hash/node/sha2.ts';
import { type Algorithm, algorithmParameters } from '../algorithm.ts';
import { FsVerity } from '../digest.ts';
import { noSalt, paddedSalt } from '../salt.ts';
import { type Blocks, RANGE, RangeHasher } from './ranges.ts';

/** Ranges that another thread must have to do, or it takes longer to start it than to do them here. */
const RANGES_MIN = 8;
/** Ranges that a thread has at a time, so that it need not wait for the next one. */
const RANGES_AHEAD = 2;
/** Ranges that are hashed while an earlier one is not: what bounds the memory. */
const WINDOW = 64;

/** What a thread answers. */
interface Answer {
  readonly range: number;
  readonly hashes: Uint8Array | undefined;
}

/**
 * The fs-verity digest of the first `size` bytes of an open regular file. Memory does not grow with the file.
 * Refuses a salt of more than 32 bytes with REQUEST_SALT, and with REQUEST_FILE a file that has become shorter.
 * Throws the system's error.
 */
export async function fileDigest(
  handle: FileHandle,
  size: number,
  algorithm: Algorithm,
  salt: Uint8Array = noSalt,
): Promise<Uint8Array> {
  const { hash, digestSize, logBlockSize } = algorithmParameters[algorithm];
  const prefix = paddedSalt(salt, hash);
  const blocks: Blocks = { fd: handle.fd, size, hash, digestSize, blockSize: 2 ** logBlockSize, prefix };
  const ranges = new Ranges(blocks, new FsVerity(algorithm, nodeSha2, salt));
  const others = Math.min(availableParallelism() - 1, Math.floor(ranges.count / RANGES_MIN));
  const threads = Array.from({ length: others }, () => new Worker(workerFile, { workerData: blocks }));
  try {
    await Promise.all([workHere(blocks, ranges), ...threads.map(thread => workThere(thread, ranges))]);
  } finally {
    ranges.stop();
    await Promise.all(threads.map(thread => thread.terminate()));
  }
  return ranges.digest();
}

const workerFile = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);

/** Which ranges are to be hashed, and the hashes of those that were. */
class Ranges {
  readonly count: number;
  readonly #size: number;
  readonly #verity: FsVerity;
  #next = 0;
  /** Ranges whose hashes are in the digest. */
  #done = 0;
  /** Hashes that came before those of an earlier range. */
  readonly #early = new Map<number, Uint8Array>();

  constructor({ size }: Blocks, verity: FsVerity) {
    this.#size = size;
    this.#verity = verity;
    this.count = Math.ceil(size / RANGE);
  }

  /** The next range to hash; undefined where there is none at present. */
  take(): number | undefined {
    if (this.#next === this.count || this.#next - this.#done >= WINDOW) return undefined;
    return this.#next++;
  }

  /** Whether {@link take} will not give another one. */
  get taken(): boolean {
    return this.#next === this.count;
  }

  /** Has nothing more be taken. */
  stop(): void {
    this.#next = this.count;
  }

  put({ range, hashes }: Answer): void {
    if (hashes === undefined) throw new ComposefsError('REQUEST_FILE', 'it became shorter while it was read');
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

async function workHere(blocks: Blocks, ranges: Ranges): Promise<void> {
  const hasher = new RangeHasher(blocks);
  while (!ranges.taken) {
    const range = ranges.take();
    if (range !== undefined) ranges.put({ range, hashes: hasher.hash(range) });
    // Lets the other threads be heard.
    await setImmediate();
  }
}

function workThere(thread: Worker, ranges: Ranges): Promise<void> {
  return new Promise((resolve, reject) => {
    let asked = 0;
    const ask = () => {
      while (asked < RANGES_AHEAD) {
        const range = ranges.take();
        if (range === undefined) break;
        asked++;
        thread.postMessage(range);
      }
      if (asked === 0) resolve();
    };
    thread.on('message', (answer: Answer) => {
      asked--;
      try {
        ranges.put(answer);
        ask();
      } catch (error) {
        reject(error);
      }
    });
    thread.on('error', reject);
    ask();
  });
}
