/**
 * Checks by libselinux of the labels that the vectors expect in bootable images. Python reads the policy from the
 * layers, so that no code of the reference is involved.
 * @module
 */

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type LabelLookup, labelLookups } from '../../implementations/install/paths.ts';
import { type Case, expectedResult } from '../../suite/case.ts';
import { wholePath } from '../../suite/case-file.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import { type CheckResult, type CheckRow, fail, pass, skip } from './check-results.ts';
import { type LabelledPath, labelDifferences, labelledPaths } from './selinux/labelled-tree.ts';
import { lookUpLabels, lookupMissing, lookupName } from './selinux/look-up-labels.ts';

const execute = promisify(execFile);

/** Labels that libselinux does not find, although the standard gives them. */
const notFound: Readonly<Record<string, string>> = {
  'selinux/pattern-step-limit': 'its engine gives up after a number of steps, which no label depends on',
};

/** The labels of every path in the trees that the cases of `suite` expect with labels. */
export async function labelRow(suite: Suite, lookup = labelLookups().at(-1)): Promise<CheckRow> {
  const results = new Map<string, CheckResult>();
  for (const test of suite.cases) {
    const dumpfile = wholePath(expectedResult(test)?.files?.['dumpfile']);
    if (test.op !== 'layers.tree' || test.params['role'] !== 'merged.bootable' || dumpfile === undefined)
      continue;
    const paths = labelledPaths(readFileSync(join(caseFolder(suite, test), dumpfile), 'latin1'));
    if (paths.every(({ label }) => label === undefined)) continue;
    results.set(
      test.id,
      lookup === undefined ? skip(lookupMissing) : await check(suite, test, paths, lookup),
    );
  }
  return { checker: lookup === undefined ? 'libselinux' : lookupName(lookup), what: 'labels', results };
}

async function check(
  suite: Suite,
  test: Case,
  paths: readonly LabelledPath[],
  lookup: LabelLookup,
): Promise<CheckResult> {
  const folder = mkdtempSync(join(tmpdir(), 'composefs-oci-labels-'));
  try {
    const problem = await writePolicy(suite, test, folder);
    if (problem !== undefined) return skip(problem);
    const result = await lookUpLabels(lookup, join(folder, 'policy/file_contexts'), paths);
    if (result.kind === 'rejected') return fail(`it rejects the policy: ${result.why}`);
    const [difference] = labelDifferences(paths, result.answers, lookupName(lookup));
    if (difference === undefined) return pass;
    const reason = notFound[test.id];
    return reason === undefined ? fail(difference) : skip(reason);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Writes the files of the policy that the layers have into `folder`/policy. Returns why it is not possible. */
async function writePolicy(suite: Suite, test: Case, folder: string): Promise<string | undefined> {
  const { layers } = test.input;
  if (!Array.isArray(layers)) return 'its layers are not files';
  const script = join(packageRoot, 'conformance/evidence/real-images/python/label_layers.py');
  const files = layers.flatMap(({ path, mediaType }) => [join(caseFolder(suite, test), path), mediaType]);
  try {
    await execute('python3', ['-B', script, '-', folder, ...files], { env: { ...process.env, LC_ALL: 'C' } });
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    return `Python cannot read its policy: ${stderr.trim().split('\n').at(-1) ?? ''}`;
  }
  return existsSync(join(folder, 'policy/file_contexts')) ? undefined : 'it has no file_contexts';
}
