#!/usr/bin/env node
/**
 * `npm run judges`: fsck.erofs, fsverity-utils and this machine's kernel judge the images, digests and signatures of the
 * vectors, and the vectors' claims about them are held against what they saw.
 *
 * Exits with 1 where something failed or a claim is not so, and with 3 where nobody could judge anything.
 * @module
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkDirectories } from '../../runner/run/work-directory.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { caseFolder, readSuite, type Suite } from '../../suite/read-suite.ts';
import { checkClaims } from './claims.ts';
import { sealedCases } from './documents.ts';
import { limits } from './linux.ts';
import { judgeMounted } from './mounted.ts';
import { type ExpectedDigest, type Subjects, subjectsOf } from './subjects.ts';
import { fsckErofs, fsverityDigest, fsverityDocuments, toolName } from './tools.ts';
import { fail, pass, type Row, table, type Verdict, withStatus } from './verdict.ts';

const FAILED = 1;
const NOT_STARTED = 3;

function fsckRows({ trees, refused }: Subjects): { sound: Row; refusals: Row } {
  const judge = toolName('fsck.erofs', 'fsck.erofs');
  const sound = new Map(trees.map(({ test, image }) => [test.id, fsckErofs(image)]));
  const refusals = new Map(refused.map(({ test, image }) => [test.id, turned(fsckErofs(image))]));
  return {
    sound: { judge, what: 'images', verdicts: sound },
    refusals: { judge, what: 'refused images', verdicts: refusals },
  };
}

/** The verdict about an image that has to be refused. */
function turned(verdict: Verdict): Verdict {
  switch (verdict.status) {
    case 'pass':
      return fail('it finds nothing wrong');
    case 'fail':
      return pass;
    case 'skip':
      return verdict;
  }
}

async function fsverityRows(suite: Suite, { images, files }: Subjects): Promise<Row[]> {
  const judge = toolName('fsverity-utils', 'fsverity');
  const ofImages = new Map(images.map(known => [known.test.id, fsverityDigest(known.image, known)]));
  const ofFiles = new Map<string, Verdict>();
  const ofDocuments = new Map<string, Verdict>();
  const work = await WorkDirectories.create(false);
  const directory = mkdtempSync(join(tmpdir(), 'judges-'));
  try {
    for (const known of files) ofFiles.set(known.test.id, await judgeFile(suite, known, work));
    for (const sealed of sealedCases(suite)) {
      ofDocuments.set(sealed.test.id, fsverityDocuments(sealed, directory));
    }
  } finally {
    work.remove();
    rmSync(directory, { recursive: true });
  }
  return [
    { judge, what: 'digests of images', verdicts: ofImages },
    { judge, what: 'digests of files', verdicts: ofFiles },
    { judge, what: 'sealed documents', verdicts: ofDocuments },
  ];
}

async function judgeFile(suite: Suite, known: ExpectedDigest, work: WorkDirectories): Promise<Verdict> {
  const folder = await work.prepare(known.test, caseFolder(suite, known.test));
  const { data } = folder.input;
  if (typeof data !== 'string') throw new Error(`${known.test.id} has no data`);
  const verdict = fsverityDigest(data, known);
  await folder.remove();
  return verdict;
}

async function main(): Promise<void> {
  const suite = readSuite(join(packageRoot, 'vectors'));
  const subjects = subjectsOf(suite);
  const fsck = fsckRows(subjects);
  const fsverity = await fsverityRows(suite, subjects);
  const kernel = await judgeMounted(subjects.trees);
  const rows = [fsck.sound, ...fsverity, ...kernel.rows];
  process.stdout.write(table(rows));
  for (const [name, count] of kernel.limits) {
    const { what, link } = limits[name];
    console.log(`not shown by Linux, ${count} times: ${what} (${link})`);
  }
  // Nobody has to refuse what a reader of this standard refuses, so that this is no row: only a claim can be wrong.
  const refusing = withStatus(fsck.refusals, 'pass').length;
  console.log(`${fsck.refusals.judge} refuses ${refusing} of the ${subjects.refused.length} refused images`);
  const claims = checkClaims(suite.cases, [...rows, fsck.refusals]);
  for (const line of claims.wrong) console.log(`NOT SO ${line}`);
  for (const line of claims.missing) console.log(`not claimed: ${line}`);
  console.log(`claims in the vectors: ${claims.checked} checked, ${claims.unchecked} not checked here`);
  if (claims.elsewhere.length > 0) {
    console.log(`claims about what is not judged here: ${claims.elsewhere.join(', ')}`);
  }
  const failed = rows.some(row => withStatus(row, 'fail').length > 0) || claims.wrong.length > 0;
  const judged = rows.some(row => withStatus(row, 'pass').length > 0);
  process.exitCode = failed ? FAILED : judged ? 0 : NOT_STARTED;
}

await main();
