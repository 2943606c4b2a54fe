/**
 * The first difference between two disk images, with the part in which it is (spec/ddi.md, "Layout").
 * @module
 */

import { bytesDifference, type ComparedFiles, type Difference } from './difference.ts';

const SECTOR = 512;
const ENTRIES_AT = 1024;
const ENTRY = 128;
const DATA_AT = 1_048_576;
const TABLE = 16_384;

/** A partition, in bytes. */
interface Partition {
  readonly at: number;
  readonly size: number;
}

/** The partitions in the first partition table of a disk image that is expected. */
export function readTable(disk: Uint8Array): Partition[] {
  const view = new DataView(disk.buffer, disk.byteOffset, disk.byteLength);
  return [0, 1, 2].flatMap(i => {
    const [first, last] = [32, 40].map(at => Number(view.getBigUint64(ENTRIES_AT + i * ENTRY + at, true)));
    if (first === undefined || last === undefined || last === 0) return [];
    return [{ at: first * SECTOR, size: (last - first + 1) * SECTOR }];
  });
}

/** A part of a disk image, and the requirement that defines it. */
interface Part {
  /** The first byte behind it. */
  readonly end: number;
  readonly where: string;
  readonly requirement: string;
}

/** All parts, in order. */
function partsOf(disk: Uint8Array): Part[] {
  const total = disk.length;
  const partitions = readTable(disk);
  const names = [
    { where: 'data partition', requirement: 'DDI-003' },
    { where: 'hash partition', requirement: 'DDI-009' },
    { where: 'signature partition', requirement: 'DDI-013' },
  ];
  return [
    { end: SECTOR, where: 'protective MBR', requirement: 'DDI-004' },
    { end: 2 * SECTOR, where: 'first header', requirement: 'DDI-005' },
    { end: ENTRIES_AT + TABLE, where: 'first partition table', requirement: 'DDI-006' },
    { end: DATA_AT, where: 'before the partitions', requirement: 'DDI-001' },
    ...partitions.flatMap(({ at, size }, i) => {
      const name = names[i];
      return name === undefined ? [] : [{ end: at + size, ...name }];
    }),
    { end: total - TABLE - SECTOR, where: 'behind the partitions', requirement: 'DDI-001' },
    { end: total - SECTOR, where: 'second partition table', requirement: 'DDI-006' },
    { end: total, where: 'second header', requirement: 'DDI-005' },
  ];
}

/** The first difference between two disk images. */
export function diskImageDifference(compared: ComparedFiles): Difference {
  const difference = bytesDifference(compared);
  const { offset } = difference;
  const part = offset === undefined ? undefined : partsOf(compared.expected).find(({ end }) => offset < end);
  return {
    ...difference,
    requirement: 'DDI-001',
    ...(part && { where: part.where, requirement: part.requirement }),
  };
}
