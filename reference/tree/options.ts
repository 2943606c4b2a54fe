/**
 * What a request for a tree can ask for (spec/tree.md, "Roles").
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';
import type { Algorithm } from '../fsverity/algorithm.ts';
import type { Sha2 } from '../hash/sha2.ts';

/** What a tree represents: all layers, all layers for a machine to boot, or one layer by itself. */
export const roles = ['merged', 'merged.bootable', 'layer'] as const;
export type Role = (typeof roles)[number];

/** What is done to the merged tree: the OCI transforms, or nothing. */
export const transforms = ['oci', 'none'] as const;
export type Transform = (typeof transforms)[number];

/** Which extended attributes are kept. */
export const xattrPolicies = ['allowlist-only', 'keep-user-xattrs'] as const;
export type XattrPolicy = (typeof xattrPolicies)[number];

/** What tree to build, and with which algorithm the content of external files is digested. */
export interface TreeOptions {
  readonly role: Role;
  readonly transform: Transform;
  /** Has no effect in role `merged` with transform `none` (TREE-008). */
  readonly xattrs: XattrPolicy;
  readonly algorithm: Algorithm;
  /** Default: `portableSha2`. */
  readonly sha2?: Sha2;
}

/** Rejects with REQUEST_ROLE a transform that the role does not allow. */
export function checkRole({ role, transform }: Pick<TreeOptions, 'role' | 'transform'>): void {
  // TREE-010
  if (role === 'layer' && transform !== 'none') {
    throw new ComposefsError(
      'REQUEST_ROLE',
      `role "layer" requires transform "none", and the request has "${transform}"`,
    );
  }
  // TREE-014
  if (role === 'merged.bootable' && transform !== 'oci') {
    throw new ComposefsError(
      'REQUEST_ROLE',
      `role "merged.bootable" requires transform "oci", and the request has "${transform}"`,
    );
  }
}

/** Rejects with REQUEST_ROLE a number of layers that the role does not allow (TREE-011). `location` has the layers. */
export function checkLayerCount(
  { role }: Pick<TreeOptions, 'role'>,
  count: number,
  location: Location = {},
): void {
  if (role === 'layer' && count !== 1) {
    const number = count === 0 ? 'none' : 'more than one';
    throw new ComposefsError(
      'REQUEST_ROLE',
      `role "layer" requires exactly one layer, and there is ${number}`,
      location,
    );
  }
}
