/**
 * `--out`, `--record` and `--shrink`: the folders that a run writes to. They are tested before a run, which can take long.
 * @module
 */

import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { systemErrorCode } from '../suite/system-error.ts';

/** Reports cannot be written to the folder. */
export class UnwritableFolder extends Error {}

/** The bytes that are written to see whether the disk has space for reports. */
const PROBE_BYTES = 1024 * 1024;

/** Creates `folder`, and tests that the files `names` can be written to it. Throws {@link UnwritableFolder}. */
export function prepareReportFolder(
  folder: string,
  names: readonly string[],
  option: '--out' | '--record' | '--shrink' = '--out',
): void {
  explained(option, folder, () => {
    makeFolder(resolve(folder));
    const probe = temporaryName(folder);
    try {
      writeFileSync(probe, Buffer.alloc(PROBE_BYTES), { flag: 'wx' });
    } finally {
      rmSync(probe, { force: true });
    }
    const isFolder = (name: string) =>
      lstatSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() === true;
    const inTheWay = names.find(isFolder);
    if (inTheWay !== undefined)
      throw new UnwritableFolder(`${option} ${folder}: ${inTheWay} is a folder there; choose another folder`);
  });
}

/** Writes a file completely or not at all. Throws {@link UnwritableFolder}. */
export function writeReport(folder: string, name: string, content: string): void {
  explained('--out', folder, () => {
    const temporary = temporaryName(folder);
    try {
      writeFileSync(temporary, content, { flag: 'wx' });
      renameSync(temporary, join(folder, name));
    } finally {
      rmSync(temporary, { force: true });
    }
  });
}

/** Like `mkdirSync` with `recursive`, which never returns for a path below /proc. */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  mkdirSync(folder);
}

function temporaryName(folder: string): string {
  return join(folder, `.report.${randomBytes(6).toString('hex')}`);
}

function explained(option: string, folder: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof Error) || systemErrorCode(error) === undefined) throw error;
    throw new UnwritableFolder(
      `${option} ${folder}: cannot write there (${error.message}); choose another folder`,
    );
  }
}
