/**
 * Prints the canonical dumpfile of a tree (spec/dumpfile.md, "Canonical form").
 * @module
 */

import { type ByteString, byteString, bytesOf, compareBytes, hex } from '../bytes.ts';
import { type Directory, type Inode, type Leaf, typeBits } from '../tree/inode.ts';
import { payloadOf } from '../tree/object-path.ts';
import { escapeField, escapeOptional, escapeXattr } from './escape.ts';

/** Number of characters after which a chunk is returned. */
const CHUNK = 65536;

/** The canonical dumpfile of `tree`, in chunks of whole lines. The depth of the tree is not limited by the stack. */
export function* printDumpfile(tree: Directory): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = '';
  for (const line of lines(tree)) {
    text += line;
    if (text.length >= CHUNK) {
      yield encoder.encode(text);
      text = '';
    }
  }
  if (text !== '') yield encoder.encode(text);
}

/** A directory whose children are printed. */
interface OpenDirectory {
  /** Its escaped path and a slash. */
  readonly prefix: string;
  readonly names: Iterator<ByteString>;
  readonly children: ReadonlyMap<ByteString, Inode>;
}

// DUMP-001
function* lines(tree: Directory): Generator<string> {
  const linked = hardLinked(tree);
  const firstNames = new Map<Leaf, string>();
  yield inodeLine('/', tree, directoryLinks(tree));
  const open: OpenDirectory[] = [openDirectory('/', tree)];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const { value: name, done } = top.names.next();
    if (done === true) {
      open.pop();
      continue;
    }
    const inode = top.children.get(name);
    if (inode === undefined) continue;
    const path = top.prefix + escapeField(name);
    if (inode.kind === 'directory') {
      yield inodeLine(path, inode, directoryLinks(inode));
      open.push(openDirectory(`${path}/`, inode));
      continue;
    }
    const links = linked.get(inode) ?? 1;
    const first = firstNames.get(inode);
    if (first !== undefined) {
      yield linkLine(path, inode, first);
      continue;
    }
    if (links > 1) firstNames.set(inode, path);
    yield inodeLine(path, inode, links);
  }
}

function openDirectory(prefix: string, { children }: Directory): OpenDirectory {
  return { prefix, names: [...children.keys()].sort(compareBytes).values(), children };
}

/** The inodes that have more than one name, with their numbers of names (DUMP-009). */
function hardLinked(tree: Directory): ReadonlyMap<Leaf, number> {
  const seen = new Set<Leaf>();
  const linked = new Map<Leaf, number>();
  const pending: Directory[] = [tree];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    for (const inode of directory.children.values()) {
      if (inode.kind === 'directory') pending.push(inode);
      else if (seen.has(inode)) linked.set(inode, (linked.get(inode) ?? 1) + 1);
      else seen.add(inode);
    }
  }
  return linked;
}

// DUMP-009
function directoryLinks({ children }: Directory): number {
  let links = 2;
  for (const child of children.values()) if (child.kind === 'directory') links++;
  return links;
}

function inodeLine(path: string, inode: Inode, links: number): string {
  const { uid, gid, mtime } = inode;
  const { size, rdev, payload, content, digest } = kindFields(inode);
  const fixed = `${path} ${size} ${modeText(inode)} ${links} ${uid} ${gid} ${rdev} ${mtime.sec}.${mtime.nsec}`;
  return `${fixed} ${payload} ${content} ${digest}${xattrText(inode)}\n`;
}

// DUMP-016
function linkLine(path: string, inode: Inode, firstName: string): string {
  return `${path} 0 @${modeText(inode)} - - - - 0.0 ${firstName} - -\n`;
}

function modeText(inode: Inode): string {
  return (typeBits[inode.kind] | inode.mode).toString(8);
}

function xattrText({ xattrs }: Inode): string {
  if (xattrs.size === 0) return '';
  let text = '';
  for (const [key, value] of [...xattrs].sort(([a], [b]) => compareBytes(a, b))) {
    text += ` ${escapeXattr(key)}=${escapeXattr(value)}`;
  }
  return text;
}

/** The fields whose values depend on the kind of the inode. */
interface KindFields {
  readonly size: number | bigint;
  readonly rdev: number;
  readonly payload: string;
  readonly content: string;
  readonly digest: string;
}

const unset: KindFields = { size: 0, rdev: 0, payload: '-', content: '-', digest: '-' };

function kindFields(inode: Inode): KindFields {
  switch (inode.kind) {
    case 'directory':
    case 'fifo':
    case 'socket':
      return unset;
    case 'character':
    case 'block':
      return { ...unset, rdev: inode.rdev };
    case 'symlink':
      return { ...unset, size: inode.target.length, payload: escapeOptional(inode.target) };
    case 'inline':
      return {
        ...unset,
        size: inode.content.length,
        content: escapeOptional(byteString(inode.content)),
      };
    case 'external':
      return {
        ...unset,
        size: inode.size,
        payload: escapeOptional(payloadOf(inode)),
        digest: inode.digest === undefined ? '-' : hex(bytesOf(inode.digest)),
      };
  }
}
