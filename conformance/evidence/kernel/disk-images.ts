/**
 * Checks of disk images: dm-verity opens them with the root hash, the image in them mounts, and a changed byte is an
 * error.
 * @module
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite } from '../../suite/read-suite.ts';
import { type CheckResult, fail, pass } from '../external-checks/check-results.ts';
import { type DiskImageCase, diskImageCases } from '../external-checks/disk-images.ts';
import { type KernelCheck, resultOf } from './check.ts';
import {
  type DiskImageJob,
  type DiskImageResult,
  type ImageResult,
  imageError,
  observedBlocks,
} from './jobs.ts';

const SECTOR = 512;
const BLOCK = 4096;
/** The first entry of the partition table, and the size of an entry. */
const ENTRIES_AT = 1024;
const ENTRY = 128;

/** One check for each disk image of a case; they are written to `files`. */
export function diskImageChecks(suite: Suite, files: string): KernelCheck[] {
  mkdirSync(join(files, 'disk-images'));
  return diskImageCases(suite).map((each, i) => diskImageCheck(each, i, files));
}

function diskImageCheck(
  { test, disk, image, rootHash }: DiskImageCase,
  number: number,
  files: string,
): KernelCheck {
  const [data, hashes] = [partition(disk, 0), partition(disk, 1)];
  const path = `disk-images/${number}`;
  const job = (name: string, bytes: Uint8Array): DiskImageJob => {
    writeFileSync(join(files, `${path}-${name}`), bytes);
    return {
      kind: 'disk-image',
      file: `${path}-${name}`,
      dataAt: data.start,
      dataSize: data.size,
      hashSize: hashes.size,
      rootHash,
    };
  };
  writeFileSync(join(files, `${path}-image`), image);
  const about = { topic: 'disk images', name: test.id } as const;
  // The superblock of dm-verity is the first block of the hash partition; without hashes, there is nothing to change.
  const hasHashes = hashes.size > BLOCK;
  return {
    jobs: [
      { kind: 'image', image: `${path}-image`, overlay: false },
      job('original', disk),
      job('changed-data', changedBlocks(disk, data.start, data.start + data.size)),
      ...(hasHashes
        ? [job('changed-hashes', changedBlocks(disk, hashes.start + BLOCK, hashes.start + hashes.size))]
        : []),
    ],
    unanswered: [about],
    judge([alone, original, ...changed]) {
      const result = judge(
        resultOf('image', alone),
        resultOf('disk-image', original),
        changed.map(each => resultOf('disk-image', each)),
      );
      const blocks = changed.map(each => observedRead(resultOf('disk-image', each)));
      const observed = [rootHash, ...blocks].join(', ');
      return [{ ...about, result, observed }];
    },
  };
}

/** Where the partition `number` is, in bytes. */
function partition(disk: Uint8Array, number: number): { readonly start: number; readonly size: number } {
  const view = new DataView(disk.buffer, disk.byteOffset);
  const entry = ENTRIES_AT + number * ENTRY;
  const [first, last] = [view.getBigUint64(entry + 32, true), view.getBigUint64(entry + 40, true)];
  return { start: Number(first) * SECTOR, size: Number(last - first + 1n) * SECTOR };
}

function changedBlocks(disk: Uint8Array, start: number, end: number): Uint8Array {
  const changed = Uint8Array.from(disk);
  for (let at = start; at < end; at += BLOCK) changed[at + 7] = (changed[at + 7] ?? 0) ^ 1;
  return changed;
}

function judge(
  alone: ImageResult,
  original: DiskImageResult,
  changed: readonly DiskImageResult[],
): CheckResult {
  if ('open' in original) return fail(`dm-verity does not open it: ${original.open}`);
  if (original.blocks.some(block => block !== 'ok')) return fail(`dm-verity: ${observedRead(original)}`);
  // Some images are not EROFS, or Linux does not mount them: the device has to show the same as the file.
  const shown = 'mount' in original ? original.mount : JSON.stringify(original.mounted);
  const expected = alone.error ?? JSON.stringify(alone.mounted);
  if (shown !== expected) return fail(`the mounted image differs: ${imageError(alone) ?? 'the file mounts'}`);
  const read = changed.find(each => 'open' in each || each.blocks.some(block => block !== 'EIO'));
  return read === undefined ? pass : fail(`a changed block: ${observedRead(read)}`);
}

function observedRead(result: DiskImageResult): string {
  return 'open' in result ? `${result.open} on open` : observedBlocks(result.blocks);
}
