#!/usr/bin/env node
/**
 * `npm run judges`: fsck.erofs, fsverity-utils, libselinux, the library of podman, the crate zstd-chunked, this machine's
 * kernel, veritysetup, sfdisk, systemd-repart, systemd-dissect and openssl check the images, digests, signatures, labels,
 * layers and disk images of the vectors, and the claims of the vectors about these programs are compared with the results.
 *
 * Exits with 1 if a check failed or a claim is wrong, and with 3 if no check could run.
 * @module
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { WorkDirectories } from '../../runner/run/work-directory.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { caseFolder, readSuite, type Suite } from '../../suite/read-suite.ts';
import { type CheckInputs, checkInputsOf, type ExpectedDigest } from './check-inputs.ts';
import { type CheckResult, type CheckRow, fail, pass, table, withStatus } from './check-results.ts';
import { checkClaims } from './claims.ts';
import { checkDiskImages } from './disk-images.ts';
import { fsckErofs, fsverityDigest, fsverityDocuments, toolName } from './fsck-and-fsverity.ts';
import { checkByKernel } from './kernel.ts';
import { labelRow } from './labels.ts';
import { visibilityLimits } from './linux.ts';
import { buildArchiveRebuilder, chunkedCrateRows } from './rebuilt-archives.ts';
import { sealedCases } from './sealed-documents.ts';
import { storageRow } from './storage-trees.ts';

const FAILED = 1;
const NOT_STARTED = 3;

const help = `
Needs the programs of 'npm run peers' and 'npm run peers -- libselinux', go and cargo. The kernel mounts images only for root; what cannot be checked is named.

Exit code:
  0  every check that could run passed
  1  a check failed, or a case claims a confirmation that is wrong
  3  no check could run`;

function fsckRows({ trees, rejected }: CheckInputs): { valid: CheckRow; invalid: CheckRow } {
  const checker = toolName('fsck.erofs', 'fsck.erofs');
  const validResults = new Map(trees.map(({ test, image }) => [test.id, fsckErofs(image)]));
  const invalidResults = new Map(rejected.map(({ test, image }) => [test.id, inverted(fsckErofs(image))]));
  return {
    valid: { checker, what: 'images', results: validResults },
    invalid: { checker, what: 'rejected images', results: invalidResults },
  };
}

/** The result for an image that has to be rejected. */
function inverted(result: CheckResult): CheckResult {
  switch (result.status) {
    case 'pass':
      return fail('it finds no defect');
    case 'fail':
      return pass;
    case 'skip':
      return result;
  }
}

async function fsverityRows(suite: Suite, { images, files }: CheckInputs): Promise<CheckRow[]> {
  const checker = toolName('fsverity-utils', 'fsverity');
  const imageResults = new Map(images.map(image => [image.test.id, fsverityDigest(image.image, image)]));
  const fileResults = new Map<string, CheckResult>();
  const documentResults = new Map<string, CheckResult>();
  const work = WorkDirectories.create(false);
  const directory = mkdtempSync(join(tmpdir(), 'external-checks-'));
  try {
    for (const file of files) fileResults.set(file.test.id, await checkFile(suite, file, work));
    for (const sealed of sealedCases(suite)) {
      documentResults.set(sealed.test.id, fsverityDocuments(sealed, directory));
    }
  } finally {
    work.remove();
    rmSync(directory, { recursive: true });
  }
  return [
    { checker, what: 'digests of images', results: imageResults },
    { checker, what: 'digests of files', results: fileResults },
    { checker, what: 'sealed documents', results: documentResults },
  ];
}

async function checkFile(
  suite: Suite,
  expected: ExpectedDigest,
  work: WorkDirectories,
): Promise<CheckResult> {
  const { test } = expected;
  const folder = work.prepare(test, caseFolder(suite, test));
  const { data } = folder.input;
  if (typeof data !== 'string') throw new Error(`${test.id} has no input "data"`);
  const result = fsverityDigest(data, expected);
  folder.remove();
  return result;
}

async function main(): Promise<void> {
  const suite = readSuite(join(packageRoot, 'vectors'));
  const inputs = checkInputsOf(suite);
  const fsck = fsckRows(inputs);
  const fsverity = await fsverityRows(suite, inputs);
  const crate = chunkedCrateRows(suite, await buildArchiveRebuilder());
  const kernel = await checkByKernel(inputs.trees);
  const rows = [
    fsck.valid,
    ...fsverity,
    await labelRow(suite),
    await storageRow(suite),
    crate.valid,
    ...kernel.rows,
    ...checkDiskImages(suite),
  ];
  process.stdout.write(table(rows));
  for (const [name, count] of kernel.limits) {
    const { what, link } = visibilityLimits[name];
    console.log(`not shown by Linux, ${count} times: ${what} (${link})`);
  }
  // Other programs may accept what an implementation of this standard rejects, so these are not rows: only a claim can
  // fail.
  const invalid = [fsck.invalid, crate.invalid];
  for (const row of invalid) {
    const rejected = withStatus(row, 'pass').length;
    console.log(`${row.checker} rejects ${rejected} of the ${row.results.size} ${row.what}`);
  }
  const claims = checkClaims(suite.cases, [...rows, ...invalid]);
  for (const line of claims.wrong) console.log(`WRONG CLAIM ${line}`);
  for (const line of claims.missing) console.log(`not claimed: ${line}`);
  console.log(
    `claims in the vectors: ${claims.checked} checked, ${claims.unchecked} not checked on this machine`,
  );
  if (claims.elsewhere.length > 0) {
    console.log(`claims about cases that are not checked here: ${claims.elsewhere.join(', ')}`);
  }
  const failed = rows.some(row => withStatus(row, 'fail').length > 0) || claims.wrong.length > 0;
  const checked = rows.some(row => withStatus(row, 'pass').length > 0);
  process.exitCode = failed ? FAILED : checked ? 0 : NOT_STARTED;
}

await new Command('judges')
  .description(
    'Check the expected images, digests, signatures and labels of the vectors with other programs.',
  )
  .addHelpText('after', help)
  .action(main)
  .parseAsync();
