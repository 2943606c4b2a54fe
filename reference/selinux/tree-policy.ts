/**
 * Reads the policy of a tree.
 * @module
 */

import type { Directory } from '../tree/inode.ts';
import { policyType } from './config.ts';
import type { PolicyContents } from './contents.ts';
import {
  checkDefaultTypes,
  findConfig,
  findPolicyFiles,
  type PolicyFileName,
  possiblePolicyFiles,
} from './find-policy.ts';
import { type Policy, type PolicyFile, readPolicy } from './policy.ts';

/**
 * The policy of the tree below `root`, or undefined if it has none. Rejects with TRANSFORM_SELINUX and TRANSFORM_LIMIT.
 */
export async function policyOfTree(root: Directory, contents: PolicyContents): Promise<Policy | undefined> {
  const config = findConfig(root);
  // The type is not known before, so the files of all types are wanted.
  if (config !== undefined) await contents.load([config], () => possiblePolicyFiles(root));
  const type = config === undefined ? undefined : policyType(contents.textOf(config), config.path);
  // SELINUX-003
  if (type === undefined) {
    checkDefaultTypes(root);
    return undefined;
  }
  const found = findPolicyFiles(root, type);
  await contents.load([...found.values()]);
  const files = new Map<PolicyFileName, PolicyFile>();
  for (const [name, file] of found) files.set(name, { path: file.path, text: contents.textOf(file) });
  return readPolicy(type, files);
}
