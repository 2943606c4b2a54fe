/**
 * Finds the files of the policy in a tree (spec/selinux.md, "The policy").
 * @module
 */

import { ascii, type ByteString } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import { findInode, inodesOnPath } from '../tree/directory.ts';
import { type Directory, type ExternalFile, type InlineFile, type Inode, kindNames } from '../tree/inode.ts';
import { malformed } from './lines.ts';

/** SELINUX-010 */
const CONFIG_MAX = 65_536;
const POLICY_FILE_MAX = 4_194_304;

/** The names of the policy files (SELINUX-008). */
export const policyFileNames = [
  'file_contexts',
  'file_contexts.local',
  'file_contexts.homedirs',
  'file_contexts.subs',
  'file_contexts.subs_dist',
] as const;
export type PolicyFileName = (typeof policyFileNames)[number];

const names = (path: string) => path.split('/').map(ascii);
const SELINUX = names('etc/selinux');
const CONFIG = names('etc/selinux/config');
const FILES = names('contexts/files');
/** The types that libselinux uses if the config names none (SELINUX-004). */
const DEFAULT_TYPES = ['targeted', 'default'].map(ascii);

/** A regular file with a part of the policy. */
export interface PolicyInode {
  /** From `/`, for messages. */
  readonly path: ByteString;
  readonly inode: InlineFile | ExternalFile;
}

/** The config file of the tree, or undefined if it has none. Rejects with TRANSFORM_SELINUX and TRANSFORM_LIMIT. */
export function findConfig(root: Directory): PolicyInode | undefined {
  // SELINUX-002
  checkDirectories(root, SELINUX);
  return regularFile(root, CONFIG, CONFIG_MAX);
}

/** SELINUX-004, SELINUX-009: rejects anything but directories at `path` and above it. */
function checkDirectories(root: Directory, path: readonly ByteString[]): void {
  for (const [depth, inode] of inodesOnPath(root, path).entries()) {
    if (inode.kind !== 'directory') throw notA('directory', path.slice(0, depth), inode);
  }
}

/** Rejects a tree without a policy that libselinux gives one (SELINUX-004). */
export function checkDefaultTypes(root: Directory): void {
  for (const type of DEFAULT_TYPES) {
    const directory = [...SELINUX, type, ...FILES];
    checkDirectories(root, directory);
    const path = [...directory, ascii(policyFileNames[0])];
    if (typeof findInode(root, path) === 'string') continue;
    throw malformed('there is a policy, but /etc/selinux/config does not name its type', {
      entry: absolute(path),
    });
  }
}

/** The policy files of `type`, by name. Rejects with TRANSFORM_SELINUX and TRANSFORM_LIMIT. */
export function findPolicyFiles(root: Directory, type: ByteString): Map<PolicyFileName, PolicyInode> {
  const directory = [...SELINUX, type, ...FILES];
  // SELINUX-009
  checkDirectories(root, directory);
  if (typeof findInode(root, directory) === 'string') {
    throw malformed('the config names this type, but there is no such directory', {
      entry: absolute(directory),
    });
  }
  const found = new Map<PolicyFileName, PolicyInode>();
  for (const name of policyFileNames) {
    const file = regularFile(root, [...directory, ascii(name)], POLICY_FILE_MAX);
    if (file !== undefined) found.set(name, file);
  }
  if (!found.has('file_contexts')) {
    throw malformed('the policy has no such file', {
      entry: absolute([...directory, ascii('file_contexts')]),
    });
  }
  return found;
}

function regularFile(root: Directory, path: readonly ByteString[], most: number): PolicyInode | undefined {
  const inode = findInode(root, path);
  if (typeof inode === 'string') return undefined;
  if (inode.kind !== 'inline' && inode.kind !== 'external') throw notA('regular file', path, inode);
  const entry = absolute(path);
  const size = inode.kind === 'inline' ? inode.content.length : inode.size;
  // SELINUX-010
  if (size > most) {
    const detail = `the file of the SELinux policy has ${size} bytes, more than ${most}`;
    throw new ComposefsError('TRANSFORM_LIMIT', detail, { entry });
  }
  return { path: entry, inode };
}

function notA(expected: string, path: readonly ByteString[], { kind }: Inode): ComposefsError {
  const detail = `the SELinux policy needs a ${expected} here, and this is a ${kindNames[kind]}`;
  return malformed(detail, { entry: absolute(path) });
}

function absolute(path: readonly ByteString[]): ByteString {
  return path.map(name => `/${name}`).join('') as ByteString;
}

/** The most bytes that the file at the path of an entry can have to be a policy file; 0 if it is at another path. */
export function policySizeAt(path: readonly ByteString[]): number {
  if (path[0] !== 'etc' || path[1] !== 'selinux') return 0;
  if (path.length === 3) return path[2] === 'config' ? CONFIG_MAX : 0;
  const isPolicy =
    path.length === 6 &&
    path[3] === FILES[0] &&
    path[4] === FILES[1] &&
    (policyFileNames as readonly string[]).includes(path[5] as string);
  return isPolicy ? POLICY_FILE_MAX : 0;
}

/** The external files of the tree that can be policy files of some type. */
export function possiblePolicyFiles(root: Directory): ExternalFile[] {
  const selinux = findInode(root, SELINUX);
  if (typeof selinux === 'string' || selinux.kind !== 'directory') return [];
  const paths = [...selinux.children.keys()].flatMap(type =>
    policyFileNames.map(name => [...SELINUX, type, ...FILES, ascii(name)]),
  );
  const found: ExternalFile[] = [];
  for (const path of [CONFIG, ...paths]) {
    const inode = findInode(root, path);
    if (typeof inode === 'object' && inode.kind === 'external' && inode.size <= policySizeAt(path)) {
      found.push(inode);
    }
  }
  return found;
}
