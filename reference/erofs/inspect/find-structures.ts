/**
 * Which inodes an image has, and which bytes belong to which, found without trusting any of them.
 *
 * Each slot is taken for one inode only, so time and memory are in proportion to the size of the image.
 * @module
 */

import { ascii, type ByteString, byteString } from '../../bytes.ts';
import { limits } from '../limits.ts';
import { METACOPY } from '../overlay.ts';
import {
  BLOCK_SIZE,
  CHUNK_ENTRY_SIZE,
  COMPACT_SIZE,
  compact,
  EXTENDED_SIZE,
  extended,
  HEADER_MAGIC,
  header,
  INODES_AT,
  LAYOUT_CHUNKED,
  LAYOUT_INLINE,
  LAYOUT_PLAIN,
  LOG_BLOCK_SIZE,
  LOG_CHUNK_MIN,
  roundUp,
  SLOT_SIZE,
  SUPERBLOCK_AT,
  SUPERBLOCK_MAGIC,
  superblock,
  XATTR_BODY_HEAD,
} from '../structures.ts';
import { attributeAt, type Bytes, bodyAt, entriesAt } from './attributes.ts';
import { typeOf, types } from './field-descriptions.ts';

/** The numbers of an inode, and where its parts end. */
export interface RawInode {
  readonly at: number;
  readonly format: number;
  readonly mode: number;
  readonly size: number;
  readonly union: number;
  readonly number: number;
  readonly headEnd: number;
  readonly bodyEnd: number;
  /** Where what stands beside it ends: the last of its data, or chunk addresses. */
  readonly end: number;
  /** Data in whole blocks, without the rest of the last one. */
  readonly blocks: { readonly start: number; readonly end: number };
  /** Chunk addresses that stand in a block that nothing names. */
  readonly isSpilled: boolean;
}

/** An inode that was found, under its first name. */
export interface Found {
  readonly nid: number;
  readonly number: number;
  readonly parent: Found | undefined;
  /** Where its name stands; of no use for the root. */
  readonly nameStart: number;
  readonly nameEnd: number;
  /** Bytes of its path, 0 for the root. */
  readonly pathLength: number;
}

/** Bytes of one owner. */
export type Region =
  | { readonly kind: 'header' | 'superblock' | 'shared'; readonly at: number; readonly end: number }
  | { readonly kind: 'inode' | 'blocks'; readonly at: number; readonly end: number; readonly owner: Found };

/** What was found. */
export interface Survey {
  /** In order, without overlaps. */
  readonly regions: readonly Region[];
  readonly sharedAt: number;
  /** The byte after the last inode. */
  readonly inodesEnd: number;
  /** Inodes whose chunk addresses stand in blocks that nothing names, in order. */
  readonly spilled: readonly Found[];
  /** The inode that a path leads to, if one was asked for and is there. */
  readonly wanted: Found | undefined;
}

const ROOT = ascii('/');

/** Surveys `image`; `path` asks for one inode by any of its names. */
export function survey(image: Bytes, path?: ByteString): Survey {
  return new Surveyor(image, path).survey();
}

/** The full path of the first name of an inode. */
export function pathOf({ bytes }: Bytes, found: Found): ByteString {
  const names: string[] = [];
  for (let at: Found = found; at.parent !== undefined; at = at.parent) {
    names.push(byteString(bytes.subarray(at.nameStart, at.nameEnd)));
  }
  return names.length === 0 ? ROOT : (`/${names.reverse().join('/')}` as ByteString);
}

/** The inode at byte `at`, whose head is in the image. */
export function inodeAt(image: Bytes, at: number, sharedAt: number): RawInode {
  const { view } = image;
  const format = view.getUint16(at + compact.format, true);
  const isExtended = (format & 1) === 1;
  const layout = format >> 1;
  const mode = view.getUint16(at + compact.mode, true);
  const count = view.getUint16(at + compact.xattrCount, true);
  const size = isExtended
    ? Number(view.getBigUint64(at + extended.size, true))
    : view.getUint32(at + compact.size, true);
  const union = view.getUint32(at + compact.union, true);
  const headEnd = at + (isExtended ? EXTENDED_SIZE : COMPACT_SIZE);
  const bodyEnd = headEnd + (count === 0 ? 0 : XATTR_BODY_HEAD + 4 * (count - 1));
  const type = typeOf(mode);
  const hasData = type === types.directory || type === types.regular || type === types.symlink;
  const isPlain = hasData && (layout === LAYOUT_PLAIN || layout === LAYOUT_INLINE);
  const tail = isPlain && layout === LAYOUT_INLINE ? size % BLOCK_SIZE : 0;
  const inBlocks = isPlain ? size - tail : 0;
  const blocksAt = inBlocks === 0 ? 0 : union * BLOCK_SIZE;
  const isChunked = type === types.regular && layout === LAYOUT_CHUNKED;
  const chunks = isChunked ? chunkBytes(image, { headEnd, bodyEnd, size, union }, sharedAt) : 0;
  const isSpilled = chunks > 0 && crossesBlock(bodyEnd, chunks);
  return {
    at,
    format,
    mode,
    size,
    union,
    number: view.getUint32(at + compact.number, true),
    headEnd,
    bodyEnd,
    end: bodyEnd + tail + (isSpilled ? 0 : chunks),
    blocks: { start: blocksAt, end: blocksAt + inBlocks },
    isSpilled,
  };
}

function chunkBytes(
  image: Bytes,
  { headEnd, bodyEnd, size, union }: Pick<RawInode, 'headEnd' | 'bodyEnd' | 'size' | 'union'>,
  sharedAt: number,
): number {
  if (image.view.getUint32(header.composefsVersion, true) < 2) {
    return CHUNK_ENTRY_SIZE * Math.ceil(size / 2 ** ((union & 31) + LOG_CHUNK_MIN));
  }
  // Format v2: one where there is a digest, whatever the size.
  if (bodyEnd === headEnd || bodyEnd > image.bytes.length) return 0;
  const { inline, references } = bodyAt(image, headEnd, bodyEnd, sharedAt);
  const shared = references.map(at => attributeAt(image, at, image.bytes.length));
  const metacopy = [...inline, ...shared].find(attribute => attribute?.name === METACOPY);
  return metacopy === undefined || metacopy.valueEnd === metacopy.nameEnd ? 0 : CHUNK_ENTRY_SIZE;
}

function crossesBlock(at: number, size: number): boolean {
  return (at % BLOCK_SIZE) + size > BLOCK_SIZE;
}

class Surveyor {
  readonly #image: Bytes;
  readonly #path: ByteString | undefined;
  readonly #sharedAt: number;
  /** One byte a slot: 1 where it is taken. */
  readonly #taken: Uint8Array;
  readonly #found = new Map<number, Found>();
  readonly #regions: Region[] = [];
  /** Shared attributes that are referred to: where they begin and end. */
  readonly #shared = new Map<number, number>();
  #sharedSize = 0;
  readonly #spilled: Found[] = [];
  #inodesEnd = INODES_AT;
  #wanted: Found | undefined;

  constructor(image: Bytes, path: ByteString | undefined) {
    this.#image = image;
    this.#path = path;
    const { length } = image.bytes;
    this.#sharedAt =
      length < INODES_AT ? 0 : image.view.getUint32(SUPERBLOCK_AT + superblock.xattrBlock, true) * BLOCK_SIZE;
    this.#taken = new Uint8Array(Math.ceil(length / SLOT_SIZE));
  }

  survey(): Survey {
    const { length } = this.#image.bytes;
    this.#regions.push({ kind: 'header', at: 0, end: Math.min(length, 32) });
    if (length >= INODES_AT) {
      this.#regions.push({ kind: 'superblock', at: SUPERBLOCK_AT, end: INODES_AT });
      this.#taken.fill(1, 0, INODES_AT / SLOT_SIZE);
      if (this.#isErofs()) this.#walk();
    }
    for (const [at, end] of this.#shared) this.#regions.push({ kind: 'shared', at, end });
    const nid = (found: Found) => found.nid;
    return {
      regions: withoutOverlaps(this.#regions),
      sharedAt: this.#sharedAt,
      inodesEnd: this.#inodesEnd,
      spilled: this.#spilled.sort((a, b) => nid(a) - nid(b)),
      wanted: this.#wanted,
    };
  }

  /** Whether there is any sense in going on. */
  #isErofs(): boolean {
    const { view } = this.#image;
    return (
      view.getUint32(header.magic, true) === HEADER_MAGIC &&
      view.getUint32(SUPERBLOCK_AT + superblock.magic, true) === SUPERBLOCK_MAGIC &&
      view.getUint8(SUPERBLOCK_AT + superblock.logBlockSize) === LOG_BLOCK_SIZE
    );
  }

  /** Depth first, so that the name that an inode is found by is its first one. */
  #walk(): void {
    const { view } = this.#image;
    const rootNid = view.getUint16(SUPERBLOCK_AT + superblock.rootNid, true);
    const stack: Omit<Found, 'number'>[] = [
      { nid: rootNid, parent: undefined, nameStart: 0, nameEnd: 0, pathLength: 0 },
    ];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const known = this.#found.get(next.nid);
      const found = known ?? this.#enter(next, stack);
      if (found !== undefined && this.#path !== undefined && this.#wanted === undefined) {
        const isSoLong = Math.max(1, next.pathLength) === this.#path.length;
        if (isSoLong && pathOf(this.#image, { ...next, number: 0 }) === this.#path) this.#wanted = found;
      }
    }
  }

  /** Takes the bytes of an inode, and its children on the stack; undefined where it is not in the image. */
  #enter(next: Omit<Found, 'number'>, stack: Omit<Found, 'number'>[]): Found | undefined {
    const { length } = this.#image.bytes;
    const at = next.nid * SLOT_SIZE;
    if (at < INODES_AT || at + COMPACT_SIZE > length) return undefined;
    const isExtended = (this.#image.view.getUint16(at + compact.format, true) & 1) === 1;
    if (isExtended && at + EXTENDED_SIZE > length) return undefined;
    const raw = inodeAt(this.#image, at, this.#sharedAt);
    // As much as is free: a broken inode may claim what is another's.
    const end = [raw.end, raw.bodyEnd, raw.headEnd].find(end => this.#take(at, end));
    if (end === undefined) return undefined;
    const found = { ...next, number: raw.number };
    this.#found.set(next.nid, found);
    this.#regions.push({ kind: 'inode', at, end, owner: found });
    this.#inodesEnd = Math.max(this.#inodesEnd, end);
    if (raw.isSpilled) this.#spilled.push(found);
    if (end >= raw.bodyEnd && raw.bodyEnd > raw.headEnd) this.#noteShared(raw);
    const pieces = end === raw.end && end > raw.bodyEnd ? [{ start: raw.bodyEnd, end }] : [];
    const { blocks } = raw;
    const blocksEnd = roundUp(blocks.end, BLOCK_SIZE);
    if (blocks.end > blocks.start && this.#take(blocks.start, blocksEnd)) {
      this.#regions.push({ kind: 'blocks', at: blocks.start, end: blocksEnd, owner: found });
      pieces.unshift(blocks);
    }
    if (typeOf(raw.mode) === types.directory) this.#push(found, pieces, stack);
    return found;
  }

  #push(
    parent: Found,
    pieces: readonly { readonly start: number; readonly end: number }[],
    stack: Omit<Found, 'number'>[],
  ): void {
    const children: Omit<Found, 'number'>[] = [];
    for (const piece of pieces) {
      for (let start = piece.start; start < piece.end; start += BLOCK_SIZE) {
        const end = Math.min(start + BLOCK_SIZE, piece.end);
        for (const { nid, name } of entriesAt(this.#image, start, end)) {
          if (name === undefined || this.#isDots(name)) continue;
          const pathLength = parent.pathLength + 1 + name.end - name.start;
          // No reader takes a longer one, and to print it with all below it would take very long.
          if (pathLength > limits.path) continue;
          children.push({ nid, parent, nameStart: name.start, nameEnd: name.end, pathLength });
        }
      }
    }
    for (const child of children.reverse()) stack.push(child);
  }

  #isDots({ start, end }: { readonly start: number; readonly end: number }): boolean {
    const { bytes } = this.#image;
    return end - start <= 2 && bytes.subarray(start, end).every(byte => byte === 0x2e);
  }

  #noteShared({ headEnd, bodyEnd }: RawInode): void {
    const { references } = bodyAt(this.#image, headEnd, bodyEnd, this.#sharedAt);
    for (const at of references) {
      // More than there are bytes: some overlap, and are not shown anyway.
      if (this.#shared.has(at) || this.#sharedSize > this.#image.bytes.length) continue;
      const attribute = attributeAt(this.#image, at, this.#image.bytes.length);
      if (attribute === undefined) continue;
      this.#shared.set(at, attribute.end);
      this.#sharedSize += attribute.end - at;
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

/** In order of offset; of two that overlap, the first. */
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
