/**
 * All checks by the kernel of the guest, in an order that one boot can do.
 * @module
 */

import type { Suite } from '../../suite/read-suite.ts';
import { type CheckResult, fail, skip } from '../external-checks/check-results.ts';
import { accessChecks } from './access.ts';
import { artifactSignatureChecks } from './artifact-signatures.ts';
import { type Finding, judgeAll, type KernelCheck } from './check.ts';
import { diskImageChecks } from './disk-images.ts';
import { imageInputs } from './image-inputs.ts';
import { imageCheck, storeChecks } from './images.ts';
import { type KnownDifference, knownDifference } from './known-differences.ts';
import type { MachineRun } from './machine.ts';
import { kernelOf } from './recorded.ts';
import { rejectedImageChecks } from './rejected-images.ts';
import { signatureChecks } from './signatures.ts';
import { stackCheck, stackInputs } from './stacks.ts';
import { tamperingChecks } from './tampering.ts';
import { treeCheck, treeInputs } from './trees.ts';

/** The checks; their files are written to the empty folder `files`. */
export async function allChecks(suite: Suite, files: string): Promise<KernelCheck[]> {
  const images = await imageInputs(suite);
  const trees = await treeInputs(suite);
  const { stacks } = await stackInputs(suite);
  return [
    ...storeChecks([...images, ...trees.map(({ image }) => image)], files),
    ...images.map((image, i) => imageCheck(image, String(i), files)),
    ...trees.map((tree, i) => treeCheck(tree, i, files)),
    ...stacks.map((stack, i) => stackCheck(stack, i, files)),
    ...accessChecks(files),
    ...tamperingChecks(files),
    ...diskImageChecks(suite, files),
    // From here on, the kernel requires signatures.
    ...(await signatureChecks(suite, files)),
    ...(await artifactSignatureChecks(suite, files)),
    // A kernel can stop at one of these.
    ...rejectedImageChecks(suite, files),
  ];
}

/** What a run found. A known difference counts as not checked; one that is not met is a failure. */
export function findingsOf(checks: readonly KernelCheck[], run: MachineRun): Finding[] {
  return judgeAll(checks, run.answers).map(finding => {
    const known = knownDifference(finding.name, kernelOf(run.release));
    return known === undefined ? finding : { ...finding, result: resultWith(known, finding.result) };
  });
}

function resultWith(known: KnownDifference, result: CheckResult | undefined): CheckResult | undefined {
  switch (result?.status) {
    case 'fail':
      return skip(`known difference: ${known.why} (${known.link})`);
    case 'pass':
      return fail(`it passes, but is a known difference: ${known.why}`);
    default:
      return result;
  }
}
