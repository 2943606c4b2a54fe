/**
 * Recorded runs: what each kernel did, as data in the repository, and the table of it in spec/verification.md.
 * @module
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  byKernel,
  type KernelRun,
  type KernelTopic,
  kernelRunsFolder,
  kernelTopics,
} from '../../suite/kernel-runs.ts';
import { packageRoot } from '../../suite/package-root.ts';
import type { Finding } from './check.ts';

/** The chapter with the table. */
export const chapter = 'spec/verification.md';

/** The version of a release of the kernel: `6.12` of `6.12.117+deb13-cloud-amd64`. */
export function kernelOf(release: string): string {
  return /^\d+\.\d+/.exec(release)?.[0] ?? release;
}

/** The record of a run with the digest `inputs` of what was checked. */
export function recordOf(release: string, inputs: string, findings: readonly Finding[]): KernelRun {
  const of = (topic: KernelTopic) => {
    const own = findings.filter(each => each.topic === topic);
    return [topic, Object.fromEntries(own.map(each => [each.name, recordedFinding(each)]))] as const;
  };
  return {
    kernel: kernelOf(release),
    release,
    inputs,
    findings: Object.fromEntries(kernelTopics.map(of)) as KernelRun['findings'],
  };
}

function recordedFinding({ result, observed }: Finding): string {
  if (result === undefined) return `seen: ${observed}`;
  if (result.status === 'pass' || observed === result.why) return `${result.status}: ${observed}`;
  return `${result.status}: ${observed}, ${result.why}`;
}

/** The recorded runs, the oldest kernel first. */
export function readRecorded(): KernelRun[] {
  const folder = join(packageRoot, kernelRunsFolder);
  const runs = readdirSync(folder)
    .filter(name => name.endsWith('.json'))
    .map((name): KernelRun => JSON.parse(readFileSync(join(folder, name), 'utf8')));
  return runs.sort(byKernel);
}

/** Writes the record of a run, and the table of all of them. */
export function writeRecord(run: KernelRun): void {
  const path = join(packageRoot, kernelRunsFolder, `linux-${run.kernel}.json`);
  writeFileSync(path, `${JSON.stringify(run, null, 2)}\n`);
  const page = join(packageRoot, chapter);
  writeFileSync(page, withTable(readFileSync(page, 'utf8'), table(readRecorded())));
}

const TABLE = /(<!-- table: kernels -->\n)((?:\|.*\n)*)/;

/** The table in a page, as it is. */
export function tableIn(page: string): string | undefined {
  return TABLE.exec(page)?.[2];
}

function withTable(page: string, rows: string): string {
  if (!TABLE.test(page)) throw new Error(`${chapter} has no table of kernels`);
  return page.replace(TABLE, (_, marker: string) => marker + rows);
}

/** Rejected images in the table: those whose defect keeps Linux from finding something. */
const rejectedInTable = {
  'erofs/names-unsorted': 'an image with a directory that is not sorted, without fs-verity',
  'erofs/xattr-filter': 'an image with a wrong name filter, without fs-verity',
} as const;

/** The topics in the table; the others have a row for each case, and are only in the records. */
const inTable = ['tampering', 'signatures'] as const satisfies readonly KernelTopic[];

/** The table of what each kernel did: a column for each kernel. */
export function table(runs: readonly KernelRun[]): string {
  const head = ['what differs', ...runs.map(({ kernel }) => `Linux ${kernel}`)];
  const rows = inTable.flatMap(topic => {
    const names = new Set(runs.flatMap(({ findings }) => Object.keys(findings[topic])));
    return [...names].map(name => [name, ...runs.map(({ findings }) => cell(findings[topic][name]))]);
  });
  const rejected = Object.entries(rejectedInTable).map(([id, name]) => [
    name,
    ...runs.map(({ findings }) => cell(findings['rejected images'][id])),
  ]);
  const disks = ['a byte in each block of a disk image, under dm-verity', ...runs.map(diskCell)];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return [line(head), `|${'---|'.repeat(head.length)}\n`, ...[...rows, ...rejected, disks].map(line)].join(
    '',
  );
}

/** A finding without its status and its link. */
function cell(finding = ''): string {
  const text = finding.replace(/^\w+: |known difference: | \(https:[^)]*\)$/g, '');
  return text.replace(/\bE(?!CDSA)[A-Z]+\b/g, name => `\`${name}\``);
}

/** All disk images, as one cell. */
function diskCell({ findings }: KernelRun): string {
  const all = Object.values(findings['disk images']);
  const passed = all.filter(each => each.startsWith('pass: '));
  return `${passed.length} of ${all.length} disk images: \`EIO\` on read of each block`;
}
