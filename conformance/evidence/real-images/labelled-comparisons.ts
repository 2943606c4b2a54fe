/**
 * The comparisons for an image with an SELinux policy: the tree of the bootable image, with the label of each path, and
 * its digest.
 * @module
 */

import { type LabelLookup, labelLookups } from '../../implementations/install/paths.ts';
import { lookupMissing, lookupName } from '../external-checks/selinux/look-up-labels.ts';
import { composefsRs } from '../tools.ts';
import type { PlannedComparison } from './comparison.ts';
import { answerOf, type HashFunction, type ImageUnderTest, textOf } from './image-under-test.ts';
import { composefsRsDigest, mkcomposefsDigest, pathOf, skipWithout, versioned } from './other-digests.ts';

/** All of them; those that take longest come first. */
export function labelledComparisons(image: ImageUnderTest): PlannedComparison[] {
  return [...byLibselinux(image, labelLookups()), ...byComposefsRs(image)];
}

/** The tree that Python builds, with the label that libselinux gives to each path. */
function byLibselinux(image: ImageUnderTest, lookups: readonly LabelLookup[]): PlannedComparison[] {
  if (lookups.length === 0) {
    const nothing = () => Promise.reject(new Error(lookupMissing));
    return [
      { what: 'labels and tree', by: 'libselinux', skip: lookupMissing, ours: nothing, theirs: nothing },
    ];
  }
  return lookups.flatMap(lookup => {
    const by = `Python and ${lookupName(lookup)}`;
    const tree = (hash: HashFunction): PlannedComparison => ({
      what: `labels and tree, bootable, ${hash}`,
      by,
      ours: () => image.bootableTree(hash),
      theirs: () =>
        answerOf(async () => {
          const { path, seconds } = await image.labelledTree(hash, lookup);
          return { text: textOf(path), seconds };
        }),
    });
    const digest = () =>
      mkcomposefsDigest(image, [pathOf('mkcomposefs')], () => image.labelledTree('sha256', lookup));
    const cfsctl = composefsRs();
    return [
      tree('sha256'),
      tree('sha512'),
      {
        what: `digest of the tree by ${by}, bootable, sha256`,
        by: versioned('mkcomposefs'),
        ours: () => image.bootableDigest('sha256'),
        theirs: digest,
      },
      {
        // If this one differs too, composefs-oci is not alone to blame.
        what: `digest by mkcomposefs of the tree by ${by}, bootable, sha256`,
        by: cfsctl.name,
        ...skipWithout(cfsctl),
        ours: digest,
        theirs: () => bootableByComposefsRs(image, 'sha256'),
      },
    ];
  });
}

/** The digest that composefs-rs computes from the layout. */
function byComposefsRs(image: ImageUnderTest): PlannedComparison[] {
  const cfsctl = composefsRs();
  return (['sha512', 'sha256'] as const).map(hash => ({
    what: `digest of the image, bootable, ${hash}`,
    by: cfsctl.name,
    ...skipWithout(cfsctl),
    ours: () => image.bootableDigest(hash),
    theirs: () => bootableByComposefsRs(image, hash),
  }));
}

function bootableByComposefsRs(image: ImageUnderTest, hash: HashFunction) {
  return composefsRsDigest(image, composefsRs(), hash, ['--xattrs', 'allowlist-only', '--bootable']);
}
