/**
 * Checks by this machine's kernel: it mounts every image, and its listing has to be the one that follows from the tree
 * and the rules of the standard.
 * @module
 */

import { readFileSync } from 'node:fs';
import type { TreeImage } from './check-inputs.ts';
import { type CheckResult, type CheckRow, fail, pass, skip } from './check-results.ts';
import { readDumpfileTree } from './dumpfile-tree.ts';
import { type ListedEntry, mountedListing, overlayListing } from './expected-listing.ts';
import type { VisibilityLimitName } from './linux.ts';
import { listingDifference } from './listing-difference.ts';
import { kernelVersion, type MountObservation, mountAll, whyCannotMount } from './mount.ts';
import { lowerLayerFiles } from './overlay-hidden-files.ts';

/** The results of the kernel, and the number of times that it could not show something, by reason. */
export interface KernelChecks {
  readonly rows: readonly CheckRow[];
  readonly limits: ReadonlyMap<VisibilityLimitName, number>;
}

/** The first kernel whose overlayfs removes escapes and supports whiteouts that are files. */
const NESTING_SINCE = [6, 8] as const;

/** Mounts and checks all images; with `loop`, through loop devices even if the kernel can mount files. */
export async function checkByKernel(images: readonly TreeImage[], loop = false): Promise<KernelChecks> {
  const inputs = images.map(({ test, image, dumpfile, format }) => {
    const tree = readDumpfileTree(readFileSync(dumpfile));
    const below = format === 'v1' ? lowerLayerFiles(tree) : new Map<string, boolean>();
    return { id: test.id, image, format, tree, isRead: test.op === 'erofs.read', below };
  });
  const obstacle = whyCannotMount();
  const mounted =
    obstacle === undefined
      ? await mountAll(
          inputs.map(({ image, below }) => ({ path: image, below: [...below.keys()] })),
          loop,
        )
      : inputs.map(() => ({ unavailable: obstacle }));
  const limits = new Map<VisibilityLimitName, number>();
  const met = (limit: VisibilityLimitName) => limits.set(limit, (limits.get(limit) ?? 0) + 1);
  const erofs = new Map<string, CheckResult>();
  const overlay = new Map<string, CheckResult>();
  const nested = new Map<string, CheckResult>();
  for (const [i, { id, format, tree, isRead, below }] of inputs.entries()) {
    const expected = mountedListing(tree, format, isRead);
    const result = mounted[i] ?? { error: 'there is no result for this image' };
    if ('error' in result) {
      erofs.set(id, fail(result.error));
    } else if ('unavailable' in result) {
      erofs.set(id, skip(result.unavailable));
      overlay.set(id, skip(result.unavailable));
      if (below.size > 0) nested.set(id, skip(result.unavailable));
    } else {
      erofs.set(id, erofsResult(expected, result, met));
      overlay.set(id, overlayResult(expected, result));
      if (below.size > 0) nested.set(id, nestedResult(below, result));
    }
  }
  const checker = `linux ${kernelVersion()}`;
  return {
    rows: [
      { checker, what: 'mounted images', results: erofs },
      { checker, what: 'images under overlayfs', results: overlay },
      { checker, what: 'images that hide a lower layer', results: nested },
    ],
    limits,
  };
}

function resultOf(difference: string | undefined): CheckResult {
  return difference === undefined ? pass : fail(difference);
}

function erofsResult(
  expected: readonly ListedEntry[],
  { entries }: MountObservation,
  met: (limit: VisibilityLimitName) => void,
): CheckResult {
  return resultOf(listingDifference(expected, entries, 'erofs', met));
}

function overlayResult(image: readonly ListedEntry[], { overlay }: MountObservation): CheckResult {
  if ('unavailable' in overlay) return skip(overlay.unavailable);
  const tooOld = whyKernelIsTooOld();
  if (tooOld !== undefined) return skip(tooOld);
  const expected = overlayListing(image);
  return resultOf(listingDifference(expected, overlay.entries, 'overlay', () => {}));
}

function nestedResult(below: ReadonlyMap<string, boolean>, { overlay }: MountObservation): CheckResult {
  if ('unavailable' in overlay) return skip(overlay.unavailable);
  const tooOld = whyKernelIsTooOld();
  if (tooOld !== undefined) return skip(tooOld);
  const seen = new Set(overlay.below);
  const wrong = [...below].find(([path, isVisible]) => seen.has(path) !== isVisible);
  if (wrong === undefined) return pass;
  const [path, isVisible] = wrong;
  return fail(`${JSON.stringify(path)} of the lower layer ${isVisible ? 'is hidden' : 'is visible'}`);
}

function whyKernelIsTooOld(): string | undefined {
  const [major = 0, minor = 0] = kernelVersion().split('.').map(Number);
  const [sinceMajor, sinceMinor] = NESTING_SINCE;
  const isNew = major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
  return isNew ? undefined : `overlayfs supports escapes since Linux ${sinceMajor}.${sinceMinor}`;
}
