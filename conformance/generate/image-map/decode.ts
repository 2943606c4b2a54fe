/**
 * Decodes expected images to maps. It shares no code with the writer that the images check and the reader that they
 * test, and it trusts its input.
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

/** The map of a well-formed image. */
export function mapImage(image: Uint8Array): ImageMap {
  return new Mapper(image).map();
}

/** The fields of a well-formed image, in order of offset; every byte is in exactly one field. */
export function erofsFields(image: Uint8Array): MapField[] {
  return fieldsOf(mapImage(image));
}

interface MappedAttribute {
  readonly start: number;
  readonly name: string;
  readonly value: string;
  readonly nameSize: number;
  readonly valueSize: number;
  readonly end: number;
}

interface MappedEntry {
  readonly start: number;
  readonly name: ByteString;
  readonly nameStart: number;
  readonly nid: number;
}

/** A data block, or a tail next to the inode (`isTail`). */
interface DataPiece {
  readonly start: number;
  readonly size: number;
  readonly isTail: boolean;
}

interface MappedInode {
  readonly start: number;
  readonly number: number;
  readonly extended: boolean;
  readonly type: number;
  readonly size: number;
  readonly u: number;
  readonly chunked: boolean;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  readonly inline: readonly MappedAttribute[];
  readonly shared: readonly MappedAttribute[];
  readonly pieces: readonly DataPiece[];
  /** Directory entries, by block or tail. */
  readonly entries: readonly (readonly MappedEntry[])[];
}

class Mapper {
  readonly #image: Uint8Array;
  readonly #view: DataView;
  readonly #version: number;
  /** Formats v0 and v1 escape whiteouts and have stubs. */
  readonly #escapes: boolean;
  readonly #ranges: MapRange[] = [];
  /** The end of each range, by its start. */
  readonly #ends = new Map<number, number>();
  readonly #inodes = new Map<number, MappedInode>();
  readonly #paths = new Map<number, string>();
  /** Kinds of shared attributes with a requirement of their own, by offset. */
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
    this.#readInodes(this.#view.getUint16(SUPERBLOCK + 14, true));
    const spilled: MappedInode[] = [];
    for (const inode of [...this.#inodes.values()].sort((a, b) => a.start - b.start)) {
      this.#inode(inode);
      if (inode.chunked && !this.#chunks(inode)) spilled.push(inode);
    }
    this.#spilledChunks(spilled, this.#sharedArea());
    return this.#result();
  }

  /** Reads every inode that can be reached, and gives it the first path in depth-first order. */
  #readInodes(rootNid: number): void {
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

  #read(start: number): MappedInode {
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

  #readBody(start: number, end: number): Pick<MappedInode, 'inline' | 'shared'> {
    const inline: MappedAttribute[] = [];
    const shared: MappedAttribute[] = [];
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

  #readAttribute(start: number): MappedAttribute {
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

  #readEntries({ start, size }: DataPiece): MappedEntry[] {
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

  /** The last name in a block ends at the first NUL, or at the end of the block. */
  #endOfNames(from: number, end: number): number {
    const nul = this.#image.subarray(from, end).indexOf(0);
    return nul < 0 ? end : from + nul;
  }

  #inode(inode: MappedInode): void {
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

  #isWhiteout({ type, size, inline, shared }: MappedInode): boolean {
    if (!this.#escapes || type !== REGULAR || size > 0) return false;
    const found = new Set([...inline, ...shared].map(textOf));
    return whiteoutMarks.every(mark => found.has(mark));
  }

  #hasWhiteouts({ entries }: MappedInode): boolean {
    return entries.flat().some(({ nid }) => {
      const child = this.#inodes.get(nid);
      return child !== undefined && this.#isWhiteout(child);
    });
  }

  #piece(
    { number, type }: MappedInode,
    { start, size, isTail }: DataPiece,
    entries: readonly MappedEntry[] = [],
  ): void {
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
      this.#add(start, size, isTail ? 'target' : 'target in a block', number);
    } else {
      this.#add(start, size, isTail ? 'content' : 'content in a block', number);
    }
    if (isTail) {
      this.#inodesEnd = Math.max(this.#inodesEnd, start + size);
      return;
    }
    const blocksEnd = Math.ceil((start + size) / BLOCK) * BLOCK;
    this.#add(end, blocksEnd - end, 'rest of a block', number);
    for (let block = start / BLOCK; block < blocksEnd / BLOCK; block++) this.#blocks.add(block);
  }

  #attribute({ start, name, nameSize, valueSize, end }: MappedAttribute, kind: string, inode?: number): void {
    const part = `${inode === undefined ? 'shared xattr' : 'xattr'} ${printable(name as ByteString)}`;
    const find = (what: 'name' | 'value'): StructureName => {
      const specific = `${kind} ${what}`;
      const plain =
        inode === undefined ? (`shared attribute ${what}` as const) : (`attribute ${what}` as const);
      return isStructure(specific) && kind !== 'attribute' ? specific : plain;
    };
    this.#add(start, 4, 'attribute', inode, part);
    this.#add(start + 4, nameSize, find('name'), inode, part);
    this.#add(start + 4 + nameSize, valueSize, find('value'), inode, part);
    const used = start + 4 + nameSize + valueSize;
    this.#add(used, end - used, 'attribute padding', inode, part);
  }

  /**
   * Maps the chunk addresses next to the inode. Returns false if they would cross a block and are in a data block
   * instead.
   */
  #chunks(inode: MappedInode): boolean {
    const { number, bodyEnd } = inode;
    const bytes = 4 * this.#chunkCount(inode);
    if (Math.floor(bodyEnd / BLOCK) !== Math.floor((bodyEnd + bytes - 1) / BLOCK)) return bytes === 0;
    this.#add(bodyEnd, bytes, 'chunks', number);
    this.#inodesEnd = Math.max(this.#inodesEnd, bodyEnd + bytes);
    return true;
  }

  #chunkCount({ size, u, inline, shared }: MappedInode): number {
    if (this.#version < 2) return Math.ceil(size / 2 ** ((u & 31) + 12));
    // Format v2: one chunk if there is a digest (EROFS-089).
    const metacopy = [...inline, ...shared].find(({ name }) => name === 'trusted.overlay.metacopy');
    return (metacopy?.valueSize ?? 0) > 0 ? 1 : 0;
  }

  /**
   * Maps chunk addresses in data blocks. Nothing refers to these blocks: they are those that no inode has, in the
   * order of the inodes.
   */
  #spilledChunks(inodes: readonly MappedInode[], sharedEnd: number): void {
    let block = Math.ceil(sharedEnd / BLOCK);
    for (const { number } of inodes) {
      while (this.#blocks.has(block)) block++;
      this.#add(block++ * BLOCK, BLOCK, 'chunks in a block', number);
    }
  }

  /**
   * Maps the shared area, from the end of the inodes to the first bytes that are not an attribute entry. Returns its
   * end.
   */
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

  /** Whether an attribute entry can begin here: zero bytes have no name, and a chunk address has no known prefix. */
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

  /** All ranges in order, with a gap between them where nothing is placed. */
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

/** Data in blocks from block `u` on, and the tail at `tailStart`; without `tailStart`, all data is in blocks. */
function piecesOf(size: number, u: number, tailStart: number | undefined): DataPiece[] {
  const tail = tailStart === undefined ? 0 : size % BLOCK;
  const pieces: DataPiece[] = [];
  for (let at = 0; at < size - tail; at += BLOCK) {
    const start = u * BLOCK + at;
    pieces.push({ start, size: Math.min(BLOCK, size - at), isTail: false });
  }
  if (tailStart !== undefined && tail > 0) pieces.push({ start: tailStart, size: tail, isTail: true });
  return pieces;
}

function textOf({ name, value }: MappedAttribute): string {
  return `${name}=${value}`;
}

/** The beginning of the names of the structures for its name and value. */
function attributeKind(attribute: MappedAttribute, marks: readonly string[], isRoot: boolean): string {
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
