/**
 * Decodes the structures in each region of an image, field by field.
 * @module
 */

import { type ByteString, byteString, bytesOf, hex, printable } from '../../bytes.ts';
import { METACOPY, metacopyDigest } from '../overlay.ts';
import {
  BLOCK_SIZE,
  CHUNK_BASED,
  CHUNK_ENTRY_SIZE,
  DIRENT_SIZE,
  FORMAT_EXTENDED,
  roundUp,
  SLOT_SIZE,
  XATTR_BODY_HEAD,
  XATTR_ENTRY_HEAD,
  XATTR_REFERENCE_SIZE,
} from '../structures.ts';
import { entriesAt } from './directory.ts';
import {
  compactDescription,
  direntDescription,
  extendedDescription,
  type FieldDescription,
  headerDescription,
  type InodeContext,
  offsetText,
  type Shown,
  superblockDescription,
  xattrBodyDescription,
  xattrEntryDescription,
} from './field-descriptions.ts';
import { type FoundInode, type FoundStructures, pathOf, type Region } from './find-structures.ts';
import type { ImageBytes } from './image-bytes.ts';
import { inodeAt, isDirectory, isSymlink, type UncheckedInode } from './inode.ts';
import { mayBeginXattr, type UncheckedXattr, xattrAt, xattrBodyAt } from './xattrs.ts';

/** One field. */
export interface InspectedField {
  readonly at: number;
  readonly size: number;
  readonly name: string;
  readonly shown: Shown;
  /** What its value means, if that is not obvious. */
  readonly meaning?: string;
}

/** One structure: its fields are all its bytes, in order. */
export interface InspectedStructure {
  readonly kind: string;
  /** The inode that it belongs to: its number, as the image stores it, and its first name. */
  readonly inode?: number;
  readonly path?: ByteString;
  /** Which part of that inode it is: `entry etc`, `xattr user.key`. */
  readonly part?: string;
  readonly fields: readonly InspectedField[];
}

/** Longer gaps are divided into several structures. */
const LONGEST_GAP = 65536;

/** The inode that a structure belongs to, if any. */
type StructureOwner = Pick<InspectedStructure, 'inode' | 'path'>;

/** Every structure that was found in `image`, in order of offset. Together they contain each byte exactly once. */
export function* decodeStructures(image: ImageBytes, found: FoundStructures): Generator<InspectedStructure> {
  const decoder = new Decoder(image, found);
  let at = 0;
  let last: Region['kind'] = 'header';
  for (const region of found.regions) {
    yield* decoder.between(at, region.at, last);
    yield* decoder.region(region);
    at = region.end;
    last = region.kind;
  }
  yield* decoder.between(at, image.bytes.length, last);
}

class Decoder {
  readonly #image: ImageBytes;
  readonly #found: FoundStructures;
  /** Where the shared area begins. */
  readonly #sharedFrom: number;
  /** Inodes whose chunk block was not met yet. */
  readonly #chunkBlockOwners: FoundInode[];

  constructor(image: ImageBytes, found: FoundStructures) {
    this.#image = image;
    this.#found = found;
    this.#sharedFrom = roundUp(found.inodesEnd, SLOT_SIZE);
    this.#chunkBlockOwners = [...found.chunkBlockOwners];
  }

  *region(region: Region): Generator<InspectedStructure> {
    const { at, end } = region;
    switch (region.kind) {
      case 'header':
        return yield* this.#fixed('composefs header', at, end, headerDescription);
      case 'superblock':
        return yield* this.#fixed('superblock', at, end, superblockDescription);
      case 'shared': {
        const xattr = xattrAt(this.#image, at, end);
        if (xattr !== undefined) yield* this.#xattr(xattr, {}, 'shared xattr');
        return;
      }
      case 'inode':
        return yield* this.#inode(region.owner, at, end);
      case 'blocks': {
        const owner = this.#ownerOf(region.owner);
        const inode = inodeAt(this.#image, region.owner.nid * SLOT_SIZE, this.#found.sharedAt);
        yield* this.#data(inode, owner, { start: at, end: inode.blocks.end, isBlocks: true });
        return;
      }
    }
  }

  /** What belongs to no region: shared attributes without references, chunk blocks, and gaps. */
  *between(start: number, end: number, last: Region['kind']): Generator<InspectedStructure> {
    let at = start;
    const from = last === 'shared' ? start : this.#sharedFrom;
    if (last !== 'blocks' && from >= start && from < end && this.#found.inodesEnd <= from) {
      let xattr = this.#unreferencedXattr(from, end);
      if (xattr !== undefined) yield* this.#gap(at, from);
      for (; xattr !== undefined; xattr = this.#unreferencedXattr(at, end)) {
        yield* this.#xattr(xattr, {}, 'shared xattr');
        at = xattr.end;
      }
    }
    for (let block = roundUp(at, BLOCK_SIZE); block + BLOCK_SIZE <= end; block += BLOCK_SIZE) {
      const owner = this.#chunkBlockOwners[0];
      if (owner === undefined || !this.#isAll(0xff, block, block + BLOCK_SIZE)) break;
      this.#chunkBlockOwners.shift();
      yield* this.#gap(at, block);
      yield structure('chunks in a block', this.#ownerOf(owner), [
        field(block, BLOCK_SIZE, 'chunks', 'bytes'),
      ]);
      at = block + BLOCK_SIZE;
    }
    yield* this.#gap(at, end);
  }

  #unreferencedXattr(at: number, end: number): UncheckedXattr | undefined {
    if (at + XATTR_ENTRY_HEAD > end || !mayBeginXattr(this.#image, at)) return undefined;
    return xattrAt(this.#image, at, end);
  }

  *#gap(start: number, end: number, owner: StructureOwner = {}, kind = 'gap'): Generator<InspectedStructure> {
    for (let at = start; at < end; at += LONGEST_GAP) {
      const size = Math.min(LONGEST_GAP, end - at);
      const name = this.#isAll(0, at, at + size) ? 'zero' : 'unknown';
      yield structure(kind, owner, [field(at, size, name, 'bytes')]);
    }
  }

  #isAll(value: number, start: number, end: number): boolean {
    return this.#image.bytes.subarray(start, end).every(byte => byte === value);
  }

  /** A structure of fixed size. If the bytes end before it does: the fields that are complete, and a gap. */
  *#fixed(
    kind: string,
    at: number,
    end: number,
    descriptions: readonly FieldDescription[],
    context: InodeContext = {},
    owner: StructureOwner = {},
    part?: string,
  ): Generator<InspectedStructure> {
    const fields: InspectedField[] = [];
    let next = at;
    for (const { name, size, shown, meaning } of descriptions) {
      if (next + size > end) break;
      fields.push(field(next, size, name, shown, meaning?.(this.#number(next, size), context)));
      next += size;
    }
    if (fields.length > 0) yield structure(kind, owner, fields, part);
    yield* this.#gap(next, end, owner);
  }

  *#inode(found: FoundInode, at: number, end: number): Generator<InspectedStructure> {
    const inode = inodeAt(this.#image, at, this.#found.sharedAt);
    const owner = this.#ownerOf(found);
    const { format, mode, blocks, formEnd, bodyEnd } = inode;
    const isExtended = (format & FORMAT_EXTENDED) !== 0;
    const kind = isExtended ? 'extended inode' : 'compact inode';
    const descriptions = isExtended ? extendedDescription : compactDescription;
    const context = { format, mode, hasBlocks: blocks.end > blocks.start };
    yield* this.#fixed(kind, at, formEnd, descriptions, context, owner);
    if (end >= bodyEnd && bodyEnd > formEnd) yield* this.#xattrBody(inode, owner);
    if (end <= bodyEnd) return;
    if (format >> 1 === CHUNK_BASED) yield this.#chunks(bodyEnd, end, owner);
    else yield* this.#data(inode, owner, { start: bodyEnd, end, isBlocks: false });
  }

  *#xattrBody({ formEnd, bodyEnd }: UncheckedInode, owner: StructureOwner): Generator<InspectedStructure> {
    const headEnd = formEnd + XATTR_BODY_HEAD;
    yield* this.#fixed('attribute body', formEnd, headEnd, xattrBodyDescription, {}, owner);
    const { references, inline, known } = xattrBodyAt(this.#image, formEnd, bodyEnd, this.#found.sharedAt);
    if (references.length > 0) {
      const fields = references.map((target, i) => {
        const at = headEnd + i * XATTR_REFERENCE_SIZE;
        const name = `shared xattr reference ${i}`;
        return field(at, XATTR_REFERENCE_SIZE, name, 'decimal', this.#referenceMeaning(target));
      });
      yield structure('attribute references', owner, fields);
    }
    for (const xattr of inline) yield* this.#xattr(xattr, owner, 'xattr');
    yield* this.#gap(known, bodyEnd, owner);
  }

  #referenceMeaning(target: number): string {
    const xattr = xattrAt(this.#image, target, this.#image.bytes.length);
    return xattr === undefined
      ? `at ${offsetText(target)}, where there is no attribute`
      : `at ${offsetText(target)}: ${printable(xattr.name)}`;
  }

  *#xattr(xattr: UncheckedXattr, owner: StructureOwner, part: string): Generator<InspectedStructure> {
    const { at, name, nameEnd, valueEnd, end } = xattr;
    const nameAt = at + XATTR_ENTRY_HEAD;
    const fields: InspectedField[] = [];
    for (const { fields: head } of this.#fixed('', at, nameAt, xattrEntryDescription)) fields.push(...head);
    if (nameEnd > nameAt) fields.push(field(nameAt, nameEnd - nameAt, 'name', 'text'));
    if (valueEnd > nameEnd) {
      fields.push(field(nameEnd, valueEnd - nameEnd, 'value', 'bytes', this.#valueMeaning(xattr)));
    }
    if (end > valueEnd) {
      const padding = this.#isAll(0, valueEnd, end) ? 'zero' : 'unknown';
      fields.push(field(valueEnd, end - valueEnd, padding, 'bytes'));
    }
    yield structure('attribute', owner, fields, `${part} ${printable(name)}`);
  }

  #valueMeaning({ name, nameEnd, valueEnd }: UncheckedXattr): string | undefined {
    const bytes = this.#image.bytes.subarray(nameEnd, valueEnd);
    const digest = name === METACOPY ? metacopyDigest(byteString(bytes)) : undefined;
    if (digest !== undefined && digest !== 'none') {
      return `fs-verity digest ${digest.length === 32 ? 'sha256' : 'sha512'} ${hex(bytesOf(digest))}`;
    }
    return bytes.every(byte => byte >= 0x20 && byte <= 0x7e)
      ? `"${printable(byteString(bytes))}"`
      : undefined;
  }

  #chunks(start: number, end: number, owner: StructureOwner): InspectedStructure {
    const fields: InspectedField[] = [];
    for (let at = start, i = 0; at < end; at += CHUNK_ENTRY_SIZE, i++) {
      const isHole = this.#isAll(0xff, at, at + CHUNK_ENTRY_SIZE);
      fields.push(field(at, CHUNK_ENTRY_SIZE, `chunk ${i}`, 'hex', isHole ? 'a hole' : undefined));
    }
    return structure('chunks', owner, fields);
  }

  /** Data of an inode: its blocks, or its tail. */
  *#data(
    inode: UncheckedInode,
    owner: StructureOwner,
    { start, end, isBlocks }: { readonly start: number; readonly end: number; readonly isBlocks: boolean },
  ): Generator<InspectedStructure> {
    for (let at = start; at < end; at += BLOCK_SIZE) {
      const pieceEnd = Math.min(at + BLOCK_SIZE, end);
      let used = pieceEnd;
      if (isDirectory(inode)) used = yield* this.#entries(at, pieceEnd, owner);
      else if (isSymlink(inode)) {
        yield structure('target', owner, [field(at, pieceEnd - at, 'target', 'text')]);
      } else yield structure('content', owner, [field(at, pieceEnd - at, 'content', 'bytes')]);
      const last = isBlocks ? roundUp(pieceEnd, BLOCK_SIZE) : pieceEnd;
      yield* this.#gap(used, last, owner, 'rest of a block');
    }
  }

  /** Returns the byte after the last name. */
  *#entries(start: number, end: number, owner: StructureOwner): Generator<InspectedStructure, number> {
    const entries = entriesAt(this.#image, start, end);
    const parts = entries.map(({ name }, i) => {
      return name === undefined
        ? `entry number ${i}`
        : `entry ${printable(byteString(this.#image.bytes.subarray(name.start, name.end)))}`;
    });
    for (const [i, { at }] of entries.entries()) {
      yield* this.#fixed('directory entry', at, at + DIRENT_SIZE, direntDescription, {}, owner, parts[i]);
    }
    let used = start + entries.length * DIRENT_SIZE;
    for (const [i, { name }] of entries.entries()) {
      if (name === undefined) continue;
      yield structure(
        'entry name',
        owner,
        [field(name.start, name.end - name.start, 'name', 'text')],
        parts[i],
      );
      used = name.end;
    }
    return used;
  }

  #ownerOf(found: FoundInode): StructureOwner {
    return { inode: found.number, path: pathOf(this.#image, found) };
  }

  #number(at: number, size: number): bigint {
    return numberOf(this.#image.bytes.subarray(at, at + Math.min(size, 8)));
  }
}

/** The little-endian number in `bytes`. */
export function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((total, byte) => total * 256n + BigInt(byte), 0n);
}

function field(at: number, size: number, name: string, shown: Shown, meaning?: string): InspectedField {
  return { at, size, name, shown, ...(meaning !== undefined && { meaning }) };
}

function structure(
  kind: string,
  owner: StructureOwner,
  fields: readonly InspectedField[],
  part?: string,
): InspectedStructure {
  return { kind, ...owner, ...(part !== undefined && { part }), fields };
}
