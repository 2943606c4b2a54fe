/**
 * The folder of one request: copies of the inputs under neutral names, and an empty folder for the answer.
 * @module
 */

import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { cp, lstat, mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Case, GeneratedBytes } from '../../suite/case.ts';
import type { RunInput } from '../protocol/messages.ts';

/** The vectors contradict themselves, so that a run would have no meaning. */
export class DamagedSuite extends Error {}

/** A layer as bytes. */
export interface LayerBytes {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** Inputs by name for a request outside of the cases. */
export type InputBytes = Readonly<Record<string, Uint8Array | readonly LayerBytes[]>>;

/** The folder with the folders of all requests of one run. */
export class WorkDirectories {
  readonly path: string;
  readonly #keep: boolean;

  private constructor(path: string, keep: boolean) {
    this.path = path;
    this.#keep = keep;
  }

  /** Creates the folder in the system's folder for temporary files. */
  static async create(keep: boolean): Promise<WorkDirectories> {
    return new WorkDirectories(await mkdtemp(join(tmpdir(), 'composefs-oci-')), keep);
  }

  /** Creates the folder of one request for `test`, whose files are in `folder`. */
  async prepare(test: Case, folder: string): Promise<WorkDirectory> {
    const path = join(this.path, randomBytes(6).toString('hex'));
    await mkdir(join(path, 'out'), { recursive: true });
    const input = await copyInputs(test, folder, join(path, 'in'));
    return new WorkDirectory(path, input, await snapshot(join(path, 'in')), this.#keep);
  }

  /** Creates the folder of one request with the inputs `bytes`. */
  async prepareBytes(bytes: InputBytes): Promise<WorkDirectory> {
    const path = join(this.path, randomBytes(6).toString('hex'));
    await mkdir(join(path, 'out'), { recursive: true });
    const input = await writeInputs(bytes, join(path, 'in'));
    return new WorkDirectory(path, input, await snapshot(join(path, 'in')), this.#keep);
  }

  /** Removes everything unless it is kept. Synchronous, because it is called when the process exits. */
  remove(): void {
    if (!this.#keep) rmSync(this.path, { recursive: true, force: true });
  }
}

/** The folder of one request: `in/` and `out/`. */
export class WorkDirectory {
  readonly path: string;
  readonly input: RunInput;
  readonly #before: string;
  readonly #keep: boolean;

  constructor(path: string, input: RunInput, before: string, keep: boolean) {
    this.path = path;
    this.input = input;
    this.#before = before;
    this.#keep = keep;
  }

  /** The folder for the files of the answer. */
  get outDir(): string {
    return join(this.path, 'out');
  }

  /** A sentence about files that the adapter must not have written or changed; undefined if there are none. */
  async misuse(): Promise<string | undefined> {
    const extra = (await readdir(this.path)).find(name => name !== 'in' && name !== 'out');
    if (extra !== undefined) return `the adapter wrote ${extra} next to outDir instead of into it`;
    if ((await snapshot(join(this.path, 'in'))) !== this.#before) return 'the adapter changed its input';
    return undefined;
  }

  async remove(): Promise<void> {
    if (!this.#keep) await rm(this.path, { recursive: true, force: true });
  }
}

async function copyInputs(test: Case, from: string, to: string): Promise<RunInput> {
  await mkdir(to);
  let count = 0;
  const copy = async (source: string | GeneratedBytes): Promise<string> => {
    const target = join(to, String(count++));
    if (typeof source === 'string') await cp(join(from, source), target, { recursive: true });
    else await generate(source, target, test.id);
    return target;
  };
  const input: Record<string, RunInput[string]> = {};
  for (const [name, value] of Object.entries(test.input)) {
    if (typeof value === 'string' || 'generate' in value) {
      input[name] = await copy(value);
    } else {
      const layers: { path: string; mediaType: string }[] = [];
      for (const { path, mediaType } of value) layers.push({ path: await copy(path), mediaType });
      input[name] = layers;
    }
  }
  return input;
}

async function writeInputs(bytes: InputBytes, to: string): Promise<RunInput> {
  await mkdir(to);
  let count = 0;
  const write = async (content: Uint8Array): Promise<string> => {
    const target = join(to, String(count++));
    await writeFile(target, content);
    return target;
  };
  const input: Record<string, RunInput[string]> = {};
  for (const [name, value] of Object.entries(bytes)) {
    if (value instanceof Uint8Array) {
      input[name] = await write(value);
    } else {
      const layers: { path: string; mediaType: string }[] = [];
      for (const { bytes, mediaType } of value) layers.push({ path: await write(bytes), mediaType });
      input[name] = layers;
    }
  }
  return input;
}

/** Writes the bytes that `source` describes. Throws {@link DamagedSuite} if their SHA-256 does not match. */
async function generate({ generate: source }: GeneratedBytes, target: string, id: string): Promise<void> {
  const pattern = Buffer.from(source.patternHex, 'hex');
  const chunk = Buffer.concat(Array<Buffer>(Math.max(1, Math.ceil(65_536 / pattern.length))).fill(pattern));
  const hash = createHash('sha256');
  const file = await open(target, 'wx');
  try {
    for (let left = source.size; left > 0; left -= chunk.length) {
      const bytes = chunk.subarray(0, Math.min(left, chunk.length));
      hash.update(bytes);
      await file.writeFile(bytes);
    }
  } finally {
    await file.close();
  }
  if (hash.digest('hex') !== source.sha256) {
    throw new DamagedSuite(`${id}: the SHA-256 of the generated input does not match case.json`);
  }
}

/** Paths, modes, sizes, times and inode numbers of everything in `folder`. */
async function snapshot(folder: string): Promise<string> {
  const lines: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    const { mode, size, mtimeMs, ino } = await lstat(path);
    const isFolder = (mode & 0o170000) === 0o040000;
    lines.push(`${path} ${mode} ${isFolder ? '' : size} ${mtimeMs} ${ino}`);
    if (isFolder) lines.push(await snapshot(path));
  }
  return lines.join('\n');
}
