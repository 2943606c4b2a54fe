/**
 * Disk images of EROFS images, field by field. Shares no code with the reference.
 * @module
 */

import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

const SECTOR = 512;
const BLOCK = 4096;
const START = 1_048_576;
const ENTRY = 128;
const TABLE = 16_384;

/** Where fields are; the parts of the disk image are {@link diskImage}'s. */
export const offsets = {
  entry: { type: 0, uuid: 16, first: 32, last: 40, attributes: 48, name: 56 },
  superblock: {
    signature: 0,
    version: 8,
    type: 12,
    uuid: 16,
    hash: 32,
    dataBlock: 64,
    hashBlock: 68,
    blocks: 72,
    saltSize: 80,
  },
  data: START,
} as const;

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();

/** The hash tree of a file of whole blocks: its levels, level 0 first, and the root hash. */
export function hashTree(file: Uint8Array): { readonly levels: readonly Buffer[]; readonly root: Buffer } {
  const levels: Buffer[] = [];
  let level = Buffer.from(file);
  while (level.length > BLOCK) {
    const hashes = Array.from({ length: level.length / BLOCK }, (_, i) =>
      sha256(level.subarray(i * BLOCK, (i + 1) * BLOCK)),
    );
    level = Buffer.alloc(Math.ceil(hashes.length / 128) * BLOCK);
    level.set(Buffer.concat(hashes));
    levels.push(level);
  }
  return { levels, root: sha256(level) };
}

/** The UUID of a purpose, in hexadecimal. */
export function uuidOf(purpose: string, root: Buffer): Buffer {
  const text = sha256(`composefs-ddi ${purpose} ${root.toString('hex')}`).toString('hex');
  const variant = ((Number.parseInt(text.slice(16, 17), 16) & 3) | 8).toString(16);
  return Buffer.from(`${text.slice(0, 12)}8${text.slice(13, 16)}${variant}${text.slice(17, 32)}`, 'hex');
}

/** A UUID as it is in a partition table. */
function mixed(uuid: Buffer): Buffer {
  const reversed = (from: number, to: number) => Buffer.from(uuid.subarray(from, to)).reverse();
  return Buffer.concat([reversed(0, 4), reversed(4, 6), reversed(6, 8), uuid.subarray(8)]);
}

/** The superblock of dm-verity for `blocks` blocks. */
function superblockOf(root: Buffer, blocks: number): Buffer {
  const bytes = Buffer.alloc(BLOCK);
  bytes.write('verity', 0);
  bytes.writeUInt32LE(1, 8);
  bytes.writeUInt32LE(1, 12);
  uuidOf('verity', root).copy(bytes, 16);
  bytes.write('sha256', 32);
  bytes.writeUInt32LE(BLOCK, 64);
  bytes.writeUInt32LE(BLOCK, 68);
  bytes.writeBigUInt64LE(BigInt(blocks), 72);
  return bytes;
}

/** How a disk image differs from a correct one. Everything that depends on the change follows from it. */
export interface DiskFaults {
  /** The root hash in the table, instead of that of the hash tree. */
  readonly tableRoot?: Buffer;
  /** Content of the hash partition, instead of that of the EROFS image. */
  readonly hash?: (partition: Buffer) => Buffer;
  /** Content of the data partition, after its hashes were computed. */
  readonly data?: (image: Buffer) => Buffer;
  /** Sizes of the partitions in the tables, which the layout follows, instead of those of their contents. */
  readonly sizes?: readonly [data: number, hash: number, signature: number];
  /** Changes both partition tables. */
  readonly table?: (table: Buffer) => void;
  /** Changes the first partition table, or the second one. */
  readonly oneTable?: { readonly which: 0 | 1; readonly change: (table: Buffer) => void };
  /** Changes a header before its checksum is computed. */
  readonly header?: { readonly which: 0 | 1; readonly change: (header: Buffer) => void };
  /** Changes the disk image after everything else. */
  readonly disk?: (disk: Buffer) => Buffer;
}

const types = [
  '49c61b1074118fa299e3cf83c4fe0b5a',
  '5f03b7967cb5833a9dcb9cdff9fb4d7f',
  'a3e081cc133c807eadab269a790cb0b9',
];
const names = ['composefs', 'composefs-verity', 'composefs-verity-sig'];

/** The disk image of `image`, with `signature` as the content of the signature partition. */
export function diskImage(
  image: Uint8Array,
  signature: Uint8Array = Buffer.alloc(0),
  faults: DiskFaults = {},
): Buffer {
  const { levels, root } = hashTree(image);
  const tree = Buffer.concat([superblockOf(root, image.length / BLOCK), ...[...levels].reverse()]);
  const contents = [
    faults.data?.(Buffer.from(image)) ?? Buffer.from(image),
    faults.hash?.(tree) ?? tree,
    Buffer.from(signature),
  ];
  const sizes = faults.sizes ?? contents.map(({ length }) => length);
  const used = sizes.reduce((sum, partition) => sum + partition, 0);
  const size = Math.ceil((START + used + TABLE + SECTOR) / BLOCK) * BLOCK;
  const disk = Buffer.alloc(size);
  Buffer.concat(contents).copy(disk, START);
  const tableRoot = faults.tableRoot ?? root;
  const tables = [0, 1].map(which => {
    const table = tableOf(sizes, tableRoot);
    faults.table?.(table);
    if (faults.oneTable?.which === which) faults.oneTable.change(table);
    return table;
  });
  const last = size / SECTOR - 1;
  for (const [which, table] of tables.entries()) {
    const [self, other, at] = which === 0 ? [1, last, 2] : [last, 1, last - 32];
    const header = Buffer.alloc(SECTOR);
    header.write('EFI PART');
    header.writeUInt32LE(0x10000, 8);
    header.writeUInt32LE(92, 12);
    for (const [offset, value] of [
      [24, self],
      [32, other],
      [40, 2048],
      [48, last - 33],
      [72, at],
    ] as const) {
      header.writeBigUInt64LE(BigInt(value), offset);
    }
    mixed(uuidOf('disk', tableRoot)).copy(header, 56);
    header.writeUInt32LE(128, 80);
    header.writeUInt32LE(ENTRY, 84);
    header.writeUInt32LE(crc32(table), 88);
    if (faults.header?.which === which) faults.header.change(header);
    header.writeUInt32LE(0, 16);
    header.writeUInt32LE(crc32(header.subarray(0, 92)), 16);
    header.copy(disk, self * SECTOR);
    table.copy(disk, at * SECTOR);
  }
  disk.set([0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff, 1, 0, 0, 0], 446);
  disk.writeUInt32LE(last, 458);
  disk.set([0x55, 0xaa], 510);
  return faults.disk?.(disk) ?? disk;
}

function tableOf(sizes: readonly number[], root: Buffer): Buffer {
  const table = Buffer.alloc(TABLE);
  const uuids = [root.subarray(0, 16), root.subarray(16), uuidOf('signature', root)];
  let sector = START / SECTOR;
  for (const [i, length] of sizes.entries()) {
    if (length === 0) continue;
    const entry = table.subarray(i * ENTRY, (i + 1) * ENTRY);
    mixed(Buffer.from(types[i] ?? '', 'hex')).copy(entry, 0);
    mixed(uuids[i] ?? Buffer.alloc(16)).copy(entry, 16);
    entry.writeBigUInt64LE(BigInt(sector), 32);
    sector += length / SECTOR;
    entry.writeBigUInt64LE(BigInt(sector - 1), 40);
    entry.set([0, 0, 0, 0, 0, 0, 0, 0x90], 48);
    entry.write(names[i] ?? '', 56, 'utf16le');
  }
  return table;
}

/** The content of a signature partition: a text, filled up with 0. */
export function padded(text: string): Buffer {
  const bytes = Buffer.alloc(Math.ceil(text.length / BLOCK) * BLOCK);
  bytes.write(text, 'latin1');
  return bytes;
}

/** The members of the text in a signature partition. */
export interface SignatureText {
  readonly root: string;
  readonly fingerprint: string;
  /** Base64. */
  readonly signature: string;
}

export function signatureText({ root, fingerprint, signature }: SignatureText): string {
  return `{"rootHash":"${root}","certificateFingerprint":"${fingerprint}","signature":"${signature}"}`;
}

/** The SHA-256 of the first certificate in a PEM text. */
export function fingerprintOf(pem: string): string {
  const [, base64 = ''] = /BEGIN CERTIFICATE-----([^-]*)-----END/.exec(pem) ?? [];
  return sha256(Buffer.from(base64, 'base64')).toString('hex');
}
