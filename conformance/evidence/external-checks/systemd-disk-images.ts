/**
 * Checks of disk images by the programs of systemd that read and extend them: systemd-repart finds the partitions that
 * the standard requires and has nothing to change, and systemd-dissect reads a root file system with a hash tree and a
 * signature, but only if the partitions have the types of one.
 * @module
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CheckResult, fail, pass, skip } from './check-results.ts';
import {
  type DiskImageFacts,
  type FoundPartition,
  partitionsOf,
  wrongPartition,
} from './disk-image-facts.ts';
import { NOT_INSTALLED, run } from './fsck-and-fsverity.ts';

/** A partition as systemd-repart lists it. */
interface PlannedPartition {
  readonly type: string;
  readonly label: string;
  readonly uuid: string;
  readonly offset: number;
  readonly old_size: number;
  readonly raw_size: number;
  readonly activity: string;
}

/** Passes if systemd-repart takes the partitions for those of definitions with their types, and leaves them unchanged. */
export function checkByRepart(facts: DiskImageFacts, folder: string): CheckResult {
  const definitions = mkdtempSync(join(folder, 'definitions-'));
  for (const [i, { type }] of partitionsOf(facts).entries()) {
    // Without this size, it requires 10 MiB of a partition.
    writeFileSync(join(definitions, `${i}.conf`), `[Partition]\nType=${type}\nSizeMinBytes=4096\n`);
  }
  const path = join(folder, 'disk');
  writeFileSync(path, facts.disk);
  const options = ['--dry-run=yes', '--json=short', `--definitions=${definitions}`];
  const planned = run('systemd-repart', [...options, path]);
  rmSync(definitions, { recursive: true });
  if (planned === undefined) return skip(NOT_INSTALLED);
  if (planned.status !== 0) return fail(planned.message);
  const listed: readonly PlannedPartition[] = JSON.parse(planned.stdout);
  const changed = listed.find(each => each.activity !== 'unchanged' || each.old_size !== each.raw_size);
  if (changed !== undefined) return fail(`it changes the partition ${changed.label}: ${changed.activity}`);
  const found = listed.map(
    ({ label, offset, raw_size, type, uuid }): FoundPartition => ({
      name: label,
      start: offset,
      size: raw_size,
      type,
      uuid,
    }),
  );
  const wrong = wrongPartition(found, facts);
  return wrong === undefined ? pass : fail(wrong);
}

/** The types of a root file system for x86-64, of its hash tree and of the signature. */
const rootTypes = [
  '4f68bce3-e8cd-4db1-96e7-fbcaf984b709',
  '2c7357ed-ebd2-46d9-aec1-23d437ec2bf5',
  '41092b05-9fc8-4523-994f-2def0408b176',
] as const;

/**
 * Passes if systemd-dissect does not take the disk image for a system, and if, after sfdisk has given the partitions the
 * types of one and allowed their use, it finds a read-only root file system with this root hash, signed or not.
 */
export function checkByDissect(facts: DiskImageFacts, folder: string): CheckResult {
  if (process.arch !== 'x64') return skip('the types of a root file system are those of x86-64');
  const path = join(folder, 'disk');
  writeFileSync(path, facts.disk);
  const asItIs = run('systemd-dissect', ['--validate', path]);
  if (asItIs === undefined) return skip(NOT_INSTALLED);
  if (asItIs.status === 0) return fail('it takes the disk image for a root file system');
  if (!asItIs.message.endsWith('No suitable partitions found.')) return fail(asItIs.message);
  for (const [i, type] of rootTypes.slice(0, partitionsOf(facts).length).entries()) {
    for (const args of [
      ['--part-type', path, `${i + 1}`, type],
      // Only read-only: the bit that excludes it from automatic use is 63.
      ['--part-attrs', path, `${i + 1}`, 'GUID:60'],
    ]) {
      const edited = run('sfdisk', args);
      if (edited?.status !== 0) return fail(edited?.message ?? NOT_INSTALLED);
    }
  }
  const protection = facts.certificate === undefined ? 'verity' : 'signed';
  const policy = `--image-policy=root=${protection}+read-only-on:=absent`;
  const found = run('systemd-dissect', ['--validate', `--root-hash=${facts.rootHash}`, policy, path]);
  if (found?.status !== 0) return fail(found?.message ?? NOT_INSTALLED);
  return pass;
}
