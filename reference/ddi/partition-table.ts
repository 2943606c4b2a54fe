/**
 * The partition table and the protective MBR (spec/ddi.md, "The partition table").
 * @module
 */

import { ascii, writeBytes } from '../bytes.ts';
import type { Sha2 } from '../hash/sha2.ts';
import { crc32 } from './crc32.ts';
import { DATA_AT, diskSize, type PartitionSizes, SECTOR, TAIL } from './layout.ts';
import { derivedUuid, exchangeUuidBytes, parseUuid } from './uuid.ts';

/** What the partition table of a disk image depends on. */
export interface TableContent {
  readonly sizes: PartitionSizes;
  readonly rootHash: Uint8Array;
}

const ENTRIES = 128;
const ENTRY = 128;
const TABLE = ENTRIES * ENTRY;
const HEADER = 92;

/** The bytes before the first partition that are not 0: the MBR, the first header and the first table. */
export const HEAD = 2 * SECTOR + TABLE;

/** Offsets in an entry (DDI-006). */
const entry = { type: 0, uuid: 16, first: 32, last: 40, attributes: 48, name: 56 } as const;

/** Offsets in a header (DDI-005). */
const header = {
  signature: 0,
  revision: 8,
  size: 12,
  checksum: 16,
  sector: 24,
  other: 32,
  firstUsable: 40,
  lastUsable: 48,
  uuid: 56,
  table: 72,
  entries: 80,
  entrySize: 84,
  tableChecksum: 88,
} as const;

/** Read-only, and not to be mounted automatically. */
const ATTRIBUTES = 2n ** 63n + 2n ** 60n;

/** The first {@link HEAD} bytes of a disk image. */
export function tableHead(content: TableContent, sha2: Sha2): Uint8Array {
  const sectors = sectorsOf(content);
  const bytes = new Uint8Array(HEAD);
  bytes.set(protectiveMbr(sectors), 0);
  const table = tableOf(content, sha2);
  bytes.set(headerOf({ content, table, sector: 1n, other: sectors - 1n, tableAt: 2n }, sha2), SECTOR);
  bytes.set(table, 2 * SECTOR);
  return bytes;
}

/** The last {@link TAIL} bytes of a disk image: the second table and the second header. */
export function tableTail(content: TableContent, sha2: Sha2): Uint8Array {
  const sectors = sectorsOf(content);
  const bytes = new Uint8Array(TAIL);
  const table = tableOf(content, sha2);
  bytes.set(table, 0);
  const tableAt = sectors - BigInt(TAIL / SECTOR);
  bytes.set(headerOf({ content, table, sector: sectors - 1n, other: 1n, tableAt }, sha2), TABLE);
  return bytes;
}

function sectorsOf({ sizes }: TableContent): bigint {
  return diskSize(sizes) / BigInt(SECTOR);
}

/** DDI-004 */
function protectiveMbr(sectors: bigint): Uint8Array {
  const bytes = new Uint8Array(SECTOR);
  const view = new DataView(bytes.buffer);
  bytes.set([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff, 0x01, 0x00, 0x00, 0x00], 446);
  const most = 0xffffffffn;
  view.setUint32(458, Number(sectors - 1n > most ? most : sectors - 1n), true);
  bytes.set([0x55, 0xaa], 510);
  return bytes;
}

interface HeaderFacts {
  readonly content: TableContent;
  readonly table: Uint8Array;
  readonly sector: bigint;
  readonly other: bigint;
  readonly tableAt: bigint;
}

/** DDI-005 */
function headerOf({ content, table, sector, other, tableAt }: HeaderFacts, sha2: Sha2): Uint8Array {
  const bytes = new Uint8Array(SECTOR);
  const view = new DataView(bytes.buffer);
  writeBytes(ascii('EFI PART'), bytes, header.signature);
  view.setUint32(header.revision, 0x00010000, true);
  view.setUint32(header.size, HEADER, true);
  view.setBigUint64(header.sector, sector, true);
  view.setBigUint64(header.other, other, true);
  view.setBigUint64(header.firstUsable, BigInt(DATA_AT / SECTOR), true);
  view.setBigUint64(header.lastUsable, sectorsOf(content) - 34n, true);
  bytes.set(exchangeUuidBytes(derivedUuid('disk', content.rootHash, sha2)), header.uuid);
  view.setBigUint64(header.table, tableAt, true);
  view.setUint32(header.entries, ENTRIES, true);
  view.setUint32(header.entrySize, ENTRY, true);
  view.setUint32(header.tableChecksum, crc32(table), true);
  view.setUint32(header.checksum, crc32(bytes.subarray(0, HEADER)), true);
  return bytes;
}

/** DDI-006 */
function tableOf({ sizes, rootHash }: TableContent, sha2: Sha2): Uint8Array {
  const bytes = new Uint8Array(TABLE);
  const view = new DataView(bytes.buffer);
  const partitions = [
    {
      type: '49c61b10-7411-8fa2-99e3-cf83c4fe0b5a',
      name: 'composefs',
      uuid: rootHash.subarray(0, 16),
      size: sizes.data,
    },
    {
      type: '5f03b796-7cb5-833a-9dcb-9cdff9fb4d7f',
      name: 'composefs-verity',
      uuid: rootHash.subarray(16),
      size: sizes.hash,
    },
    {
      type: 'a3e081cc-133c-807e-adab-269a790cb0b9',
      name: 'composefs-verity-sig',
      uuid: derivedUuid('signature', rootHash, sha2),
      size: sizes.signature,
    },
  ];
  let first = BigInt(DATA_AT / SECTOR);
  for (const [i, { type, name, uuid, size }] of partitions.entries()) {
    const sectors = size / BigInt(SECTOR);
    if (sectors === 0n) continue;
    const at = i * ENTRY;
    bytes.set(exchangeUuidBytes(parseUuid(type)), at + entry.type);
    bytes.set(exchangeUuidBytes(uuid), at + entry.uuid);
    view.setBigUint64(at + entry.first, first, true);
    view.setBigUint64(at + entry.last, first + sectors - 1n, true);
    view.setBigUint64(at + entry.attributes, ATTRIBUTES, true);
    for (let c = 0; c < name.length; c++) {
      view.setUint16(at + entry.name + 2 * c, name.charCodeAt(c), true);
    }
    first += sectors;
  }
  return bytes;
}

/** What the first partition table in the first {@link HEAD} bytes says, whether or not a DDI writer wrote it. */
export function readTable(head: Uint8Array): TableContent {
  const view = new DataView(head.buffer, head.byteOffset + 2 * SECTOR, TABLE);
  const uuid = (i: number) => {
    const at = 2 * SECTOR + i * ENTRY + entry.uuid;
    return exchangeUuidBytes(head.subarray(at, at + 16));
  };
  const size = (i: number) => {
    const first = view.getBigUint64(i * ENTRY + entry.first, true);
    const last = view.getBigUint64(i * ENTRY + entry.last, true);
    // A partition that does not exist has an entry of 0.
    return last === 0n ? 0n : (last - first + 1n) * BigInt(SECTOR);
  };
  return {
    sizes: { data: size(0), hash: size(1), signature: size(2) },
    rootHash: Uint8Array.from([...uuid(0), ...uuid(1)]),
  };
}
