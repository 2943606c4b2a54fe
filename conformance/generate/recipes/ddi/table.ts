/**
 * Disk images whose partition table, or another byte outside of the partitions, is wrong.
 * @module
 */

import { crc32 } from 'node:zlib';
import { offsets } from '../../builder/ddi.ts';
import { testKeys } from '../../builder/test-keys.ts';
import type { Recipe } from '../../recipe.ts';
import { signatureBy, small, unreadable } from './parts.ts';

const { entry } = offsets;
const { rsa } = testKeys;
const ENTRY = 128;

/** One changed field of the first header. */
const headerFields: readonly (readonly [string, string, (header: Buffer) => void])[] = [
  ['signature', 'The header begins with another word', h => h.write('efi part')],
  ['revision', 'The header has revision 2.0', h => h.writeUInt32LE(0x20000, 8)],
  ['reserved', 'The reserved field of the header is not 0', h => h.writeUInt32LE(1, 20)],
  ['sector', 'The header names another sector for itself', h => h.writeUInt32LE(2, 24)],
  ['other', 'The header names another sector for the second one', h => h.writeUInt32LE(5, 32)],
  ['first-usable', 'The first usable sector is 34', h => h.writeUInt32LE(34, 40)],
  [
    'last-usable',
    'The last usable sector is one sector earlier',
    h => h.writeUInt32LE(h.readUInt32LE(48) - 1, 48),
  ],
  ['uuid', 'The UUID of the disk is not the derived one', h => h.fill(0x11, 56, 72)],
  ['table', 'The header names another sector for the table', h => h.writeUInt32LE(3, 72)],
  ['entries', 'The header counts 4 entries', h => h.writeUInt32LE(4, 80)],
  ['entry-size', 'The header has entries of 256 bytes', h => h.writeUInt32LE(256, 84)],
  ['table-checksum', 'The checksum of the table is wrong', h => h.writeUInt32LE(0, 88)],
  ['rest', 'A byte behind the fields of the header is not 0', h => h.writeUInt8(1, 511)],
];

/** One changed field of an entry, in both tables, with the right checksums. */
const entryFields: readonly (readonly [string, string, (table: Buffer) => void])[] = [
  ['type', 'The data partition has the type of a root file system', t => t.set(rootType, entry.type)],
  ['hash-type', 'The hash partition has another type', t => t.fill(0x11, ENTRY, ENTRY + 16)],
  [
    'uuid',
    'The UUID of the data partition is not the root hash',
    t => t.fill(0x11, entry.uuid, entry.uuid + 16),
  ],
  [
    'attributes',
    'The partition is to be mounted automatically',
    t => t.writeUInt8(0x10, entry.attributes + 7),
  ],
  ['writable', 'The partition is not read-only', t => t.writeUInt8(0x80, entry.attributes + 7)],
  ['name', 'The data partition has another name', t => t.write('C', entry.name)],
  ['name-padding', 'A byte behind the name of a partition is not 0', t => t.writeUInt8(1, ENTRY - 1)],
  ['fourth', 'There is a fourth partition', t => t.copy(t, 3 * ENTRY, 0, ENTRY)],
  ['gap', 'The data partition begins one block later, and ends so', t => moved(t)],
];

/** The type of the root file system of x86-64: 4f68bce3-e8cd-4db1-96e7-fbcaf984b709. */
const rootType = Buffer.from('e3bc684fcde8b14d96e7fbcaf984b709', 'hex');

/** Moves the first partition by a block. */
function moved(table: Buffer): void {
  for (const at of [entry.first, entry.last]) table.writeUInt32LE(table.readUInt32LE(at) + 8, at);
}

const rejectedDisk = (slug: string, title: string, change: (disk: Buffer) => void, requirement = 'DDI-001') =>
  unreadable(slug, 'DDI_TABLE', {
    title,
    requirements: ['DDI-015', requirement],
    faults: {
      disk: disk => {
        change(disk);
        return disk;
      },
    },
  });

/** Where the data behind the partitions of the small image begins: 0 up to the second table. */
const behind = offsets.data + small.length + 2 * 4096;

export const recipes: readonly Recipe[] = [
  ...headerFields.map(([slug, title, change]) =>
    unreadable(`header-${slug}`, 'DDI_TABLE', {
      title,
      requirements: ['DDI-015', 'DDI-005'],
      faults: { header: { which: 0, change } },
    }),
  ),
  rejectedDisk(
    'header-size',
    'The header says that it has 512 bytes',
    disk => {
      disk.writeUInt32LE(512, 512 + 12);
      disk.writeUInt32LE(0, 512 + 16);
      disk.writeUInt32LE(crc32(disk.subarray(512, 1024)), 512 + 16);
    },
    'DDI-005',
  ),
  rejectedDisk(
    'header-checksum',
    'The checksum of the header is wrong',
    disk => disk.writeUInt32LE(0, 512 + 16),
    'DDI-005',
  ),
  unreadable('second-header', 'DDI_TABLE', {
    title: 'The second header has another UUID of the disk than the first',
    requirements: ['DDI-015', 'DDI-005'],
    faults: { header: { which: 1, change: header => header.fill(0x11, 56, 72) } },
  }),
  ...entryFields.map(([slug, title, change]) =>
    unreadable(`entry-${slug}`, 'DDI_TABLE', {
      title,
      requirements: ['DDI-015', 'DDI-006'],
      faults: { table: change },
    }),
  ),
  unreadable('entry-signature-uuid', 'DDI_TABLE', {
    title: 'The UUID of the signature partition is not the derived one',
    requirements: ['DDI-015', 'DDI-006', 'DDI-007'],
    signature: () => signatureBy(rsa),
    faults: { table: table => table.fill(0x11, 2 * ENTRY + 16, 2 * ENTRY + 32) },
  }),
  unreadable('second-table', 'DDI_TABLE', {
    title: 'The second table has another name than the first',
    requirements: ['DDI-015', 'DDI-006'],
    faults: { oneTable: { which: 1, change: table => table.write('C', entry.name) } },
  }),
  unreadable('first-table', 'DDI_TABLE', {
    title: 'The first table has another name than the second',
    requirements: ['DDI-015', 'DDI-006'],
    faults: { oneTable: { which: 0, change: table => table.write('C', entry.name) } },
  }),
  unreadable('other-name-bad-erofs', 'DDI_TABLE', {
    title: 'A wrong table is rejected before a data partition without EROFS',
    requirements: ['DDI-015', 'DDI-024'],
    class: 'HOSTILE',
    image: () => Buffer.alloc(4 * 4096),
    faults: { table: table => table.write('C', entry.name) },
  }),
  unreadable('data-not-blocks', 'DDI_TABLE', {
    title: 'A data partition with a sector behind its blocks is rejected',
    requirements: ['DDI-015', 'DDI-024'],
    faults: { data: image => Buffer.concat([image, Buffer.alloc(512)]) },
  }),
  unreadable('hash-too-long', 'DDI_TABLE', {
    title: 'A hash partition with a block behind the tree is rejected',
    requirements: ['DDI-015'],
    faults: { hash: partition => Buffer.concat([partition, Buffer.alloc(4096)]) },
  }),
  unreadable('hash-without-tree', 'DDI_TABLE', {
    title: 'A hash partition with nothing but the superblock is rejected',
    requirements: ['DDI-015', 'DDI-024'],
    faults: { hash: partition => partition.subarray(0, 4096) },
  }),
  unreadable('data-empty', 'DDI_TABLE', {
    title: 'A disk image without a data partition is rejected',
    requirements: ['DDI-015', 'DDI-024'],
    faults: { data: () => Buffer.alloc(0), hash: partition => partition.subarray(0, 4096) },
  }),
  unreadable('data-negative', 'DDI_TABLE', {
    title: 'A data partition of -1 blocks is rejected',
    requirements: ['DDI-015', 'DDI-024'],
    class: 'HOSTILE',
    faults: { sizes: [-4096, 4096, 0], data: () => Buffer.alloc(0), hash: () => Buffer.alloc(0) },
  }),
  unreadable('signature-negative', 'DDI_TABLE', {
    title: 'A signature partition of -11 blocks shortens the disk image to 1 MiB',
    requirements: ['DDI-015', 'DDI-014', 'DDI-024'],
    class: 'HOSTILE',
    faults: { sizes: [small.length, 2 * 4096, -11 * 4096] },
  }),
  unreadable('signature-not-blocks', 'DDI_TABLE', {
    title: 'A signature partition with a sector behind its block is rejected',
    requirements: ['DDI-015', 'DDI-024'],
    signature: () => Buffer.concat([signatureBy(rsa), Buffer.alloc(512)]),
  }),
  unreadable('signature-empty', 'DDI_TABLE', {
    title: 'An entry of a signature partition without sectors is rejected',
    requirements: ['DDI-015', 'DDI-006'],
    faults: {
      table: table => {
        const third = table.subarray(2 * ENTRY, 3 * ENTRY);
        table.copy(third, 0, ENTRY, 2 * ENTRY);
        const next = table.readUInt32LE(ENTRY + entry.last) + 1;
        third.writeUInt32LE(next, entry.first);
        third.writeUInt32LE(next - 1, entry.last);
      },
    },
  }),
  rejectedDisk(
    'mbr-type',
    'The protective MBR has another type',
    disk => disk.writeUInt8(0x83, 450),
    'DDI-004',
  ),
  rejectedDisk(
    'mbr-size',
    'The protective MBR does not cover the disk',
    disk => disk.writeUInt32LE(1, 458),
    'DDI-004',
  ),
  rejectedDisk(
    'mbr-code',
    'The protective MBR has a boot program',
    disk => disk.writeUInt8(0xeb, 0),
    'DDI-004',
  ),
  rejectedDisk(
    'mbr-signature',
    'The protective MBR lacks its last bytes',
    disk => disk.fill(0, 510, 512),
    'DDI-004',
  ),
  rejectedDisk('before-partitions', 'A byte in front of the partitions is not 0', disk =>
    disk.writeUInt8(1, offsets.data - 1),
  ),
  rejectedDisk('behind-partitions', 'A byte behind the partitions is not 0', disk =>
    disk.writeUInt8(1, behind),
  ),
];
