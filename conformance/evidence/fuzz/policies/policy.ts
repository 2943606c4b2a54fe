/**
 * A random SELinux policy with a tree that it labels, and the layer that has both.
 * @module
 */

import { ascii, type ByteString, bytesOf } from '../../../../reference/bytes.ts';
import {
  archive,
  block,
  character,
  directory,
  fifo,
  file,
  hardlink,
  longName,
  symlink,
} from '../../../generate/builder/tar.ts';

/** The files of a policy, in the order in which they are shown. */
export const policyFiles = [
  'file_contexts',
  'file_contexts.local',
  'file_contexts.homedirs',
  'file_contexts.subs',
  'file_contexts.subs_dist',
] as const;
export type PolicyFile = (typeof policyFiles)[number];

/** A line of one of the files, without its line feed. */
export interface PolicyLine {
  file: PolicyFile;
  text: ByteString;
}

/** The type of a file in a layer; `h` is a hard link. */
export type NodeType = '-' | 'd' | 'l' | 'c' | 'b' | 'p' | 'h';

/** A path of the tree: absolute, without empty names. */
export interface TreeNode {
  path: ByteString;
  type: NodeType;
  /** The path of the target of a hard link. */
  target?: ByteString;
}

/** A policy and a tree. */
export interface PolicyCase {
  /** The content of `/etc/selinux/config`; absent if there is no such file. */
  config?: ByteString;
  /** Lines of each file are in order; a file without lines does not exist, except for `file_contexts`. */
  lines: PolicyLine[];
  /** Directories above a path need no node of their own. */
  nodes: TreeNode[];
}

/** The name of the policy, if the config names it. */
export const policyName = 't';
/** A config that names the policy, and nothing else. */
export const plainConfig = ascii(`SELINUXTYPE=${policyName}\n`);
const policyFolder = `/etc/selinux/${policyName}/contexts/files`;

/** A copy whose changes do not affect the original. */
export function copyPolicy({ lines, nodes, ...rest }: PolicyCase): PolicyCase {
  return { ...rest, lines: lines.map(line => ({ ...line })), nodes: nodes.map(node => ({ ...node })) };
}

/** The number of lines and of nodes. */
export function sizeOfPolicy({ lines, nodes }: PolicyCase): number {
  return lines.length + nodes.length;
}

/** The content of each file that exists. */
export function policyContents({ lines }: PolicyCase): ReadonlyMap<PolicyFile, ByteString> {
  const contents = new Map<PolicyFile, ByteString>([['file_contexts', ascii('')]]);
  for (const { file, text } of lines) {
    contents.set(file, `${contents.get(file) ?? ''}${text}\n` as ByteString);
  }
  return contents;
}

/** The layer: the tree, and in it the policy. */
export function layerOf(policy: PolicyCase): Uint8Array {
  const files = new Map<string, ByteString>();
  if (policy.config !== undefined) files.set('/etc/selinux/config', policy.config);
  for (const [name, content] of policyContents(policy)) files.set(`${policyFolder}/${name}`, content);
  const nodes = new Map<string, TreeNode>();
  for (const path of ['/usr', '/boot', '/sysroot', '/run', policyFolder]) addDirectories(nodes, path);
  for (const node of policy.nodes) {
    if (files.has(node.path)) continue;
    addDirectories(nodes, parentOf(node.path));
    // A directory stays one.
    if (nodes.get(node.path)?.type !== 'd') nodes.set(node.path, node);
  }
  for (const path of files.keys()) nodes.set(path, { path: path as ByteString, type: '-' });
  const names = [...nodes.keys()].sort();
  // Hard links come last, so that their targets exist.
  const isLink = (path: string) => nodes.get(path)?.type === 'h';
  const ordered = [...names.filter(path => !isLink(path)), ...names.filter(isLink)];
  return archive(...ordered.flatMap(path => entryOf(nodes.get(path), files.get(path), nodes)));
}

/** Adds a directory and all above it; what is not a directory there is replaced. */
function addDirectories(nodes: Map<string, TreeNode>, path: string): void {
  for (let at = path; at !== ''; at = parentOf(at)) nodes.set(at, { path: at as ByteString, type: 'd' });
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function entryOf(
  node: TreeNode | undefined,
  content: ByteString | undefined,
  nodes: ReadonlyMap<string, TreeNode>,
): Uint8Array[] {
  if (node === undefined) return [];
  const name = bytesOf(node.path.slice(1) as ByteString);
  const long = name.length > 100 ? [longName(name)] : [];
  switch (node.type) {
    case '-':
      return [...long, file(name, content === undefined ? '' : bytesOf(content))];
    case 'd':
      return [...long, directory(name)];
    case 'l':
      return [...long, symlink(name, 'target')];
    case 'c':
      return [...long, character(name, isTarget(node, nodes) ? 1 : 0, 0)];
    case 'b':
      return [...long, block(name, 1, 2)];
    case 'p':
      return [...long, fifo(name)];
    case 'h': {
      const target = nodes.get(node.target ?? '');
      if (target === undefined || target.type === 'd' || target.type === 'h') return [...long, file(name)];
      return [...long, hardlink(name, bytesOf(target.path.slice(1) as ByteString))];
    }
  }
}

/** Whether it has several names. Not all programs accept that of device number 0 (EROFS-002). */
function isTarget({ path }: TreeNode, nodes: ReadonlyMap<string, TreeNode>): boolean {
  return [...nodes.values()].some(({ target }) => target === path);
}
