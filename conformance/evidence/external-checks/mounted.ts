/**
 * The judge that is this machine's kernel: it mounts every image, and what it shows has to be what the tree and the
 * rules of the standard say.
 * @module
 */

import { readFileSync } from 'node:fs';
import { readTree, type Tree } from './dumpfile-tree.ts';
import { mountedListing, overlayListing } from './expected-listing.ts';
import type { LimitName } from './linux.ts';
import { listingDifference } from './listing-difference.ts';
import { kernelVersion, type Look, mountAll, mountingLacks } from './mount.ts';
import { filesBelow } from './overlay-hidden-files.ts';
import type { TreeImage } from './subjects.ts';
import { fail, pass, type Row, skip, type Verdict } from './verdict.ts';

/** What the kernel said, and how often it could not show something, by the reason. */
export interface KernelVerdicts {
  readonly rows: readonly Row[];
  readonly limits: ReadonlyMap<LimitName, number>;
}

/** Overlayfs takes escapes away, and knows whiteouts that are files, since then. */
const NESTING_SINCE = [6, 8] as const;

/** Mounts all of `images`. With `loop`, through loop devices even where they are not needed. */
export async function judgeMounted(images: readonly TreeImage[], loop = false): Promise<KernelVerdicts> {
  const subjects = images.map(({ test, image, dumpfile, format }) => {
    const tree = readTree(readFileSync(dumpfile));
    const below = format === 'v1' ? filesBelow(tree) : new Map<string, boolean>();
    return { id: test.id, image, format, tree, below };
  });
  const lacks = mountingLacks();
  const results =
    lacks === undefined
      ? await mountAll(
          subjects.map(({ image, below }) => ({ path: image, below: [...below.keys()] })),
          loop,
        )
      : subjects.map(() => ({ unavailable: lacks }));
  const limits = new Map<LimitName, number>();
  const met = (limit: LimitName) => limits.set(limit, (limits.get(limit) ?? 0) + 1);
  const erofs = new Map<string, Verdict>();
  const overlay = new Map<string, Verdict>();
  const nested = new Map<string, Verdict>();
  for (const [i, { id, format, tree, below }] of subjects.entries()) {
    const result = results[i] ?? { error: 'nothing was said about it' };
    if ('error' in result) {
      erofs.set(id, fail(result.error));
    } else if ('unavailable' in result) {
      erofs.set(id, skip(result.unavailable));
      overlay.set(id, skip(result.unavailable));
      if (below.size > 0) nested.set(id, skip(result.unavailable));
    } else {
      erofs.set(id, erofsVerdict(tree, format, result, met));
      overlay.set(id, overlayVerdict(tree, format, result));
      if (below.size > 0) nested.set(id, nestedVerdict(below, result));
    }
  }
  const judge = `linux ${kernelVersion()}`;
  return {
    rows: [
      { judge, what: 'mounted images', verdicts: erofs },
      { judge, what: 'images under overlayfs', verdicts: overlay },
      { judge, what: 'images that hide a layer below', verdicts: nested },
    ],
    limits,
  };
}

function verdict(difference: string | undefined): Verdict {
  return difference === undefined ? pass : fail(difference);
}

function erofsVerdict(
  tree: Tree,
  format: string,
  { entries }: Look,
  met: (limit: LimitName) => void,
): Verdict {
  return verdict(listingDifference(mountedListing(tree, format), entries, 'erofs', met));
}

function overlayVerdict(tree: Tree, format: string, { overlay }: Look): Verdict {
  if ('unavailable' in overlay) return skip(overlay.unavailable);
  const old = tooOld();
  if (old !== undefined) return skip(old);
  const expected = overlayListing(mountedListing(tree, format));
  return verdict(listingDifference(expected, overlay.entries, 'overlay', () => {}));
}

function nestedVerdict(below: ReadonlyMap<string, boolean>, { overlay }: Look): Verdict {
  if ('unavailable' in overlay) return skip(overlay.unavailable);
  const old = tooOld();
  if (old !== undefined) return skip(old);
  const seen = new Set(overlay.below);
  const wrong = [...below].find(([path, isVisible]) => seen.has(path) !== isVisible);
  if (wrong === undefined) return pass;
  const [path, isVisible] = wrong;
  return fail(`${JSON.stringify(path)} of a layer below ${isVisible ? 'is hidden' : 'can be seen'}`);
}

function tooOld(): string | undefined {
  const [major = 0, minor = 0] = kernelVersion().split('.').map(Number);
  const [sinceMajor, sinceMinor] = NESTING_SINCE;
  const isNew = major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
  return isNew ? undefined : `overlayfs knows escapes since Linux ${sinceMajor}.${sinceMinor}`;
}
