/**
 * The fields of each structure of fixed size, as EROFS calls them, and what their values say.
 * @module
 */

import {
  BLOCK_SIZE,
  FLAG_HAS_ACL,
  LAYOUT_CHUNKED,
  LAYOUT_INLINE,
  LAYOUT_PLAIN,
  LOG_CHUNK_MIN,
  SLOT_SIZE,
} from '../structures.ts';
import { prefixes } from './attributes.ts';

/** How the value of a field is shown. Numbers are little-endian. */
export type Shown = 'decimal' | 'octal' | 'hex' | 'text' | 'bytes';

/** What the meaning of a value can depend on. */
export interface Surroundings {
  /** Of an inode: its format and its mode. */
  readonly format?: number;
  readonly mode?: number;
  /** What `i_u` of a directory, file or symbolic link is only with data blocks. */
  readonly hasBlocks?: boolean;
}

/** One field of a structure. */
export interface LayoutField {
  readonly name: string;
  readonly size: number;
  readonly shown: Shown;
  readonly meaning?: (value: bigint, surroundings: Surroundings) => string | undefined;
}

type Row = readonly [name: string, size: number, shown?: Shown, meaning?: LayoutField['meaning']];

const fileTypes: Readonly<Record<number, string>> = {
  1: 'regular file',
  2: 'directory',
  3: 'character device',
  4: 'block device',
  5: 'fifo',
  6: 'socket',
  7: 'symbolic link',
};

const TYPE_MASK = 0o170000;
export const types = {
  regular: 0o100000,
  directory: 0o040000,
  character: 0o020000,
  block: 0o060000,
  fifo: 0o010000,
  socket: 0o140000,
  symlink: 0o120000,
} as const;

const typeNames = new Map<number, string>([
  [types.regular, 'regular file'],
  [types.directory, 'directory'],
  [types.character, 'character device'],
  [types.block, 'block device'],
  [types.fifo, 'fifo'],
  [types.socket, 'socket'],
  [types.symlink, 'symbolic link'],
]);

const dataLayouts: Readonly<Record<number, string>> = {
  [LAYOUT_PLAIN]: 'data in blocks or none',
  [LAYOUT_INLINE]: 'last data beside the inode',
  [LAYOUT_CHUNKED]: 'chunks',
};

/** The bits of a mode that say the type. */
export function typeOf(mode: number): number {
  return mode & TYPE_MASK;
}

/** The permissions of a mode, in octal digits. */
function permissions(mode: bigint): string {
  return (Number(mode) & 0o7777).toString(8).padStart(4, '0');
}

export const headerLayout = layout(
  ['magic', 4, 'hex'],
  ['version', 4],
  ['flags', 4, 'hex', flags => (Number(flags) === FLAG_HAS_ACL ? 'some inode has an ACL' : undefined)],
  ['composefs_version', 4, 'decimal', version => (version <= 2n ? `format v${version}` : 'no known format')],
  ['unused', 16, 'bytes'],
);

export const superblockLayout = layout(
  ['magic', 4, 'hex'],
  ['checksum', 4, 'hex'],
  ['feature_compat', 4, 'hex', features => (features === 6n ? 'mtime, name filters' : undefined)],
  ['blkszbits', 1, 'decimal', bits => (bits < 32n ? `blocks of ${2 ** Number(bits)} bytes` : undefined)],
  ['sb_extslots', 1],
  ['root_nid', 2, 'decimal', slotMeaning],
  ['inos', 8],
  ['build_time', 8, 'decimal', timeMeaning],
  ['build_time_nsec', 4],
  ['blocks', 4, 'decimal', blocks => `${blocks * BigInt(BLOCK_SIZE)} bytes`],
  ['meta_blkaddr', 4],
  ['xattr_blkaddr', 4, 'decimal', blockMeaning],
  ['uuid', 16, 'bytes'],
  ['volume_name', 16, 'bytes'],
  ['feature_incompat', 4, 'hex'],
  ['reserved', 44, 'bytes'],
);

const formatRow: Row = ['i_format', 2, 'decimal', formatMeaning];
const countRow: Row = ['i_xattr_icount', 2, 'decimal', countMeaning];
const modeRow: Row = ['i_mode', 2, 'octal', modeMeaning];
const unionRow: Row = ['i_u', 4, 'decimal', unionMeaning];

export const compactLayout = layout(
  formatRow,
  countRow,
  modeRow,
  ['i_nlink', 2],
  ['i_size', 4],
  ['i_reserved', 4],
  unionRow,
  ['i_ino', 4],
  ['i_uid', 2],
  ['i_gid', 2],
  ['i_reserved2', 4],
);

export const extendedLayout = layout(
  formatRow,
  countRow,
  modeRow,
  ['i_reserved', 2],
  ['i_size', 8],
  unionRow,
  ['i_ino', 4],
  ['i_uid', 4],
  ['i_gid', 4],
  ['i_mtime', 8, 'decimal', timeMeaning],
  ['i_mtime_nsec', 4],
  ['i_nlink', 4],
  ['i_reserved2', 16, 'bytes'],
);

export const bodyLayout = layout(
  ['h_name_filter', 4, 'hex'],
  ['h_shared_count', 1],
  ['h_reserved', 7, 'bytes'],
);

export const attributeLayout = layout(
  ['e_name_len', 1],
  ['e_name_index', 1, 'decimal', index => prefixes[Number(index)]?.toString() ?? 'no known prefix'],
  ['e_value_size', 2],
);

export const direntLayout = layout(
  ['nid', 8, 'decimal', slotMeaning],
  ['nameoff', 2],
  ['file_type', 1, 'decimal', type => fileTypes[Number(type)] ?? 'no known type'],
  ['reserved', 1],
);

function layout(...rows: readonly Row[]): readonly LayoutField[] {
  return rows.map(([name, size, shown = 'decimal', meaning]) => {
    return { name, size, shown, ...(meaning && { meaning }) };
  });
}

function slotMeaning(nid: bigint): string {
  return `at ${offsetText(nid * BigInt(SLOT_SIZE))}`;
}

function blockMeaning(block: bigint): string {
  return `at ${offsetText(block * BigInt(BLOCK_SIZE))}`;
}

/** Seconds, as a date where there is one: the years of `Date` end long before those of EROFS. */
function timeMeaning(seconds: bigint): string | undefined {
  if (seconds > 8_640_000_000_000n) return undefined;
  return new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}

function formatMeaning(format: bigint): string {
  const number = Number(format);
  const form = (number & 1) === 1 ? 'extended' : 'compact';
  return `${form}, ${dataLayouts[number >> 1] ?? 'no known layout'}`;
}

function countMeaning(count: bigint): string {
  return count === 0n ? 'no attributes' : `${12n + 4n * (count - 1n)} bytes of attributes`;
}

function modeMeaning(mode: bigint): string {
  return `${typeNames.get(typeOf(Number(mode))) ?? 'no known type'}, ${permissions(mode)}`;
}

function unionMeaning(
  u: bigint,
  { format = 0, mode = 0, hasBlocks = false }: Surroundings,
): string | undefined {
  const type = typeOf(mode);
  const number = Number(u);
  if (type === types.character || type === types.block) {
    // As Linux makes a device number of 32 bits.
    return `device ${(number >>> 8) & 0xfff}:${(number & 0xff) | ((number >>> 12) & 0xfff00)}`;
  }
  if (format >> 1 === LAYOUT_CHUNKED) return `chunks of 2^${(number & 31) + LOG_CHUNK_MIN} bytes`;
  return hasBlocks ? `first block ${blockMeaning(u)}` : undefined;
}

/** An offset for people. */
export function offsetText(offset: bigint | number): string {
  return `0x${offset.toString(16)}`;
}
