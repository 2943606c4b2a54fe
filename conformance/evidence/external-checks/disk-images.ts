/**
 * Checks of disk images, of those of the vectors and of others: veritysetup makes the same hash partition, sfdisk lists the
 * partitions that the standard requires, systemd reads them, and openssl verifies the signature.
 * @module
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Case, type CaseFile, expectedResult } from '../../suite/case.ts';
import { readCaseFile } from '../../suite/case-file.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import { type CheckResult, type CheckRow, fail, pass, skip } from './check-results.ts';
import {
  DATA_AT,
  type DiskImageFacts,
  type FoundPartition,
  uuidText,
  wrongPartition,
} from './disk-image-facts.ts';
import { NOT_INSTALLED, run, runAt, toolName } from './fsck-and-fsverity.ts';
import { checkByDissect, checkByRepart } from './systemd-disk-images.ts';

const SECTOR = 512;
const BLOCK = 4096;

/** A disk image that a case accepts. */
export interface DiskImageCase extends DiskImageFacts {
  readonly test: Case;
}

/** A program that checks disk images. */
export interface DiskImageChecker {
  /** With the version. */
  readonly checker: string;
  readonly what: string;
  /** Whether it checks signatures, so that an unsigned disk image has nothing to check. */
  readonly ofSignatures?: true;
  /** `folder` is for temporary files. */
  readonly check: (facts: DiskImageFacts, folder: string) => CheckResult;
}

/** All programs that check disk images. */
export function diskImageCheckers(): readonly DiskImageChecker[] {
  const what = 'disk images';
  return [
    { checker: toolName('veritysetup', 'veritysetup'), what, check: checkHashes },
    { checker: toolName('sfdisk', 'sfdisk'), what, check: checkTable },
    { checker: toolName('systemd-repart', 'systemd-repart'), what, check: checkByRepart },
    { checker: toolName('systemd-dissect', 'systemd-dissect'), what, check: checkByDissect },
    { checker: opensslName(), what: 'signatures of disk images', ofSignatures: true, check: checkSignature },
  ];
}

/** A row for each program. */
export function checkDiskImages(suite: Suite): CheckRow[] {
  const folder = mkdtempSync(join(tmpdir(), 'disk-images-'));
  try {
    const cases = diskImageCases(suite);
    const signed = cases.filter(({ certificate }) => certificate !== undefined);
    return diskImageCheckers().map(({ checker, what, ofSignatures, check }) => ({
      checker,
      what,
      results: new Map((ofSignatures ? signed : cases).map(each => [each.test.id, check(each, folder)])),
    }));
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
  const options = ['--hash=sha256', `--data-block-size=${BLOCK}`, `--hash-block-size=${BLOCK}`, '--salt=-'];
  const format = run('veritysetup', ['format', ...options, `--uuid=${uuidText(uuid)}`, data, made]);
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

/** A partition as sfdisk lists it; numbers are in sectors. */
interface ListedPartition extends FoundPartition {
  readonly attrs: string;
}

/** Passes if sfdisk finds no defect, and lists the partitions that the standard requires. */
export function checkTable(facts: DiskImageFacts, folder: string): CheckResult {
  const path = join(folder, 'disk');
  writeFileSync(path, facts.disk);
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
  const { partitions } = table.partitiontable;
  const found = partitions.map(({ start, size, type, uuid, name }) => ({
    start: start * SECTOR,
    size: size * SECTOR,
    type: type.toLowerCase(),
    uuid: uuid.toLowerCase(),
    name,
  }));
  const wrong = wrongPartition(found, facts);
  if (wrong !== undefined) return fail(wrong);
  const attributes = partitions.find(({ attrs }) => attrs !== 'GUID:60,63')?.attrs;
  return attributes === undefined ? pass : fail(`a partition has the attributes ${attributes}`);
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
