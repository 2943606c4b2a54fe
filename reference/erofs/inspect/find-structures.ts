/**
 * Finds the inodes of an image, and which bytes belong to which of them, without trusting any of the bytes.
 *
 * Each slot is taken for at most one inode, so time and memory are proportional to the size of the image.
 * @module
 */

import { ascii, type ByteString, byteString } from '../../bytes.ts';
import { limits } from '../limits.ts';
import {
  BLOCK_SIZE,
  COMPACT_SIZE,
  compact,
  EXTENDED_SIZE,
  FORMAT_EXTENDED,
  HEADER_MAGIC,
  HEADER_SIZE,
  header,
  INODES_AT,
  LOG_BLOCK_SIZE,
  roundUp,
  SLOT_SIZE,
  SUPERBLOCK_AT,
  SUPERBLOCK_MAGIC,
  superblock,
} from '../structures.ts';
import { entriesAt } from './directory.ts';
import type { ImageBytes } from './image-bytes.ts';
import { inodeAt, isDirectory, type UncheckedInode } from './inode.ts';
import { xattrAt, xattrBodyAt } from './xattrs.ts';

/** An inode that was found, under its first name. */
export interface FoundInode {
  readonly nid: number;
  readonly number: number;
  readonly parent: FoundInode | undefined;
  /** Where its name is; not used for the root. */
  readonly nameStart: number;
  readonly nameEnd: number;
  /** Length of its path, 0 for the root. */
  readonly pathLength: number;
}

/** An inode before its form is read. */
type InodeReference = Omit<FoundInode, 'number'>;

/** Bytes that belong together. */
export type Region =
  | { readonly kind: 'header' | 'superblock' | 'shared'; readonly at: number; readonly end: number }
  | {
      readonly kind: 'inode' | 'blocks';
      readonly at: number;
      readonly end: number;
      readonly owner: FoundInode;
    };

/** The structures of an image. */
export interface FoundStructures {
  /** In order of offset, without overlaps. */
  readonly regions: readonly Region[];
  readonly sharedAt: number;
  /** The byte after the last inode. */
  readonly inodesEnd: number;
  /** Inodes whose chunk addresses are in a block of their own, to which no field points, in order of nid. */
  readonly chunkBlockOwners: readonly FoundInode[];
  /** The inode at the requested path; undefined if none was requested or found. */
  readonly requested: FoundInode | undefined;
}

const ROOT = ascii('/');
const DOT = 0x2e;

/** Finds the structures of `image`. `path` requests the inode that has it as any of its names. */
export function findStructures(image: ImageBytes, path?: ByteString): FoundStructures {
  return new StructureFinder(image, path).find();
}

/** The path of an inode by its first name. */
export function pathOf({ bytes }: ImageBytes, inode: Omit<FoundInode, 'number'>): ByteString {
  const names: string[] = [];
  for (let at = inode; at.parent !== undefined; at = at.parent) {
    names.push(byteString(bytes.subarray(at.nameStart, at.nameEnd)));
  }
  return names.length === 0 ? ROOT : (`/${names.reverse().join('/')}` as ByteString);
}

class StructureFinder {
  readonly #image: ImageBytes;
  readonly #path: ByteString | undefined;
  readonly #sharedAt: number;
  /** One byte per slot: 1 if it is taken. */
  readonly #taken: Uint8Array;
  readonly #inodes = new Map<number, FoundInode>();
  readonly #regions: Region[] = [];
  /** Start and end of each shared attribute that an inode refers to. */
  readonly #shared = new Map<number, number>();
  /** Total size of #shared. */
  #sharedSize = 0;
  readonly #chunkBlockOwners: FoundInode[] = [];
  #inodesEnd = INODES_AT;
  #requested: FoundInode | undefined;

  constructor(image: ImageBytes, path: ByteString | undefined) {
    this.#image = image;
    this.#path = path;
    const { length } = image.bytes;
    this.#sharedAt =
      length < INODES_AT
        ? 0
        : image.view.getUint32(SUPERBLOCK_AT + superblock.xattr_blkaddr, true) * BLOCK_SIZE;
    this.#taken = new Uint8Array(Math.ceil(length / SLOT_SIZE));
  }

  find(): FoundStructures {
    const { length } = this.#image.bytes;
    this.#regions.push({ kind: 'header', at: 0, end: Math.min(length, HEADER_SIZE) });
    if (length >= INODES_AT) {
      this.#regions.push({ kind: 'superblock', at: SUPERBLOCK_AT, end: INODES_AT });
      this.#taken.fill(1, 0, INODES_AT / SLOT_SIZE);
      if (this.#isComposefs()) this.#findInodes();
    }
    for (const [at, end] of this.#shared) this.#regions.push({ kind: 'shared', at, end });
    return {
      regions: withoutOverlaps(this.#regions),
      sharedAt: this.#sharedAt,
      inodesEnd: this.#inodesEnd,
      chunkBlockOwners: this.#chunkBlockOwners.sort((a, b) => a.nid - b.nid),
      requested: this.#requested,
    };
  }

  /** Whether inodes can be looked for at all. */
  #isComposefs(): boolean {
    const { view } = this.#image;
    return (
      view.getUint32(header.magic, true) === HEADER_MAGIC &&
      view.getUint32(SUPERBLOCK_AT + superblock.magic, true) === SUPERBLOCK_MAGIC &&
      view.getUint8(SUPERBLOCK_AT + superblock.blkszbits) === LOG_BLOCK_SIZE
    );
  }

  /** Depth first, so that each inode is found under its first name. */
  #findInodes(): void {
    const { view } = this.#image;
    const nid = view.getUint16(SUPERBLOCK_AT + superblock.root_nid, true);
    const stack: InodeReference[] = [{ nid, parent: undefined, nameStart: 0, nameEnd: 0, pathLength: 0 }];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const inode = this.#inodes.get(next.nid) ?? this.#takeInode(next, stack);
      if (inode !== undefined && this.#requested === undefined && this.#hasRequestedPath(next)) {
        this.#requested = inode;
      }
    }
  }

  #hasRequestedPath(reference: InodeReference): boolean {
    // The root has a path of one byte, and a length of 0. Lengths are compared first: a path takes time to build.
    return (
      this.#path !== undefined &&
      Math.max(1, reference.pathLength) === this.#path.length &&
      pathOf(this.#image, reference) === this.#path
    );
  }

  /** Takes the bytes of an inode, and pushes its children on `stack`; undefined if it is not in the image. */
  #takeInode(reference: InodeReference, stack: InodeReference[]): FoundInode | undefined {
    const { length } = this.#image.bytes;
    const at = reference.nid * SLOT_SIZE;
    if (at < INODES_AT || at + COMPACT_SIZE > length) return undefined;
    const format = this.#image.view.getUint16(at + compact.i_format, true);
    if ((format & FORMAT_EXTENDED) !== 0 && at + EXTENDED_SIZE > length) return undefined;
    const unchecked = inodeAt(this.#image, at, this.#sharedAt);
    const { blocks, bodyEnd, formEnd } = unchecked;
    // As many of its parts as are free: a broken inode may claim bytes of another one.
    const end = [unchecked.end, bodyEnd, formEnd].find(end => this.#take(at, end));
    if (end === undefined) return undefined;
    const inode = { ...reference, number: unchecked.number };
    this.#inodes.set(reference.nid, inode);
    this.#regions.push({ kind: 'inode', at, end, owner: inode });
    this.#inodesEnd = Math.max(this.#inodesEnd, end);
    if (unchecked.hasChunkBlock) this.#chunkBlockOwners.push(inode);
    if (end >= bodyEnd && bodyEnd > formEnd) this.#noteShared(unchecked);
    const pieces = end === unchecked.end && end > bodyEnd ? [{ start: bodyEnd, end }] : [];
    const blocksEnd = roundUp(blocks.end, BLOCK_SIZE);
    if (blocks.end > blocks.start && this.#take(blocks.start, blocksEnd)) {
      this.#regions.push({ kind: 'blocks', at: blocks.start, end: blocksEnd, owner: inode });
      pieces.unshift(blocks);
    }
    if (isDirectory(unchecked)) this.#pushChildren(inode, pieces, stack);
    return inode;
  }

  #pushChildren(
    parent: FoundInode,
    pieces: readonly { readonly start: number; readonly end: number }[],
    stack: InodeReference[],
  ): void {
    const children: InodeReference[] = [];
    for (const piece of pieces) {
      for (let start = piece.start; start < piece.end; start += BLOCK_SIZE) {
        const end = Math.min(start + BLOCK_SIZE, piece.end);
        for (const { nid, name } of entriesAt(this.#image, start, end)) {
          if (name === undefined || this.#isDots(name)) continue;
          const pathLength = parent.pathLength + 1 + name.end - name.start;
          // Readers reject longer paths, and printing one for every inode below it would take very long.
          if (pathLength > limits.path) continue;
          children.push({ nid, parent, nameStart: name.start, nameEnd: name.end, pathLength });
        }
      }
    }
    for (const child of children.reverse()) stack.push(child);
  }

  /** Whether a name is `.` or `..`. */
  #isDots({ start, end }: { readonly start: number; readonly end: number }): boolean {
    const { bytes } = this.#image;
    return end - start <= 2 && bytes.subarray(start, end).every(byte => byte === DOT);
  }

  #noteShared({ formEnd, bodyEnd }: UncheckedInode): void {
    const { references } = xattrBodyAt(this.#image, formEnd, bodyEnd, this.#sharedAt);
    for (const at of references) {
      // If they are larger than the image, some overlap, and those are not shown anyway.
      if (this.#shared.has(at) || this.#sharedSize > this.#image.bytes.length) continue;
      const xattr = xattrAt(this.#image, at, this.#image.bytes.length);
      if (xattr === undefined) continue;
      this.#shared.set(at, xattr.end);
      this.#sharedSize += xattr.end - at;
    }
  }

  /** Takes the slots from `start` to `end` if they are in the image and free. */
  #take(start: number, end: number): boolean {
    if (end > this.#image.bytes.length) return false;
    const first = start / SLOT_SIZE;
    const last = Math.ceil(end / SLOT_SIZE);
    if (this.#taken.subarray(first, last).includes(1)) return false;
    this.#taken.fill(1, first, last);
    return true;
  }
}

/** In order of offset. A region that overlaps an earlier one is left out. */
function withoutOverlaps(regions: Region[]): Region[] {
  let end = 0;
  return regions
    .sort((a, b) => a.at - b.at)
    .filter(region => {
      if (region.at < end) return false;
      end = region.end;
      return true;
    });
}
