/**
 * Checks of the disk images of the vectors: veritysetup makes the same hash partition, sfdisk lists the partitions that
 * the standard requires, and openssl verifies the signature.
 * @module
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Case, type CaseFile, expectedResult } from '../../suite/case.ts';
import { readCaseFile } from '../../suite/case-file.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import { type CheckResult, type CheckRow, fail, pass, skip } from './check-results.ts';
import { NOT_INSTALLED, run, runAt, toolName } from './fsck-and-fsverity.ts';

const SECTOR = 512;
const BLOCK = 4096;
const DATA_AT = 1_048_576;

/** A disk image, and what it has to hold. */
export interface DiskImageFacts {
  readonly disk: Uint8Array;
  readonly image: Uint8Array;
  readonly rootHash: string;
  /** PEM, if the disk image is signed. */
  readonly certificate: string | undefined;
}

/** A disk image that a case accepts. */
export interface DiskImageCase extends DiskImageFacts {
  readonly test: Case;
}

/** A row for each program. */
export function checkDiskImages(suite: Suite): CheckRow[] {
  const folder = mkdtempSync(join(tmpdir(), 'disk-images-'));
  try {
    const cases = diskImageCases(suite);
    const row = (checker: string, check: (facts: DiskImageFacts, folder: string) => CheckResult) => ({
      checker,
      what: 'disk images',
      results: new Map(cases.map(each => [each.test.id, check(each, folder)])),
    });
    const signed = cases.filter(({ certificate }) => certificate !== undefined);
    return [
      row(toolName('veritysetup', 'veritysetup'), checkHashes),
      row(toolName('sfdisk', 'sfdisk'), checkTable),
      {
        checker: opensslName(),
        what: 'signatures of disk images',
        results: new Map(signed.map(each => [each.test.id, checkSignature(each, folder)])),
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The disk images that the cases of `suite` accept. */
export function diskImageCases(suite: Suite): DiskImageCase[] {
  return suite.cases.flatMap(test => diskImageOf(suite, test) ?? []);
}

function diskImageOf(suite: Suite, test: Case): DiskImageCase | undefined {
  const expected = expectedResult(test);
  const rootHash = expected?.values?.['rootHash'];
  if (expected === undefined || rootHash === undefined) return undefined;
  const { input } = test;
  const writes = test.op === 'ddi.write';
  const read = (file: unknown) => readCaseFile(caseFolder(suite, test), file as CaseFile);
  const pem = writes ? input['certificate'] : input['certificates'];
  const isSigned = writes ? pem !== undefined : expected.values?.['signed'] === 'true';
  return {
    test,
    disk: read(writes ? expected.files?.['ddi'] : input['ddi']),
    image: read(writes ? input['image'] : expected.files?.['image']),
    rootHash,
    certificate: isSigned ? Buffer.from(read(pem)).toString('latin1') : undefined,
  };
}

/** Passes if veritysetup makes the same hash partition of the EROFS image, and accepts it. */
export function checkHashes({ disk, image, rootHash }: DiskImageFacts, folder: string): CheckResult {
  const [data, made, found] = ['data', 'made', 'found'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ];
  rmSync(made, { force: true });
  writeFileSync(data, image);
  const hashAt = DATA_AT + image.length;
  const uuid = Buffer.from(disk.subarray(hashAt + 16, hashAt + 32)).toString('hex');
  const dashed = uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const options = ['--hash=sha256', `--data-block-size=${BLOCK}`, `--hash-block-size=${BLOCK}`, '--salt=-'];
  const format = run('veritysetup', ['format', ...options, `--uuid=${dashed}`, data, made]);
  if (format === undefined) return skip(NOT_INSTALLED);
  if (format.status !== 0) return fail(format.message);
  if (!format.stdout.includes(rootHash)) return fail(`it does not compute the root hash ${rootHash}`);
  const partition = readFileSync(made);
  // For a single block, it does not fill up the block of the superblock.
  const padded = Buffer.alloc(Math.ceil(partition.length / BLOCK) * BLOCK);
  padded.set(partition);
  const expected = disk.subarray(hashAt, hashAt + padded.length);
  if (Buffer.compare(padded, expected) !== 0) return fail('it makes another hash partition');
  writeFileSync(found, expected);
  const verify = run('veritysetup', ['verify', data, found, rootHash]);
  return verify?.status === 0 ? pass : fail(verify?.message ?? NOT_INSTALLED);
}

/** The partitions of the standard (DDI-006): type and name. */
const partitions = [
  { type: '49C61B10-7411-8FA2-99E3-CF83C4FE0B5A', name: 'composefs' },
  { type: '5F03B796-7CB5-833A-9DCB-9CDFF9FB4D7F', name: 'composefs-verity' },
  { type: 'A3E081CC-133C-807E-ADAB-269A790CB0B9', name: 'composefs-verity-sig' },
] as const;

/** A partition as sfdisk lists it. */
interface ListedPartition {
  readonly start: number;
  readonly size: number;
  readonly type: string;
  readonly uuid: string;
  readonly name: string;
  readonly attrs: string;
}

/** Passes if sfdisk finds no defect, and lists the partitions that the standard requires. */
export function checkTable(
  { disk, image, rootHash, certificate }: DiskImageFacts,
  folder: string,
): CheckResult {
  const path = join(folder, 'disk');
  writeFileSync(path, disk);
  const verify = run('sfdisk', ['--verify', path]);
  if (verify === undefined) return skip(NOT_INSTALLED);
  if (verify.status !== 0 || !verify.output.includes('No errors detected')) return fail(verify.message);
  // It reads the second table where the first one is wrong.
  if (/corrupt|mismatch/i.test(verify.output)) return fail('it finds one of the two tables wrong');
  const listed = run('sfdisk', ['--json', path]);
  if (listed?.status !== 0) return fail(listed?.message ?? NOT_INSTALLED);
  const table: { readonly partitiontable: { readonly partitions: readonly ListedPartition[] } } = JSON.parse(
    listed.stdout,
  );
  let start = DATA_AT / SECTOR;
  for (const [i, found] of table.partitiontable.partitions.entries()) {
    const expected = {
      ...partitions[i],
      start,
      attrs: 'GUID:60,63',
      ...(i === 0 && { size: image.length / SECTOR, uuid: uuidText(rootHash.slice(0, 32)) }),
      ...(i === 1 && { uuid: uuidText(rootHash.slice(32)) }),
    };
    for (const [name, value] of Object.entries(expected)) {
      const got = found[name as keyof ListedPartition];
      if (got !== value) return fail(`partition ${i + 1}, ${name}: expected ${value}, got ${got}`);
    }
    start += found.size;
  }
  const count = table.partitiontable.partitions.length;
  const least = certificate === undefined ? 2 : 3;
  return count >= least ? pass : fail(`it lists ${count} partitions`);
}

function uuidText(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5').toUpperCase();
}

/** Passes if openssl verifies the signature of the root hash in hexadecimal by a certificate. */
export function checkSignature({ disk, rootHash, certificate }: DiskImageFacts, folder: string): CheckResult {
  if (opensslVersion() === undefined) return skip('this machine has no openssl');
  const text = /\{"rootHash":"[0-9a-f]{64}"[^}]*\}/.exec(Buffer.from(disk).toString('latin1'))?.[0] ?? '{}';
  const { signature = '' }: { readonly signature?: string } = JSON.parse(text);
  const [message, content, pem] = ['message', 'content', 'certificate'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(message, Buffer.from(signature, 'base64'));
  writeFileSync(content, rootHash);
  writeFileSync(pem, certificate ?? '');
  const options = ['-verify', '-binary', '-inform', 'der', '-nointern', '-noverify'];
  const result = runAt('openssl', [
    'smime',
    ...options,
    '-in',
    message,
    '-content',
    content,
    '-certfile',
    pem,
  ]);
  return result.status === 0 ? pass : fail(result.message);
}

function opensslVersion(): string | undefined {
  const { status, stdout } = runAt('openssl', ['version']);
  return status === 0 ? /^OpenSSL (\S+)/.exec(stdout)?.[1] : undefined;
}

function opensslName(): string {
  const version = opensslVersion();
  return version === undefined ? 'OpenSSL' : `OpenSSL ${version}`;
}
