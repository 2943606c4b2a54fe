/**
 * Where the parts of a disk image are (spec/ddi.md, "Layout"). Sizes are bigints, because those that a partition table
 * gives can have any value.
 * @module
 */

/** Bytes of a sector. */
export const SECTOR = 512;
/** Bytes of a block. */
export const BLOCK = 4096;
/** The first byte of the data partition. */
export const DATA_AT = 1_048_576;
/** Hashes in a block of the hash tree. */
export const HASHES_PER_BLOCK = BLOCK / 32;

/** The sizes of the partitions in bytes; `signature` is 0 if there is none. */
export interface PartitionSizes {
  readonly data: bigint;
  readonly hash: bigint;
  readonly signature: bigint;
}

/** Bytes of the two copies of the partition table at the end, with the header (DDI-001). */
export const TAIL = 16_896;

/** The size of the disk image: T. */
export function diskSize({ data, hash, signature }: PartitionSizes): bigint {
  const block = BigInt(BLOCK);
  const least = BigInt(DATA_AT) + data + hash + signature + BigInt(TAIL);
  return ((least + block - 1n) / block) * block;
}

/** The number of blocks in each level of the hash tree of `blocks` blocks, level 0 first (DDI-008). */
export function levelSizes(blocks: bigint): bigint[] {
  const perBlock = BigInt(HASHES_PER_BLOCK);
  const sizes: bigint[] = [];
  for (let size = blocks; size > 1n; sizes.push(size)) size = (size + perBlock - 1n) / perBlock;
  return sizes;
}

/** The size of the hash partition: the superblock and the levels (DDI-009). */
export function hashPartitionSize(data: bigint): bigint {
  const blocks = levelSizes(data / BigInt(BLOCK)).reduce((sum, size) => sum + size, 1n);
  return blocks * BigInt(BLOCK);
}
