/**
 * The map of a well-formed image: a decoder of expected images, which shares nothing with the writer that makes them
 * and the reader that they test. It trusts its input.
 * @module
 */

import { type ByteString, byteString, printable } from '../../../reference/bytes.ts';
import { fieldsOf, GAP, type ImageMap, type MapField, type MapRange } from '../../suite/image-map.ts';
import { isStructure, type StructureName, structuresOf } from './structures.ts';

const BLOCK = 4096;
const SLOT = 32;
const SUPERBLOCK = 1024;

const REGULAR = 0o100000;
const DIRECTORY = 0o040000;
const SYMLINK = 0o120000;
const CHARACTER = 0o020000;

const prefixes = [
  '',
  'user.',
  'system.posix_acl_access',
  'system.posix_acl_default',
  'trusted.',
  'lustre.',
  'security.',
];

const whiteoutMarks = ['trusted.overlay.overlay.whiteout=', 'user.overlay.whiteout='];
const directoryMarks = [
  'trusted.overlay.overlay.opaque=x',
  'trusted.overlay.overlay.whiteouts=',
  'user.overlay.opaque=x',
  'user.overlay.whiteouts=',
];

/** The map of `image`, which is well-formed. */
export function mapImage(image: Uint8Array): ImageMap {
  return new Mapper(image).map();
}

/** The fields of `image`, which is well-formed, in order of offset; every byte is in exactly one. */
export function erofsFields(image: Uint8Array): MapField[] {
  return fieldsOf(mapImage(image));
}

interface Attribute {
  readonly start: number;
  readonly name: string;
  readonly value: string;
  readonly nameSize: number;
  readonly valueSize: number;
  readonly end: number;
}

interface Entry {
  readonly start: number;
  readonly name: ByteString;
  readonly nameStart: number;
  readonly nid: number;
}

/** Bytes of data; a block of a directory or of content is filled up to its end. */
interface Piece {
  readonly start: number;
  readonly size: number;
  readonly beside: boolean;
}

interface Inode {
  readonly start: number;
  readonly number: number;
  readonly extended: boolean;
  readonly type: number;
  readonly size: number;
  readonly u: number;
  readonly chunked: boolean;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  readonly inline: readonly Attribute[];
  readonly shared: readonly Attribute[];
  readonly pieces: readonly Piece[];
  /** Of a directory, by piece. */
  readonly entries: readonly (readonly Entry[])[];
}

class Mapper {
  readonly #image: Uint8Array;
  readonly #view: DataView;
  readonly #version: number;
  /** Formats v0 and v1 keep whiteouts away from overlayfs, and have stubs. */
  readonly #escapes: boolean;
  readonly #ranges: MapRange[] = [];
  /** Where the range that begins at a byte ends. */
  readonly #ends = new Map<number, number>();
  readonly #inodes = new Map<number, Inode>();
  readonly #paths = new Map<number, string>();
  /** Structures of shared attributes that a rule of their own puts there, by offset. */
  readonly #sharedKinds = new Map<number, string>();
  readonly #blocks = new Set<number>();
  #inodesEnd = 0;

  constructor(image: Uint8Array) {
    this.#image = image;
    this.#view = new DataView(image.buffer, image.byteOffset, image.byteLength);
    this.#version = this.#view.getUint32(12, true);
    this.#escapes = this.#version < 2;
  }

  map(): ImageMap {
    this.#add(0, 32, 'composefs header');
    this.#add(SUPERBLOCK, 128, 'superblock');
    this.#walk(this.#view.getUint16(SUPERBLOCK + 14, true));
    const spilled: Inode[] = [];
    for (const inode of [...this.#inodes.values()].sort((a, b) => a.start - b.start)) {
      this.#inode(inode);
      if (inode.chunked && !this.#chunks(inode)) spilled.push(inode);
    }
    this.#spilledChunks(spilled, this.#sharedArea());
    return this.#result();
  }

  /** Finds every inode, and calls it by the first name that leads to it, depth first. */
  #walk(rootNid: number): void {
    const stack = [{ nid: rootNid, path: '/' as ByteString }];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { nid, path } = next;
      if (this.#inodes.has(nid)) continue;
      const inode = this.#read(nid * SLOT);
      this.#inodes.set(nid, inode);
      this.#paths.set(inode.number, printable(path));
      const below = path === '/' ? '/' : `${path}/`;
      const children = inode.entries.flat().filter(({ name }) => name !== '.' && name !== '..');
      for (const { name, nid } of children.reverse()) {
        stack.push({ nid, path: `${below}${name}` as ByteString });
      }
    }
  }

  #read(start: number): Inode {
    const view = this.#view;
    const format = view.getUint16(start, true);
    const extended = (format & 1) === 1;
    const icount = view.getUint16(start + 2, true);
    const type = view.getUint16(start + 4, true) & 0o170000;
    const size = extended ? Number(view.getBigUint64(start + 8, true)) : view.getUint32(start + 8, true);
    const u = view.getUint32(start + 16, true);
    const bodyStart = start + (extended ? 64 : 32);
    const bodyEnd = bodyStart + (icount === 0 ? 0 : 12 + 4 * (icount - 1));
    const chunked = format >> 1 === 4;
    const hasData = !chunked && (type === DIRECTORY || type === REGULAR || type === SYMLINK);
    const pieces = hasData ? piecesOf(size, u, format >> 1 === 2 ? bodyEnd : undefined) : [];
    return {
      start,
      number: view.getUint32(start + 20, true),
      extended,
      type,
      size,
      u,
      chunked,
      bodyStart,
      bodyEnd,
      ...this.#readBody(bodyStart, bodyEnd),
      pieces,
      entries: type === DIRECTORY ? pieces.map(piece => this.#readEntries(piece)) : [],
    };
  }

  #readBody(start: number, end: number): Pick<Inode, 'inline' | 'shared'> {
    const inline: Attribute[] = [];
    const shared: Attribute[] = [];
    if (end === start) return { inline, shared };
    const area = this.#view.getUint32(SUPERBLOCK + 44, true) * BLOCK;
    let at = start + 12;
    for (let i = this.#view.getUint8(start + 4); i > 0; i--, at += 4) {
      shared.push(this.#readAttribute(area + 4 * this.#view.getUint32(at, true)));
    }
    while (at < end) {
      const attribute = this.#readAttribute(at);
      inline.push(attribute);
      at = attribute.end;
    }
    return { inline, shared };
  }

  #readAttribute(start: number): Attribute {
    const nameSize = this.#view.getUint8(start);
    const valueSize = this.#view.getUint16(start + 2, true);
    const nameEnd = start + 4 + nameSize;
    const prefix = prefixes[this.#view.getUint8(start + 1)] ?? '';
    return {
      start,
      name: prefix + this.#text(start + 4, nameSize),
      value: this.#text(nameEnd, valueSize),
      nameSize,
      valueSize,
      end: Math.ceil((nameEnd + valueSize) / 4) * 4,
    };
  }

  #readEntries({ start, size }: Piece): Entry[] {
    const count = this.#view.getUint16(start + 8, true) / 12;
    return Array.from({ length: count }, (_, i) => {
      const at = start + 12 * i;
      const nameStart = start + this.#view.getUint16(at + 8, true);
      const end =
        i + 1 < count
          ? start + this.#view.getUint16(at + 20, true)
          : this.#endOfNames(nameStart, start + size);
      const name = this.#text(nameStart, end - nameStart);
      return { start: at, name, nameStart, nid: Number(this.#view.getBigUint64(at, true)) };
    });
  }

  /** The last name ends at the first NUL, or at the end of the block. */
  #endOfNames(from: number, end: number): number {
    const nul = this.#image.subarray(from, end).indexOf(0);
    return nul < 0 ? end : from + nul;
  }

  #inode(inode: Inode): void {
    const { start, number, extended, bodyStart, bodyEnd } = inode;
    const form = extended ? 'extended' : 'compact';
    const isWhiteout = this.#isWhiteout(inode);
    const isStub = this.#escapes && inode.type === CHARACTER && inode.u === 0;
    const kind = isStub ? 'stub' : isWhiteout ? 'whiteout' : 'inode';
    this.#add(start, bodyStart - start, `${form} ${kind}`, number);
    if (bodyEnd > bodyStart) {
      this.#add(bodyStart, 12, 'attribute body', number);
      this.#add(bodyStart + 12, 4 * inode.shared.length, 'attribute reference', number);
      const marks = isWhiteout ? whiteoutMarks : this.#hasWhiteouts(inode) ? directoryMarks : [];
      const isRoot = this.#paths.get(number) === '/';
      for (const attribute of inode.inline) {
        this.#attribute(attribute, attributeKind(attribute, marks, isRoot), number);
      }
      for (const attribute of inode.shared) {
        const kind = attributeKind(attribute, marks, isRoot);
        if (kind !== 'attribute') this.#sharedKinds.set(attribute.start, kind);
      }
    }
    this.#inodesEnd = Math.max(this.#inodesEnd, bodyEnd);
    for (const [i, piece] of inode.pieces.entries()) this.#piece(inode, piece, inode.entries[i]);
  }

  #isWhiteout({ type, size, inline, shared }: Inode): boolean {
    if (!this.#escapes || type !== REGULAR || size > 0) return false;
    const found = new Set([...inline, ...shared].map(textOf));
    return whiteoutMarks.every(mark => found.has(mark));
  }

  #hasWhiteouts({ entries }: Inode): boolean {
    return entries.flat().some(({ nid }) => {
      const child = this.#inodes.get(nid);
      return child !== undefined && this.#isWhiteout(child);
    });
  }

  #piece({ number, type }: Inode, { start, size, beside }: Piece, entries: readonly Entry[] = []): void {
    let end = start + size;
    if (type === DIRECTORY) {
      for (const { start, name } of entries) {
        this.#add(start, 12, 'directory entry', number, `entry ${printable(name)}`);
      }
      for (const { nameStart, name } of entries) {
        this.#add(nameStart, name.length, 'entry name', number, `entry ${printable(name)}`);
      }
      const last = entries.at(-1);
      if (last !== undefined) end = last.nameStart + last.name.length;
    } else if (type === SYMLINK) {
      this.#add(start, size, beside ? 'target' : 'target in a block', number);
    } else {
      this.#add(start, size, beside ? 'content' : 'content in a block', number);
    }
    if (beside) {
      this.#inodesEnd = Math.max(this.#inodesEnd, start + size);
      return;
    }
    const blocksEnd = Math.ceil((start + size) / BLOCK) * BLOCK;
    this.#add(end, blocksEnd - end, 'rest of a block', number);
    for (let block = start / BLOCK; block < blocksEnd / BLOCK; block++) this.#blocks.add(block);
  }

  #attribute({ start, name, nameSize, valueSize, end }: Attribute, kind: string, inode?: number): void {
    const part = `${inode === undefined ? 'shared xattr' : 'xattr'} ${printable(name as ByteString)}`;
    const find = (what: 'name' | 'value'): StructureName => {
      const own = `${kind} ${what}`;
      const plain =
        inode === undefined ? (`shared attribute ${what}` as const) : (`attribute ${what}` as const);
      return isStructure(own) && kind !== 'attribute' ? own : plain;
    };
    this.#add(start, 4, 'attribute', inode, part);
    this.#add(start + 4, nameSize, find('name'), inode, part);
    this.#add(start + 4 + nameSize, valueSize, find('value'), inode, part);
    const used = start + 4 + nameSize + valueSize;
    this.#add(used, end - used, 'attribute padding', inode, part);
  }

  /** The chunk array, if it is beside the inode: where it would cross a block it is in a data block instead. */
  #chunks(inode: Inode): boolean {
    const { number, bodyEnd } = inode;
    const bytes = 4 * this.#chunkCount(inode);
    if (Math.floor(bodyEnd / BLOCK) !== Math.floor((bodyEnd + bytes - 1) / BLOCK)) return bytes === 0;
    this.#add(bodyEnd, bytes, 'chunks', number);
    this.#inodesEnd = Math.max(this.#inodesEnd, bodyEnd + bytes);
    return true;
  }

  #chunkCount({ size, u, inline, shared }: Inode): number {
    if (this.#version < 2) return Math.ceil(size / 2 ** ((u & 31) + 12));
    // Format v2: one where there is a digest.
    const metacopy = [...inline, ...shared].find(({ name }) => name === 'trusted.overlay.metacopy');
    return (metacopy?.valueSize ?? 0) > 0 ? 1 : 0;
  }

  /** Chunk arrays in data blocks, which nothing names: the blocks that no inode has, in the order of the inodes. */
  #spilledChunks(inodes: readonly Inode[], sharedEnd: number): void {
    let block = Math.ceil(sharedEnd / BLOCK);
    for (const { number } of inodes) {
      while (this.#blocks.has(block)) block++;
      this.#add(block++ * BLOCK, BLOCK, 'chunks in a block', number);
    }
  }

  /** The table of shared attributes, from the end of the inodes to the first bytes that are no entry. Gives its end. */
  #sharedArea(): number {
    let at = Math.ceil(this.#inodesEnd / SLOT) * SLOT;
    const end = Math.min(this.#image.length, ...[...this.#blocks].map(block => block * BLOCK));
    while (at < end && this.#isAttribute(at)) {
      const attribute = this.#readAttribute(at);
      this.#attribute(attribute, this.#sharedKinds.get(at) ?? 'attribute');
      at = attribute.end;
    }
    return at;
  }

  /** Whether an entry can begin so: padding has no name, and a chunk array no prefix. */
  #isAttribute(start: number): boolean {
    const index = this.#view.getUint8(start + 1);
    return index < prefixes.length && (index > 0 || this.#view.getUint8(start) > 0);
  }

  #text(start: number, size: number): ByteString {
    return byteString(this.#image.subarray(start, start + size));
  }

  #add(start: number, size: number, structure: StructureName, inode?: number, part?: string): void {
    if (size === 0) return;
    this.#ranges.push(rangeOf(start, structure, inode, part));
    this.#ends.set(start, start + size);
  }

  /** The ranges in order, and what lies between them. */
  #result(): ImageMap {
    const ranges: MapRange[] = [];
    let at = 0;
    const fill = (to: number): void => {
      if (to > at) ranges.push([at, GAP]);
      if (to < at) throw new Error(`two structures of the image share byte ${to}`);
    };
    for (const range of this.#ranges.sort(([a], [b]) => a - b)) {
      fill(range[0]);
      ranges.push(range);
      at = this.#ends.get(range[0]) ?? range[0];
    }
    fill(this.#image.length);
    const used = new Set(ranges.map(([, name]) => name));
    return {
      version: 1,
      size: this.#image.length,
      structures: Object.fromEntries(
        Object.entries(structuresOf(this.#version)).filter(([name]) => used.has(name)),
      ),
      inodes: Object.fromEntries([...this.#paths].sort(([a], [b]) => a - b)),
      ranges,
    };
  }
}

/** Whole blocks from block `u` on, and the rest at `beside`; without `beside`, everything in blocks. */
function piecesOf(size: number, u: number, beside: number | undefined): Piece[] {
  const tail = beside === undefined ? 0 : size % BLOCK;
  const pieces: Piece[] = [];
  for (let at = 0; at < size - tail; at += BLOCK) {
    const start = u * BLOCK + at;
    pieces.push({ start, size: Math.min(BLOCK, size - at), beside: false });
  }
  if (beside !== undefined && tail > 0) pieces.push({ start: beside, size: tail, beside: true });
  return pieces;
}

function textOf({ name, value }: Attribute): string {
  return `${name}=${value}`;
}

/** What the structures of its name and value are called. */
function attributeKind(attribute: Attribute, marks: readonly string[], isRoot: boolean): string {
  const { name } = attribute;
  if (name === 'trusted.overlay.metacopy') return 'metacopy';
  if (name === 'trusted.overlay.redirect') return 'redirect';
  if (name === 'trusted.overlay.opaque' && isRoot) return 'root opaque';
  if (marks.includes(textOf(attribute))) {
    return marks === whiteoutMarks ? 'whiteout mark' : 'whiteout directory mark';
  }
  return name.startsWith('trusted.overlay.overlay.') ? 'escaped attribute' : 'attribute';
}

function rangeOf(start: number, structure: string, inode?: number, part?: string): MapRange {
  if (part !== undefined) return [start, structure, inode ?? null, part];
  return inode === undefined ? [start, structure] : [start, structure, inode];
}
