/**
 * What a disk image has to hold, and the partitions that another program has to find in it.
 * @module
 */

/** A disk image, and what it has to hold. */
export interface DiskImageFacts {
  readonly disk: Uint8Array;
  readonly image: Uint8Array;
  readonly rootHash: string;
  /** PEM, if the disk image is signed. */
  readonly certificate: string | undefined;
}

/** Where the first partition starts. */
export const DATA_AT = 1_048_576;

/** The partitions of the standard (DDI-006): type and name. */
export const partitions = [
  { type: '49c61b10-7411-8fa2-99e3-cf83c4fe0b5a', name: 'composefs' },
  { type: '5f03b796-7cb5-833a-9dcb-9cdff9fb4d7f', name: 'composefs-verity' },
  { type: 'a3e081cc-133c-807e-adab-269a790cb0b9', name: 'composefs-verity-sig' },
] as const;

/** The partitions that the disk image has for certain: a signature that nobody asks for is not among the facts. */
export function partitionsOf({ certificate }: DiskImageFacts): readonly (typeof partitions)[number][] {
  return certificate === undefined ? partitions.slice(0, 2) : partitions;
}

/** A partition as a program lists it; numbers are in bytes. */
export interface FoundPartition {
  readonly start: number;
  readonly size: number;
  readonly type: string;
  readonly uuid: string;
  readonly name: string;
}

/** What is wrong with the partitions that a program lists; undefined if the standard requires them. */
export function wrongPartition(found: readonly FoundPartition[], facts: DiskImageFacts): string | undefined {
  if (found.length < partitionsOf(facts).length || found.length > partitions.length) {
    return `it lists ${found.length} partitions`;
  }
  let start = DATA_AT;
  for (const [i, got] of found.entries()) {
    const expected: Partial<FoundPartition> = {
      ...partitions[i],
      start,
      ...(i === 0 && { size: facts.image.length, uuid: uuidText(facts.rootHash.slice(0, 32)) }),
      ...(i === 1 && { uuid: uuidText(facts.rootHash.slice(32)) }),
    };
    for (const [name, value] of Object.entries(expected)) {
      const other = got[name as keyof FoundPartition];
      if (other !== value) return `partition ${i + 1}, ${name}: expected ${value}, got ${other}`;
    }
    start += got.size;
  }
  return undefined;
}

/** The text of a UUID in hexadecimal. */
export function uuidText(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
