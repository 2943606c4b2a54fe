/**
 * Writes sealed images into layouts: blobs first and `index.json` last, so that a reader sees all of a sealed image or
 * nothing (SEAL-050).
 * @module
 */

import {
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { ComposefsError } from '../../errors.ts';
import { undoUnlessDone } from '../../files/interrupt.ts';
import { replaceFile, syncDirectory, temporaryName } from '../../files/replace.ts';
import { asFileError } from '../../oci/file.ts';
import { readLayoutFile } from '../../oci/layout.ts';
import type { LayoutFiles } from '../../oci/layout-files.ts';
import { blobFile, copyLayout, removeUnreached } from './copy-layout.ts';
import { whileLocked } from './lock.ts';
import type { LayoutUpdate } from './seal.ts';

/** Seals a layout, and returns what has to be written. */
export type SealStep<T extends LayoutUpdate> = (files: LayoutFiles) => Promise<T>;

/**
 * Seals the layout `from` in several steps, and writes the result to the layout `to`: the same directory, or a new or
 * empty one, which becomes a copy.
 *
 * @throws ComposefsError REQUEST_FILE if `to` is a different directory and not empty, or cannot be written.
 */
export async function sealTo<T extends LayoutUpdate>(
  from: LayoutFiles,
  to: string,
  steps: readonly SealStep<T>[],
): Promise<T[]> {
  if (typeof from === 'string' && (await writing(to, () => isSame(from, to)))) return sealInPlace(to, steps);
  const [first, ...rest] = steps;
  if (first === undefined) return [];
  await writing(to, () => checkNew(to));
  const sealed = await first(from);
  return writing(to, () =>
    createLayout(to, async stage => {
      await copyLayout(from, stage, sealed);
      const others = await sealInPlace(stage, rest);
      if (rest.length > 0) await removeUnreached(stage);
      return [sealed, ...others];
    }),
  );
}

async function sealInPlace<T extends LayoutUpdate>(
  directory: string,
  steps: readonly SealStep<T>[],
): Promise<T[]> {
  const done: T[] = [];
  for (const step of steps) done.push(await sealAndWrite(directory, step));
  return done;
}

/** Seals again as long as another process changes the layout meanwhile (SEAL-054). */
async function sealAndWrite<T extends LayoutUpdate>(directory: string, step: SealStep<T>): Promise<T> {
  for (;;) {
    const sealed = await step(directory);
    if (await writing(directory, () => applyUpdate(realpathSync(directory), sealed))) return sealed;
  }
}

/** Thrown to keep an `index.json` that is not the one that was read. */
class IndexChanged extends Error {}

/** Writes `update` into its layout, or returns false if `index.json` is not the one that was read. */
async function applyUpdate(directory: string, { indexBefore, index, blobs }: LayoutUpdate): Promise<boolean> {
  const check = async () => {
    const found = await readLayoutFile(directory, 'index.json');
    if (Buffer.compare(found, indexBefore) !== 0) throw new IndexChanged();
  };
  const added: string[] = [];
  const undo = () => {
    for (const path of added) rmSync(path, { force: true });
  };
  const write = async () => {
    await check();
    if (blobs.size === 0 && Buffer.compare(index, indexBefore) === 0) return;
    for (const [digest, bytes] of blobs) {
      const path = blobFile(directory, digest);
      await ownDirectory(join(directory, 'blobs'));
      await ownDirectory(dirname(path));
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) added.push(path);
      await replaceFile(path, [bytes]);
    }
    await replaceFile(join(directory, 'index.json'), [index], async () => {
      // From here on, another index can lead to these blobs.
      added.length = 0;
      await check();
    });
  };
  try {
    await whileLocked(directory, () => undoUnlessDone(undo, write));
    return true;
  } catch (error) {
    if (error instanceof IndexChanged) return false;
    throw error;
  }
}

/** Makes sure that a directory of a layout exists and is not a link, which could lead out of the layout (SEAL-052). */
async function ownDirectory(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    mkdirSync(path);
    await syncDirectory(dirname(path));
  } else if (!found.isDirectory()) {
    const what = found.isSymbolicLink() ? 'a symbolic link' : 'not a directory';
    const detail = `this is ${what}, and nothing is written through it: name a new layout as the output`;
    throw new ComposefsError('REQUEST_FILE', detail, { file: path });
  }
}

/** Rejects an output that is neither new nor an empty directory. */
function checkNew(to: string): void {
  const isDirectory = statSync(to, { throwIfNoEntry: false })?.isDirectory();
  if (isDirectory === undefined || (isDirectory && readdirSync(to).length === 0)) return;
  const detail = `the output ${isDirectory ? 'directory is not empty' : 'is not a directory'}: choose a new one, or the layout of the image`;
  throw new ComposefsError('REQUEST_FILE', detail, { file: to });
}

/** Makes the directory `to`, with what `fill` writes into it. Until `fill` is done, `to` stays as it was. */
async function createLayout<T>(to: string, fill: (stage: string) => Promise<T>): Promise<T> {
  const isThere = statSync(to, { throwIfNoEntry: false }) !== undefined;
  // The whole of a new path appears at once, with the parents that it lacks.
  let top = isThere ? join(realpathSync(to), 'layout') : resolve(to);
  while (!isThere && lstatSync(dirname(top), { throwIfNoEntry: false }) === undefined) top = dirname(top);
  const temporary = temporaryName(top);
  const stage = isThere ? temporary : join(temporary, relative(top, resolve(to)));
  const undo = () => rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  return undoUnlessDone(undo, async () => {
    mkdirSync(stage, { recursive: true });
    const result = await fill(stage);
    if (isThere) {
      // An empty directory stays: it can be a mount point, or the current directory of the user.
      for (const name of ['blobs', 'oci-layout', 'index.json']) {
        renameSync(join(stage, name), join(dirname(temporary), name));
      }
      rmdirSync(stage);
    } else {
      renameSync(temporary, top);
    }
    await syncDirectory(dirname(top));
    return result;
  });
}

function isSame(from: string, to: string): boolean {
  const [a, b] = [from, to].map(path => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return a !== undefined && a.dev === b?.dev && a.ino === b.ino;
}

/** The result of `work`, with errors of the system as rejections of the output `to`. */
async function writing<T>(to: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asFileError(error, { file: to });
  }
}
