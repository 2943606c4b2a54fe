/**
 * How the fields of each structure of fixed size are shown, and what their values mean.
 * @module
 */

import { type Inode, typeBits } from '../../tree/inode.ts';
import {
  BLOCK_SIZE,
  CHUNK_BASED,
  compactFields,
  direntFields,
  direntTypes,
  extendedFields,
  FEATURE_COMPAT,
  FLAG_HAS_ACL,
  FLAT_INLINE,
  FLAT_PLAIN,
  FORMAT_EXTENDED,
  headerFields,
  LOG_CHUNK_MIN,
  PERMISSIONS,
  SLOT_SIZE,
  superblockFields,
  xattrBodyFields,
  xattrBodySize,
  xattrEntryFields,
} from '../structures.ts';
import { prefixOf } from '../xattr-name.ts';

/** How the value of a field is shown. Numbers are little-endian. */
export type Shown = 'decimal' | 'octal' | 'hex' | 'text' | 'bytes';

/** What the meaning of a field of an inode depends on, besides its value. */
export interface InodeContext {
  readonly format?: number;
  readonly mode?: number;
  /** `i_u` of a directory, regular file or symbolic link has a meaning only if the inode has data blocks. */
  readonly hasBlocks?: boolean;
}

type Meaning = (value: bigint, context: InodeContext) => string | undefined;

/** One field of a structure. */
export interface FieldDescription {
  readonly name: string;
  readonly size: number;
  readonly shown: Shown;
  readonly meaning?: Meaning;
}

const typeNames: Readonly<Record<Inode['kind'], string>> = {
  inline: 'regular file',
  external: 'regular file',
  directory: 'directory',
  character: 'character device',
  block: 'block device',
  fifo: 'fifo',
  socket: 'socket',
  symlink: 'symbolic link',
};

const dataLayouts: Readonly<Record<number, string>> = {
  [FLAT_PLAIN]: 'data in blocks, if any',
  [FLAT_INLINE]: 'tail beside the inode',
  [CHUNK_BASED]: 'chunks',
};

export const headerDescription = describe(headerFields, {
  magic: ['hex'],
  flags: ['hex', flags => (Number(flags) === FLAG_HAS_ACL ? 'an inode has an ACL' : undefined)],
  composefs_version: ['decimal', version => (version <= 2n ? `format v${version}` : 'unknown format')],
  unused: ['bytes'],
});

export const superblockDescription = describe(superblockFields, {
  magic: ['hex'],
  checksum: ['hex'],
  feature_compat: [
    'hex',
    features => (Number(features) === FEATURE_COMPAT ? 'mtime, name filters' : undefined),
  ],
  blkszbits: ['decimal', bits => (bits < 32n ? `blocks of ${2 ** Number(bits)} bytes` : undefined)],
  root_nid: ['decimal', slotMeaning],
  build_time: ['decimal', timeMeaning],
  blocks: ['decimal', blocks => `${blocks * BigInt(BLOCK_SIZE)} bytes`],
  xattr_blkaddr: ['decimal', blockMeaning],
  uuid: ['bytes'],
  volume_name: ['bytes'],
  feature_incompat: ['hex'],
  reserved: ['bytes'],
});

const inodeDescriptions = {
  i_format: ['decimal', formatMeaning],
  i_xattr_icount: ['decimal', countMeaning],
  i_mode: ['octal', modeMeaning],
  i_u: ['decimal', unionMeaning],
} as const;

export const compactDescription = describe(compactFields, inodeDescriptions);

export const extendedDescription = describe(extendedFields, {
  ...inodeDescriptions,
  i_mtime: ['decimal', timeMeaning],
  i_reserved2: ['bytes'],
});

export const xattrBodyDescription = describe(xattrBodyFields, {
  h_name_filter: ['hex'],
  h_reserved: ['bytes'],
});

export const xattrEntryDescription = describe(xattrEntryFields, {
  // The prefixes of format v2 are all that there are.
  e_name_index: ['decimal', index => prefixOf(Number(index), true)?.toString() ?? 'unknown prefix'],
});

export const direntDescription = describe(direntFields, {
  nid: ['decimal', slotMeaning],
  file_type: ['decimal', type => typeNameOf(direntTypes, Number(type))],
});

/** The fields of a structure. Those without an entry in `descriptions` are decimal numbers without a meaning. */
function describe<Name extends string>(
  sizes: Readonly<Record<Name, number>>,
  descriptions: Partial<Readonly<Record<Name, readonly [shown: Shown, meaning?: Meaning]>>>,
): readonly FieldDescription[] {
  return (Object.keys(sizes) as Name[]).map(name => {
    const [shown, meaning] = descriptions[name] ?? ['decimal'];
    return { name, size: sizes[name], shown, ...(meaning && { meaning }) };
  });
}

/** The file type with the number `type` in `numbers`. */
function typeNameOf(numbers: Readonly<Record<Inode['kind'], number>>, type: number): string {
  const kinds = Object.keys(typeNames) as Inode['kind'][];
  const kind = kinds.find(kind => numbers[kind] === type);
  return kind === undefined ? 'unknown type' : typeNames[kind];
}

/** The permissions of a mode, in octal digits. */
function permissions(mode: bigint): string {
  return (Number(mode) & PERMISSIONS).toString(8).padStart(4, '0');
}

function slotMeaning(nid: bigint): string {
  return `at ${offsetText(nid * BigInt(SLOT_SIZE))}`;
}

function blockMeaning(block: bigint): string {
  return `at ${offsetText(block * BigInt(BLOCK_SIZE))}`;
}

/** Seconds as a date, if `Date` can hold it: its range is much smaller than that of EROFS. */
function timeMeaning(seconds: bigint): string | undefined {
  if (seconds > 8_640_000_000_000n) return undefined;
  return new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}

function formatMeaning(format: bigint): string {
  const number = Number(format);
  const form = (number & FORMAT_EXTENDED) !== 0 ? 'extended' : 'compact';
  return `${form}, ${dataLayouts[number >> 1] ?? 'unknown data layout'}`;
}

function countMeaning(count: bigint): string {
  return count === 0n ? 'no attributes' : `${xattrBodySize(Number(count))} bytes of attributes`;
}

function modeMeaning(mode: bigint): string {
  const type = Number(mode) & ~PERMISSIONS;
  return `${typeNameOf(typeBits, type)}, ${permissions(mode)}`;
}

function unionMeaning(
  u: bigint,
  { format = 0, mode = 0, hasBlocks = false }: InodeContext,
): string | undefined {
  const type = mode & ~PERMISSIONS;
  const number = Number(u);
  if (type === typeBits.character || type === typeBits.block) {
    // A Linux device number of 32 bits: 8 bits of the minor number, 12 of the major, 12 of the minor.
    return `device ${(number >>> 8) & 0xfff}:${(number & 0xff) | ((number >>> 12) & 0xfff00)}`;
  }
  if (format >> 1 === CHUNK_BASED) return `chunks of 2^${(number & 31) + LOG_CHUNK_MIN} bytes`;
  return hasBlocks ? `first block ${blockMeaning(u)}` : undefined;
}

/** A byte offset in hexadecimal, as it is shown to people. */
export function offsetText(offset: bigint | number): string {
  return `0x${offset.toString(16)}`;
}
