/**
 * The structures in the bytes of each owner, field by field.
 * @module
 */

import { type ByteString, byteString, hex, printable } from '../../bytes.ts';
import { METACOPY, metacopyDigest } from '../overlay.ts';
import {
  BLOCK_SIZE,
  CHUNK_ENTRY_SIZE,
  COMPACT_SIZE,
  DIRENT_SIZE,
  EXTENDED_SIZE,
  roundUp,
  SLOT_SIZE,
  XATTR_BODY_HEAD,
  XATTR_ENTRY_HEAD,
  XATTR_REFERENCE_SIZE,
} from '../structures.ts';
import {
  attributeAt,
  type Bytes,
  beginsAttribute,
  bodyAt,
  entriesAt,
  type RawAttribute,
} from './attributes.ts';
import {
  attributeLayout,
  bodyLayout,
  compactLayout,
  direntLayout,
  extendedLayout,
  headerLayout,
  type LayoutField,
  offsetText,
  type Shown,
  type Surroundings,
  superblockLayout,
  typeOf,
  types,
} from './field-descriptions.ts';
import { type Found, inodeAt, pathOf, type RawInode, type Region, type Survey } from './find-structures.ts';

/** One field. */
export interface InspectedField {
  readonly at: number;
  readonly size: number;
  readonly name: string;
  readonly shown: Shown;
  /** What its value says, where that isn't plain. */
  readonly meaning?: string;
}

/** One structure: its fields are all its bytes, in order. */
export interface InspectedStructure {
  readonly kind: string;
  /** The inode that it belongs to: its number, as the image stores it, and its first name. */
  readonly inode?: number;
  readonly path?: ByteString;
  /** Which part of that: `entry etc`, `xattr user.key`. */
  readonly part?: string;
  readonly fields: readonly InspectedField[];
}

/** Longer fields are given in pieces. */
const LONGEST = 65536;

type Owner = Pick<InspectedStructure, 'inode' | 'path'>;

/** Every structure of a surveyed image, in order of offset; together they have each byte once. */
export function* structuresOf(image: Bytes, found: Survey): Generator<InspectedStructure> {
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
  readonly #image: Bytes;
  readonly #survey: Survey;
  readonly #sharedFrom: number;
  readonly #spilled: Found[];

  constructor(image: Bytes, survey: Survey) {
    this.#image = image;
    this.#survey = survey;
    this.#sharedFrom = roundUp(survey.inodesEnd, SLOT_SIZE);
    this.#spilled = [...survey.spilled];
  }

  *region(region: Region): Generator<InspectedStructure> {
    const { at, end } = region;
    switch (region.kind) {
      case 'header':
        return yield* this.#fixed('composefs header', at, end, headerLayout);
      case 'superblock':
        return yield* this.#fixed('superblock', at, end, superblockLayout);
      case 'shared': {
        const attribute = attributeAt(this.#image, at, end);
        if (attribute !== undefined) yield* this.#attribute(attribute, {}, 'shared xattr');
        return;
      }
      case 'inode':
        return yield* this.#inode(region.owner, at, end);
      case 'blocks': {
        const owner = this.#ownerOf(region.owner);
        const raw = inodeAt(this.#image, region.owner.nid * SLOT_SIZE, this.#survey.sharedAt);
        yield* this.#data(raw, owner, { start: at, end: raw.blocks.end, isBlocks: true });
        return;
      }
    }
  }

  /** What no inode has: shared attributes that none refers to, chunk addresses in blocks, and nothing. */
  *between(start: number, end: number, last: Region['kind']): Generator<InspectedStructure> {
    let at = start;
    const from = last === 'shared' ? start : this.#sharedFrom;
    if (last !== 'blocks' && from >= start && from < end && this.#survey.inodesEnd <= from) {
      let found = this.#unreferenced(from, end);
      if (found !== undefined) yield* this.#nothing(at, from);
      for (; found !== undefined; found = this.#unreferenced(at, end)) {
        yield* this.#attribute(found, {}, 'shared xattr');
        at = found.end;
      }
    }
    for (let block = roundUp(at, BLOCK_SIZE); block + BLOCK_SIZE <= end; block += BLOCK_SIZE) {
      const owner = this.#spilled[0];
      if (owner === undefined || !this.#isAll(0xff, block, block + BLOCK_SIZE)) break;
      this.#spilled.shift();
      yield* this.#nothing(at, block);
      yield structure('chunks in a block', this.#ownerOf(owner), [
        field(block, BLOCK_SIZE, 'chunks', 'bytes'),
      ]);
      at = block + BLOCK_SIZE;
    }
    yield* this.#nothing(at, end);
  }

  #unreferenced(at: number, end: number): RawAttribute | undefined {
    if (at + XATTR_ENTRY_HEAD > end || !beginsAttribute(this.#image, at)) return undefined;
    return attributeAt(this.#image, at, end);
  }

  *#nothing(start: number, end: number, owner: Owner = {}, kind = 'gap'): Generator<InspectedStructure> {
    for (let at = start; at < end; at += LONGEST) {
      const size = Math.min(LONGEST, end - at);
      const name = this.#isAll(0, at, at + size) ? 'zero' : 'unknown';
      yield structure(kind, owner, [field(at, size, name, 'bytes')]);
    }
  }

  #isAll(value: number, start: number, end: number): boolean {
    return this.#image.bytes.subarray(start, end).every(byte => byte === value);
  }

  /** A structure of fixed size; where the bytes end before it does, what is there. */
  *#fixed(
    kind: string,
    at: number,
    end: number,
    layout: readonly LayoutField[],
    surroundings: Surroundings = {},
    owner: Owner = {},
    part?: string,
  ): Generator<InspectedStructure> {
    const fields: InspectedField[] = [];
    let next = at;
    for (const { name, size, shown, meaning } of layout) {
      if (next + size > end) break;
      const said = meaning?.(this.#number(next, size), surroundings);
      fields.push(field(next, size, name, shown, said));
      next += size;
    }
    if (fields.length > 0) yield structure(kind, owner, fields, part);
    yield* this.#nothing(next, end, owner);
  }

  *#inode(found: Found, at: number, end: number): Generator<InspectedStructure> {
    const raw = inodeAt(this.#image, at, this.#survey.sharedAt);
    const owner = this.#ownerOf(found);
    const isExtended = raw.headEnd - at === EXTENDED_SIZE;
    const kind = isExtended ? 'extended inode' : 'compact inode';
    const layout = isExtended ? extendedLayout : compactLayout;
    const { format, mode, blocks } = raw;
    yield* this.#fixed(
      kind,
      at,
      at + (isExtended ? EXTENDED_SIZE : COMPACT_SIZE),
      layout,
      { format, mode, hasBlocks: blocks.end > blocks.start },
      owner,
    );
    if (end >= raw.bodyEnd && raw.bodyEnd > raw.headEnd) yield* this.#body(raw, owner);
    if (end <= raw.bodyEnd) return;
    const isChunks = raw.format >> 1 === 4;
    if (isChunks) yield this.#chunks(raw.bodyEnd, end, owner);
    else yield* this.#data(raw, owner, { start: raw.bodyEnd, end, isBlocks: false });
  }

  *#body({ headEnd, bodyEnd }: RawInode, owner: Owner): Generator<InspectedStructure> {
    yield* this.#fixed('attribute body', headEnd, headEnd + XATTR_BODY_HEAD, bodyLayout, {}, owner);
    const { references, inline, known } = bodyAt(this.#image, headEnd, bodyEnd, this.#survey.sharedAt);
    if (references.length > 0) {
      const fields = references.map((target, i) => {
        const at = headEnd + XATTR_BODY_HEAD + i * XATTR_REFERENCE_SIZE;
        const name = `shared xattr reference ${i}`;
        return field(at, XATTR_REFERENCE_SIZE, name, 'decimal', this.#referenceMeaning(target));
      });
      yield structure('attribute references', owner, fields);
    }
    for (const attribute of inline) yield* this.#attribute(attribute, owner, 'xattr');
    yield* this.#nothing(known, bodyEnd, owner);
  }

  #referenceMeaning(target: number): string {
    const attribute = attributeAt(this.#image, target, this.#image.bytes.length);
    return attribute === undefined
      ? `at ${offsetText(target)}, which is no attribute`
      : `at ${offsetText(target)}: ${printable(attribute.name)}`;
  }

  *#attribute(attribute: RawAttribute, owner: Owner, part: string): Generator<InspectedStructure> {
    const { at, name, nameEnd, valueEnd, end } = attribute;
    const nameAt = at + XATTR_ENTRY_HEAD;
    const fields: InspectedField[] = [];
    for (const { fields: head } of this.#fixed('', at, nameAt, attributeLayout)) fields.push(...head);
    if (nameEnd > nameAt) fields.push(field(nameAt, nameEnd - nameAt, 'name', 'text'));
    if (valueEnd > nameEnd) {
      const meaning = this.#valueMeaning(attribute);
      fields.push(field(nameEnd, valueEnd - nameEnd, 'value', 'bytes', meaning));
    }
    if (end > valueEnd) {
      const padding = this.#isAll(0, valueEnd, end) ? 'zero' : 'unknown';
      fields.push(field(valueEnd, end - valueEnd, padding, 'bytes'));
    }
    yield structure('attribute', owner, fields, `${part} ${printable(name)}`);
  }

  #valueMeaning({ name, nameEnd, valueEnd }: RawAttribute): string | undefined {
    const bytes = this.#image.bytes.subarray(nameEnd, valueEnd);
    const digest = name === METACOPY ? metacopyDigest(byteString(bytes)) : undefined;
    if (digest !== undefined && digest !== 'none') {
      return `fs-verity digest ${digest.length === 32 ? 'sha256' : 'sha512'} ${hex(digest)}`;
    }
    return bytes.every(byte => byte >= 0x20 && byte <= 0x7e)
      ? `"${printable(byteString(bytes))}"`
      : undefined;
  }

  #chunks(start: number, end: number, owner: Owner): InspectedStructure {
    const fields: InspectedField[] = [];
    for (let at = start, i = 0; at < end; at += CHUNK_ENTRY_SIZE, i++) {
      const isHole = this.#isAll(0xff, at, at + CHUNK_ENTRY_SIZE);
      fields.push(field(at, CHUNK_ENTRY_SIZE, `chunk ${i}`, 'hex', isHole ? 'a hole' : undefined));
    }
    return structure('chunks', owner, fields);
  }

  /** Data of an inode: a run of blocks, or what stands beside it. */
  *#data(
    { mode }: RawInode,
    owner: Owner,
    { start, end, isBlocks }: { readonly start: number; readonly end: number; readonly isBlocks: boolean },
  ): Generator<InspectedStructure> {
    const type = typeOf(mode);
    for (let at = start; at < end; at += BLOCK_SIZE) {
      const pieceEnd = Math.min(at + BLOCK_SIZE, end);
      let used = pieceEnd;
      if (type === types.directory) used = yield* this.#entries(at, pieceEnd, owner);
      else if (type === types.symlink) {
        yield structure('target', owner, [field(at, pieceEnd - at, 'target', 'text')]);
      } else yield structure('content', owner, [field(at, pieceEnd - at, 'content', 'bytes')]);
      const last = isBlocks ? roundUp(pieceEnd, BLOCK_SIZE) : pieceEnd;
      yield* this.#nothing(used, last, owner, 'rest of a block');
    }
  }

  /** Gives the byte after the last name. */
  *#entries(start: number, end: number, owner: Owner): Generator<InspectedStructure, number> {
    const entries = entriesAt(this.#image, start, end);
    const parts = entries.map(({ name }, i) => {
      return name === undefined
        ? `entry number ${i}`
        : `entry ${printable(byteString(this.#image.bytes.subarray(name.start, name.end)))}`;
    });
    for (const [i, { at }] of entries.entries()) {
      yield* this.#fixed('directory entry', at, at + DIRENT_SIZE, direntLayout, {}, owner, parts[i]);
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

  #ownerOf(found: Found): Owner {
    return { inode: found.number, path: pathOf(this.#image, found) };
  }

  #number(at: number, size: number): bigint {
    return numberOf(this.#image.bytes.subarray(at, at + Math.min(size, 8)));
  }
}

/** A little-endian number. */
export function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((total, byte) => total * 256n + BigInt(byte), 0n);
}

function field(at: number, size: number, name: string, shown: Shown, meaning?: string): InspectedField {
  return { at, size, name, shown, ...(meaning !== undefined && { meaning }) };
}

function structure(
  kind: string,
  owner: Owner,
  fields: readonly InspectedField[],
  part?: string,
): InspectedStructure {
  return { kind, ...owner, ...(part !== undefined && { part }), fields };
}
