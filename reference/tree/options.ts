/**
 * What is asked of the tree builder (spec/tree.md, "Roles").
 * @module
 */

import { ComposefsError } from '../errors.ts';
import type { Algorithm } from '../fsverity/algorithm.ts';
import type { Sha2 } from '../hash/sha2.ts';

/** What the tree stands for: all layers as one file system, the same to be booted, or one layer's own image. */
export const roles = ['merged', 'merged.bootable', 'layer'] as const;
export type Role = (typeof roles)[number];

/** What happens to the merged tree: the OCI transforms and the xattr policy, or nothing. */
export const transforms = ['oci', 'none'] as const;
export type Transform = (typeof transforms)[number];

/** Which extended attributes stay where a policy is applied. */
export const xattrPolicies = ['allowlist-only', 'keep-user-xattrs'] as const;
export type XattrPolicy = (typeof xattrPolicies)[number];

/** What tree to build, and how the content of external files is named. */
export interface TreeOptions {
  readonly role: Role;
  readonly transform: Transform;
  /** Not used by role `merged` with transform `none`. */
  readonly xattrs: XattrPolicy;
  readonly algorithm: Algorithm;
  /** Default: `portableSha2`. */
  readonly sha2?: Sha2;
}

/** Refuses with REQUEST_ROLE a role and a transform that do not go together. */
export function checkRole({ role, transform }: Pick<TreeOptions, 'role' | 'transform'>): void {
  // TREE-010
  if (role === 'layer' && transform !== 'none') {
    throw new ComposefsError('REQUEST_ROLE', `role "layer" takes no transform, "${transform}" was asked`);
  }
  // TREE-014
  if (role === 'merged.bootable' && transform !== 'oci') {
    throw new ComposefsError(
      'REQUEST_ROLE',
      `role "merged.bootable" takes transform "oci", "${transform}" was asked`,
    );
  }
}

/** Refuses with REQUEST_ROLE a number of layers that the role does not take (TREE-011). */
export function checkLayerCount({ role }: Pick<TreeOptions, 'role'>, count: number): void {
  if (role === 'layer' && count !== 1) {
    const other = count === 0 ? 'none' : 'more';
    throw new ComposefsError('REQUEST_ROLE', `role "layer" takes one layer, not ${other}`);
  }
}
