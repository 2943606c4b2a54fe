/**
 * The folder of one request: copies of the inputs under neutral names, and an empty folder for the answer.
 * @module
 */

import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from '../../suite/case.ts';
import { CouldNotContinue, systemErrorCode, throwIfExhausted } from '../../suite/system-error.ts';
import type { RunInput } from '../protocol/messages.ts';
import { copyInputs, type InputBytes, writeInputs } from './input-files.ts';
import { removeFolder } from './remove-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Attempts to make the folder of a request. An adapter can remove it while it is being made. */
const MAX_TRIES = 3;

/** The folder with the folders of all requests of one run. */
export class WorkDirectories {
  /** An absolute path without links. */
  readonly path: string;
  readonly #keep: boolean;

  private constructor(path: string, keep: boolean) {
    this.path = path;
    this.#keep = keep;
  }

  /** Creates the folder. Throws {@link CouldNotContinue}. */
  static create(keep: boolean): WorkDirectories {
    const parent = temporaryFolder(keep);
    try {
      return new WorkDirectories(mkdtempSync(join(realpathSync(parent), 'composefs-oci-')), keep);
    } catch (error) {
      throw couldNotContinue(error, `cannot create a temporary folder in ${parent}`);
    }
  }

  /** Creates the folder of one request for `test`, whose files are in `folder`. Throws {@link CouldNotContinue}. */
  prepare(test: Case, folder: string): WorkDirectory {
    return this.#prepare(to => copyInputs(test, folder, to));
  }

  /** Creates the folder of one request with the inputs `bytes`. Throws {@link CouldNotContinue}. */
  prepareBytes(bytes: InputBytes): WorkDirectory {
    return this.#prepare(to => writeInputs(bytes, to));
  }

  #prepare(writeTo: (folder: string) => RunInput): WorkDirectory {
    for (let tries = 1; ; tries++) {
      const path = join(this.path, randomBytes(6).toString('hex'));
      try {
        this.#restore();
        mkdirSync(path);
        mkdirSync(join(path, 'out'));
        mkdirSync(join(path, 'in'));
        const input = writeTo(join(path, 'in'));
        return new WorkDirectory(path, input, snapshot(join(path, 'in')), this.#keep);
      } catch (error) {
        if (tries < MAX_TRIES && systemErrorCode(error) !== undefined) continue;
        throw couldNotContinue(error, `cannot write the input of a request to ${this.path}`);
      }
    }
  }

  /** Makes the folder again if an adapter removed it, replaced it or closed it. */
  #restore(): void {
    const found = lstatSync(this.path, { throwIfNoEntry: false });
    if (found?.isDirectory()) {
      if ((found.mode & 0o700) !== 0o700) chmodSync(this.path, 0o700);
      return;
    }
    rmSync(this.path, { force: true });
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
  }

  /** Removes everything unless it is kept. */
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
  misuse(): string | undefined {
    try {
      const extra = readdirSync(this.path).find(name => name !== 'in' && name !== 'out');
      if (extra !== undefined) return `the adapter wrote ${extra} next to outDir instead of into it`;
      for (const folder of [join(this.path, 'in'), this.outDir]) {
        if (realpathSync.native(folder) !== folder) return `the adapter replaced ${folder} by a link`;
      }
      if (snapshot(join(this.path, 'in')) !== this.#before) return 'the adapter changed its input';
      snapshot(this.outDir);
      return undefined;
    } catch (error) {
      throwIfExhausted(error);
      const code = systemErrorCode(error);
      if (code === undefined) throw error;
      return `the adapter removed a folder of the request, or left something in it that cannot be read (${code})`;
    }
  }

  /** Removes the folder unless it is kept. What cannot be removed now is left to {@link WorkDirectories.remove}. */
  remove(): void {
    if (this.#keep) return;
    try {
      removeFolder(this.path);
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

/** Paths, modes, sizes, times and inode numbers of everything in `folder`. */
function snapshot(folder: string): string {
  const lines: string[] = [];
  addContent(folder, lines);
  return lines.join('\n');
}

function addContent(folder: string, lines: string[]): void {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    const stat = lstatSync(path);
    const { mode, size, mtimeMs, ino } = stat;
    lines.push(`${path} ${mode} ${stat.isDirectory() ? '' : size} ${mtimeMs} ${ino}`);
    if (stat.isDirectory()) addContent(path, lines);
  }
}
