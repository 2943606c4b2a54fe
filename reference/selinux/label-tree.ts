/**
 * Labels a tree (spec/selinux.md, "The labels of a tree").
 * @module
 */

import { ascii, type ByteString } from '../bytes.ts';
import type { Directory, Leaf, Xattrs } from '../tree/inode.ts';
import { disagreementError, labelsOf } from './label.ts';
import type { MatchLimits } from './match.ts';
import { pathOf, type TreeName } from './names.ts';
import type { Policy } from './policy.ts';

const SELINUX_XATTR = ascii('security.selinux');

/** A name of a leaf that became a leaf of its own, because its label differs from that of the first name. */
export interface SplitName {
  readonly path: ByteString;
  readonly first: ByteString;
}

/** How the names of a leaf are labelled. */
interface LabelledLeaf {
  readonly first: TreeName;
  readonly label: ByteString | undefined;
  /** The attributes without the label. */
  readonly xattrs: Xattrs;
}

/**
 * Sets the attribute `security.selinux` of every inode of the tree below `root`, which has no such attribute yet.
 * Returns the names that became leaves of their own. Rejects with TRANSFORM_LABEL and TRANSFORM_LIMIT.
 */
export function labelTree(root: Directory, policy: Policy, limits?: MatchLimits): SplitName[] {
  const { names, decide } = labelsOf(root, policy, limits);
  const leaves = new Map<Leaf, LabelledLeaf>();
  const labelled = new LabelledXattrs();
  const split: SplitName[] = [];
  for (const [i, name] of names.entries()) {
    const { label, disagreement } = decide(i);
    if (disagreement !== undefined) throw disagreementError(name, disagreement);
    const { inode } = name;
    const known = inode.kind === 'directory' ? undefined : leaves.get(inode);
    if (known === undefined) {
      const { xattrs } = inode;
      inode.xattrs = labelled.with(xattrs, label);
      if (inode.kind !== 'directory') leaves.set(inode, { first: name, label, xattrs });
    } else if (known.label !== label) {
      // SELINUX-025
      split.push({ path: pathOf(name), first: pathOf(known.first) });
      name.parent?.inode.children.set(name.name, { ...inode, xattrs: labelled.with(known.xattrs, label) });
    }
  }
  return split;
}

/** Attributes with a label added. Inodes share them. */
class LabelledXattrs {
  readonly #known = new Map<Xattrs, Map<ByteString, Xattrs>>();

  /** SELINUX-024 */
  with(xattrs: Xattrs, label: ByteString | undefined): Xattrs {
    if (label === undefined) return xattrs;
    let labels = this.#known.get(xattrs);
    if (labels === undefined) {
      labels = new Map();
      this.#known.set(xattrs, labels);
    }
    let labelled = labels.get(label);
    if (labelled === undefined) {
      labelled = new Map(xattrs).set(SELINUX_XATTR, label);
      labels.set(label, labelled);
    }
    return labelled;
  }
}
