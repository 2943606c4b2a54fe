/**
 * A tree as its canonical dumpfile: one text, byte for byte, for one tree (spec/dumpfile.md).
 * @module
 */

import { type ByteString, byteString, compareBytes, hex } from '../bytes.ts';
import { type Directory, type Inode, type Leaf, typeBits } from '../tree/inode.ts';
import { escapeField, escapeOptional, escapeXattr } from './escape.ts';

/** Characters to gather before a chunk goes out. */
const CHUNK = 65536;

/** The canonical dumpfile of `tree`, in chunks of whole lines. A tree of any depth will do. */
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

/** A directory whose children are being printed. */
interface Level {
  /** Its path, escaped, with the slash that comes before a child's name. */
  readonly prefix: string;
  readonly names: Iterator<ByteString>;
  readonly children: ReadonlyMap<ByteString, Inode>;
}

// DUMP-001: depth first, a directory before its children, children in bytewise order.
function* lines(tree: Directory): Generator<string> {
  const linked = hardLinked(tree);
  const firstNames = new Map<Leaf, string>();
  yield inodeLine('/', tree, directoryLinks(tree));
  const levels: Level[] = [level('/', tree)];
  for (let top = levels.at(-1); top !== undefined; top = levels.at(-1)) {
    const { value: name, done } = top.names.next();
    if (done === true) {
      levels.pop();
      continue;
    }
    const inode = top.children.get(name);
    if (inode === undefined) continue;
    const path = top.prefix + escapeField(name);
    if (inode.kind === 'directory') {
      yield inodeLine(path, inode, directoryLinks(inode));
      levels.push(level(`${path}/`, inode));
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

function level(prefix: string, { children }: Directory): Level {
  return { prefix, names: [...children.keys()].sort(compareBytes).values(), children };
}

/** Every inode with more than one name, and how many it has (DUMP-009). */
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
  const { size, rdev, payload, content, digest } = ofKind(inode);
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

/** The fields that the kind of an inode decides. */
interface OfKind {
  readonly size: number | bigint;
  readonly rdev: number;
  readonly payload: string;
  readonly content: string;
  readonly digest: string;
}

const nothing: OfKind = { size: 0, rdev: 0, payload: '-', content: '-', digest: '-' };

function ofKind(inode: Inode): OfKind {
  switch (inode.kind) {
    case 'directory':
    case 'fifo':
    case 'socket':
      return nothing;
    case 'character':
    case 'block':
      return { ...nothing, rdev: inode.rdev };
    case 'symlink':
      return { ...nothing, size: inode.target.length, payload: escapeOptional(inode.target) };
    case 'inline':
      return {
        ...nothing,
        size: inode.content.length,
        content: escapeOptional(byteString(inode.content)),
      };
    case 'external':
      return {
        ...nothing,
        size: inode.size,
        payload: escapeOptional(inode.payload),
        digest: inode.digest === undefined ? '-' : hex(inode.digest),
      };
  }
}
