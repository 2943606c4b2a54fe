/**
 * The folder of one request: copies of the inputs under neutral names, and an empty folder for the answer.
 * @module
 */

import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, mkdtemp, open, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Case, CaseFile, GeneratedBytes } from '../../suite/case.ts';
import { DamagedSuite, readCaseFile } from '../../suite/case-file.ts';
import { CouldNotContinue, systemErrorCode, throwIfExhausted } from '../../suite/system-error.ts';
import type { RunInput } from '../protocol/messages.ts';
import { removeFolder } from './remove-folder.ts';

/** Attempts to make the folder of a request. An adapter can remove it while it is being made. */
const MAX_TRIES = 3;

/** A layer as bytes. */
export interface LayerBytes {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** Inputs by name for a request outside of the cases. */
export type InputBytes = Readonly<Record<string, Uint8Array | readonly LayerBytes[]>>;

/** The folder with the folders of all requests of one run. */
export class WorkDirectories {
  /** An absolute path without links. */
  readonly path: string;
  readonly #keep: boolean;

  private constructor(path: string, keep: boolean) {
    this.path = path;
    this.#keep = keep;
  }

  /** Creates the folder in the system's folder for temporary files. Throws {@link CouldNotContinue}. */
  static async create(keep: boolean): Promise<WorkDirectories> {
    try {
      return new WorkDirectories(await mkdtemp(join(await realpath(tmpdir()), 'composefs-oci-')), keep);
    } catch (error) {
      throw couldNotContinue(error, `cannot create a temporary folder in ${tmpdir()}`);
    }
  }

  /** Creates the folder of one request for `test`, whose files are in `folder`. Throws {@link CouldNotContinue}. */
  prepare(test: Case, folder: string): Promise<WorkDirectory> {
    return this.#prepare(to => copyInputs(test, folder, to));
  }

  /** Creates the folder of one request with the inputs `bytes`. Throws {@link CouldNotContinue}. */
  prepareBytes(bytes: InputBytes): Promise<WorkDirectory> {
    return this.#prepare(to => writeInputs(bytes, to));
  }

  async #prepare(writeTo: (folder: string) => Promise<RunInput>): Promise<WorkDirectory> {
    for (let tries = 1; ; tries++) {
      const path = join(this.path, randomBytes(6).toString('hex'));
      try {
        await this.#restore();
        await mkdir(join(path, 'out'), { recursive: true });
        const input = await writeTo(join(path, 'in'));
        return new WorkDirectory(path, input, await snapshot(join(path, 'in')), this.#keep);
      } catch (error) {
        if (tries < MAX_TRIES && systemErrorCode(error) !== undefined) continue;
        throw couldNotContinue(error, `cannot write the input of a request to ${this.path}`);
      }
    }
  }

  /** Makes the folder again if an adapter removed it, replaced it or closed it. */
  async #restore(): Promise<void> {
    const found = await lstat(this.path).catch(() => undefined);
    if (found?.isDirectory()) {
      if ((found.mode & 0o700) !== 0o700) await chmod(this.path, 0o700);
      return;
    }
    await rm(this.path, { force: true });
    await mkdir(this.path, { recursive: true, mode: 0o700 });
  }

  /** Removes everything unless it is kept. Synchronous, because it is called when the process exits. */
  remove(): void {
    if (!this.#keep) removeFolder(this.path);
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

  /** A sentence about what the adapter must not have done to the folder; undefined if there is nothing. */
  async misuse(): Promise<string | undefined> {
    try {
      const extra = (await readdir(this.path)).find(name => name !== 'in' && name !== 'out');
      if (extra !== undefined) return `the adapter wrote ${extra} next to outDir instead of into it`;
      for (const folder of [join(this.path, 'in'), this.outDir]) {
        if ((await realpath(folder)) !== folder) return `the adapter replaced ${folder} by a link`;
      }
      if ((await snapshot(join(this.path, 'in'))) !== this.#before) return 'the adapter changed its input';
      await snapshot(this.outDir);
      return undefined;
    } catch (error) {
      throwIfExhausted(error);
      const code = systemErrorCode(error);
      if (code === undefined) throw error;
      return `the adapter removed a folder of the request, or left something in it that cannot be read (${code})`;
    }
  }

  /** Removes the folder unless it is kept. What cannot be removed now is left to {@link WorkDirectories.remove}. */
  async remove(): Promise<void> {
    if (this.#keep) return;
    try {
      await rm(this.path, { recursive: true, force: true }).catch(() => removeFolder(this.path));
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error;
    }
  }
}

/** `error` as a {@link CouldNotContinue} if the system reports it, and unchanged otherwise. */
function couldNotContinue(error: unknown, problem: string): unknown {
  if (!(error instanceof Error) || systemErrorCode(error) === undefined) return error;
  return new CouldNotContinue(`${problem}: ${error.message}; TMPDIR chooses another folder`);
}

async function copyInputs(test: Case, from: string, to: string): Promise<RunInput> {
  await mkdir(to);
  let count = 0;
  const copy = async (source: CaseFile | GeneratedBytes): Promise<string> => {
    const target = join(to, String(count++));
    if (typeof source === 'string') await copyInput(join(from, source), target, test.id);
    else if ('sparse' in source) await writeFile(target, readCaseFile(from, source));
    else await generate(source, target, test.id);
    return target;
  };
  const input: Record<string, RunInput[string]> = {};
  for (const [name, value] of Object.entries(test.input)) {
    if (typeof value === 'string' || 'generate' in value || 'sparse' in value) {
      input[name] = await copy(value);
    } else {
      const layers: { path: string; mediaType: string }[] = [];
      for (const { path, mediaType } of value) layers.push({ path: await copy(path), mediaType });
      input[name] = layers;
    }
  }
  return input;
}

async function copyInput(from: string, to: string, id: string): Promise<void> {
  try {
    await cp(from, to, { recursive: true });
  } catch (error) {
    if (!existsSync(from)) throw new DamagedSuite(`${id}: the input ${from} does not exist`);
    throw error;
  }
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
  await addContent(folder, lines);
  return lines.join('\n');
}

async function addContent(folder: string, lines: string[]): Promise<void> {
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    const stat = await lstat(path);
    const { mode, size, mtimeMs, ino } = stat;
    lines.push(`${path} ${mode} ${stat.isDirectory() ? '' : size} ${mtimeMs} ${ino}`);
    if (stat.isDirectory()) await addContent(path, lines);
  }
}
