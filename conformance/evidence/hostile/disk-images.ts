/**
 * Damaged disk images. What depends on the damage is corrected, the checksums of the partition table or the hashes of the
 * image, so that the damage is read.
 * @module
 */

import { type DiskFaults, diskImage } from '../../generate/builder/ddi.ts';
import { testKeys } from '../../generate/builder/test-keys.ts';
import type { RandomBytes } from '../../generate/random-trees/random-bytes.ts';
import { messageOf, signatureBy, small, smallRoot } from '../../generate/recipes/ddi/parts.ts';
import { mutated } from './mutate.ts';

const BLOCK = 4096;
/** The three entries that are read, of 128 bytes each. */
const ENTRIES = 384;

type Damage = (random: RandomBytes, images: readonly Uint8Array[]) => Uint8Array;

const inTable = (random: RandomBytes) => (table: Buffer) => overwritten(table, ENTRIES, random);

const damages: readonly Damage[] = [
  (random, images) => diskImage(padded(mutated(random.pick(images), random.pick(images), random))),
  random => damagedDisk(random, { table: inTable(random) }),
  random => damagedDisk(random, { oneTable: { which: random.pick([0, 1]), change: inTable(random) } }),
  random =>
    damagedDisk(random, {
      header: { which: random.pick([0, 1]), change: header => overwritten(header, 92, random) },
    }),
  random => damagedDisk(random, { hash: hashes => padded(mutated(hashes, hashes, random)) }),
  random => damagedDisk(random, { disk: disk => Buffer.from(mutated(disk, disk, random)) }),
  random => {
    const text = signatureBy(testKeys.rsa);
    return diskImage(small, padded(mutated(text.subarray(0, text.indexOf(0)), text, random)));
  },
  random => {
    const message = messageOf(smallRoot, random.pick([testKeys.rsa, testKeys.p256]));
    return diskImage(small, signatureBy(testKeys.rsa, small, { message: mutated(message, message, random) }));
  },
];

/** A disk image with one kind of damage; `images` are EROFS images. */
export function hostileDiskImage(random: RandomBytes, images: readonly Uint8Array[]): Uint8Array {
  return random.pick(damages)(random, images);
}

function damagedDisk(random: RandomBytes, faults: DiskFaults): Uint8Array {
  return diskImage(small, random.once(2) ? signatureBy(testKeys.rsa) : undefined, faults);
}

/** Damages the first `length` bytes of `bytes`, which keep their place. */
function overwritten(bytes: Buffer, length: number, random: RandomBytes): void {
  const damaged = mutated(bytes.subarray(0, length), bytes, random);
  bytes.set(damaged.subarray(0, length));
}

function padded(bytes: Uint8Array): Buffer {
  const result = Buffer.alloc(Math.ceil(bytes.length / BLOCK) * BLOCK);
  result.set(bytes);
  return result;
}
