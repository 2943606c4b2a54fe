/**
 * What every byte of a well-formed image of format v1 is, for failure messages: a decoder of expected images,
 * which shares nothing with the reader that the images test. It trusts its input.
 * @module
 */

import { type ByteString, byteString, printable } from '../../reference/bytes.ts';

const BLOCK = 4096;
const SLOT = 32;
const SUPERBLOCK = 1024;

/** How the value of a field is shown. */
export type Shown = 'decimal' | 'octal' | 'hex' | 'text' | 'bytes';

/** A run of bytes with a name. */
export interface Field {
  readonly start: number;
  readonly size: number;
  /** The structure: `superblock`, `inode 12 /etc/passwd`. */
  readonly where: string;
  readonly name: string;
  readonly shown: Shown;
}

type Layout = readonly (readonly [name: string, size: number, shown?: Shown])[];

const header: Layout = [
  ['magic', 4, 'hex'],
  ['version', 4],
  ['flags', 4, 'hex'],
  ['composefs_version', 4],
  ['unused', 16, 'bytes'],
];

const superblock: Layout = [
  ['magic', 4, 'hex'],
  ['checksum', 4, 'hex'],
  ['feature_compat', 4, 'hex'],
  ['blkszbits', 1],
  ['sb_extslots', 1],
  ['root_nid', 2],
  ['inos', 8],
  ['build_time', 8],
  ['build_time_nsec', 4],
  ['blocks', 4],
  ['meta_blkaddr', 4],
  ['xattr_blkaddr', 4],
  ['uuid', 16, 'bytes'],
  ['volume_name', 16, 'bytes'],
  ['feature_incompat', 4, 'hex'],
  ['reserved', 44, 'bytes'],
];

const compactInode: Layout = [
  ['i_format', 2],
  ['i_xattr_icount', 2],
  ['i_mode', 2, 'octal'],
  ['i_nlink', 2],
  ['i_size', 4],
  ['i_reserved', 4],
  ['i_u', 4],
  ['i_ino', 4],
  ['i_uid', 2],
  ['i_gid', 2],
  ['i_reserved2', 4],
];

const extendedInode: Layout = [
  ['i_format', 2],
  ['i_xattr_icount', 2],
  ['i_mode', 2, 'octal'],
  ['i_reserved', 2],
  ['i_size', 8],
  ['i_u', 4],
  ['i_ino', 4],
  ['i_uid', 4],
  ['i_gid', 4],
  ['i_mtime', 8],
  ['i_mtime_nsec', 4],
  ['i_nlink', 4],
  ['i_reserved2', 16, 'bytes'],
];

const xattrHeader: Layout = [
  ['h_name_filter', 4, 'hex'],
  ['h_shared_count', 1],
  ['h_reserved', 7, 'bytes'],
];

const xattrEntry: Layout = [
  ['e_name_len', 1],
  ['e_name_index', 1],
  ['e_value_size', 2],
];

const dirent: Layout = [
  ['nid', 8],
  ['nameoff', 2],
  ['file_type', 1],
  ['reserved', 1],
];

const prefixes = [
  '',
  'user.',
  'system.posix_acl_access',
  'system.posix_acl_default',
  'trusted.',
  'lustre.',
  'security.',
];

/** The fields of `image`, which is well-formed, in order of offset; every byte is in exactly one. */
export function erofsFields(image: Uint8Array): Field[] {
  return new Decoder(image).fields();
}

/** The field that holds `offset`. */
export function fieldAt(fields: readonly Field[], offset: number): Field | undefined {
  return fields.find(({ start, size }) => offset >= start && offset < start + size);
}

class Decoder {
  readonly #image: Uint8Array;
  readonly #view: DataView;
  readonly #fields: Field[] = [];
  /** Blocks of data that an inode names. */
  readonly #blocks = new Set<number>();
  /** Inodes whose chunk array did not fit beside them. */
  readonly #spilled: string[] = [];
  #inodesEnd = 0;

  constructor(image: Uint8Array) {
    this.#image = image;
    this.#view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  }

  fields(): Field[] {
    this.#layout(0, 'composefs header', header);
    this.#layout(SUPERBLOCK, 'superblock', superblock);
    this.#inodes(this.#view.getUint16(SUPERBLOCK + 14, true));
    this.#spilledChunks(this.#sharedXattrs());
    return this.#withGaps();
  }

  /** Every inode that the root reaches; an inode is called by the first name that leads to it. */
  #inodes(rootNid: number): void {
    const seen = new Set([rootNid]);
    const queue = [{ nid: rootNid, path: '/' as ByteString }];
    for (let found = queue.shift(); found !== undefined; found = queue.shift()) {
      for (const { name, nid } of this.#inode(found.nid, found.path)) {
        if (seen.has(nid)) continue;
        seen.add(nid);
        const path = `${found.path === '/' ? '' : found.path}/${name}` as ByteString;
        queue.push({ nid, path });
      }
    }
  }

  /** Notes the fields of one inode. Gives the entries of a directory, without `.` and `..`. */
  #inode(nid: number, path: ByteString): { name: ByteString; nid: number }[] {
    const start = nid * SLOT;
    const format = this.#view.getUint16(start, true);
    const extended = (format & 1) === 1;
    const layout = format >> 1;
    const icount = this.#view.getUint16(start + 2, true);
    const type = this.#view.getUint16(start + 4, true) & 0o170000;
    const size = extended
      ? Number(this.#view.getBigUint64(start + 8, true))
      : this.#view.getUint32(start + 8, true);
    const u = this.#view.getUint32(start + 16, true);
    const where = `inode ${this.#view.getUint32(start + 20, true)} ${printable(path)}`;
    const end = this.#layout(start, where, extended ? extendedInode : compactInode);
    const tail = icount === 0 ? end : this.#xattrs(end, where, icount);
    const isDirectory = type === 0o040000;
    const hasData = isDirectory || type === 0o100000 || type === 0o120000;
    this.#inodesEnd = Math.max(this.#inodesEnd, tail);
    if (!hasData || size === 0) return [];
    if (layout === 4) {
      this.#chunks(tail, where, size, u);
      return [];
    }
    const inline = layout === 2 ? size % BLOCK : 0;
    const pieces: { start: number; size: number; at: number }[] = [];
    for (let at = 0; at < size - inline; at += BLOCK) {
      const block = u + at / BLOCK;
      this.#blocks.add(block);
      pieces.push({ start: block * BLOCK, size: Math.min(BLOCK, size - at), at });
    }
    if (inline > 0) pieces.push({ start: tail, size: inline, at: size - inline });
    this.#inodesEnd = Math.max(this.#inodesEnd, tail + inline);
    if (isDirectory) {
      return pieces.flatMap(piece => this.#directoryBlock(piece.start, piece.size, where));
    }
    for (const piece of pieces) {
      const name = type === 0o120000 ? 'target' : `content from byte ${piece.at}`;
      this.#add(piece.start, piece.size, where, name, type === 0o120000 ? 'text' : 'bytes');
      const end = piece.start + piece.size;
      if (piece.start !== tail) this.#add(end, -end & (BLOCK - 1), where, 'rest of the block', 'bytes');
    }
    return [];
  }

  /** The chunk array, if it is beside the inode: where it would cross a block it is in a data block instead. */
  #chunks(start: number, where: string, size: number, u: number): void {
    const count = Math.ceil(size / 2 ** ((u & 31) + 12));
    if (Math.floor(start / BLOCK) !== Math.floor((start + 4 * count - 1) / BLOCK)) {
      this.#spilled.push(where);
      return;
    }
    for (let i = 0; i < count; i++) this.#add(start + 4 * i, 4, where, `chunk ${i}`, 'hex');
    this.#inodesEnd = Math.max(this.#inodesEnd, start + 4 * count);
  }

  /** Chunk arrays in data blocks, which nothing names: the blocks that no inode has, in the order of the inodes. */
  #spilledChunks(sharedEnd: number): void {
    let block = Math.ceil(sharedEnd / BLOCK);
    for (const where of this.#spilled) {
      while (this.#blocks.has(block)) block++;
      this.#add(block++ * BLOCK, BLOCK, where, 'chunks', 'bytes');
    }
  }

  #xattrs(start: number, where: string, icount: number): number {
    const end = start + 12 + 4 * (icount - 1);
    let at = this.#layout(start, where, xattrHeader);
    const shared = this.#view.getUint8(start + 4);
    for (let i = 0; i < shared; i++, at += 4) {
      this.#add(at, 4, where, `shared xattr reference ${i}`, 'decimal');
    }
    while (at < end) at = this.#xattr(at, where);
    return end;
  }

  /** The table of shared xattrs, from the end of the inodes to the first bytes that are no entry. Gives its end. */
  #sharedXattrs(): number {
    let at = Math.ceil(this.#inodesEnd / SLOT) * SLOT;
    const end = Math.min(this.#image.length, ...[...this.#blocks].map(block => block * BLOCK));
    while (at < end && this.#isXattr(at)) at = this.#xattr(at, 'shared xattrs');
    return at;
  }

  /** Whether an entry can begin so: padding has no name, and a chunk array no prefix. */
  #isXattr(start: number): boolean {
    const index = this.#view.getUint8(start + 1);
    return index < prefixes.length && (index > 0 || this.#view.getUint8(start) > 0);
  }

  #xattr(start: number, where: string): number {
    const nameSize = this.#view.getUint8(start);
    const valueSize = this.#view.getUint16(start + 2, true);
    const prefix = prefixes[this.#view.getUint8(start + 1)] ?? '';
    const name = this.#text(start + 4, nameSize);
    const owner = `${where}, xattr ${prefix}${printable(name)}`;
    const names = this.#layout(start, owner, xattrEntry);
    this.#add(names, nameSize, owner, 'name', 'text');
    this.#add(names + nameSize, valueSize, owner, 'value', 'bytes');
    const end = names + nameSize + valueSize;
    const next = Math.ceil(end / 4) * 4;
    this.#add(end, next - end, owner, 'padding', 'bytes');
    return next;
  }

  #directoryBlock(start: number, size: number, where: string): { name: ByteString; nid: number }[] {
    const firstName = this.#view.getUint16(start + 8, true);
    const count = firstName / 12;
    const children: { name: ByteString; nid: number }[] = [];
    for (let i = 0; i < count; i++) {
      const at = start + 12 * i;
      const from = this.#view.getUint16(at + 8, true);
      const to =
        i + 1 < count
          ? this.#view.getUint16(at + 20, true)
          : this.#endOfNames(start + from, start + size) - start;
      const name = this.#text(start + from, to - from);
      const owner = `${where}, entry ${printable(name)}`;
      this.#layout(at, owner, dirent);
      this.#add(start + from, to - from, owner, 'name', 'text');
      if (name !== '.' && name !== '..') {
        children.push({ name, nid: Number(this.#view.getBigUint64(at, true)) });
      }
      if (i + 1 === count) this.#add(start + to, size - to, where, 'rest of the directory block', 'bytes');
    }
    return children;
  }

  /** The last name ends at the first NUL, or at the end of the block. */
  #endOfNames(from: number, end: number): number {
    const nul = this.#image.subarray(from, end).indexOf(0);
    return nul < 0 ? end : from + nul;
  }

  #layout(start: number, where: string, layout: Layout): number {
    let at = start;
    for (const [name, size, shown = 'decimal'] of layout) {
      this.#add(at, size, where, name, shown);
      at += size;
    }
    return at;
  }

  #add(start: number, size: number, where: string, name: string, shown: Shown): void {
    if (size > 0) this.#fields.push({ start, size, where, name, shown });
  }

  #text(start: number, size: number): ByteString {
    return byteString(this.#image.subarray(start, start + size));
  }

  /** The fields in order, and what lies between them. */
  #withGaps(): Field[] {
    const all: Field[] = [];
    let at = 0;
    for (const field of this.#fields.sort((a, b) => a.start - b.start)) {
      if (field.start > at) all.push(gap(at, field.start, `padding before ${field.where}`));
      all.push(field);
      at = Math.max(at, field.start + field.size);
    }
    if (at < this.#image.length) all.push(gap(at, this.#image.length, 'padding at the end'));
    return all;
  }
}

function gap(start: number, end: number, name: string): Field {
  return { start, size: end - start, where: '', name, shown: 'bytes' };
}
