import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { diskImage, hashTree } from '../../generate/builder/ddi.ts';
import { testKeys } from '../../generate/builder/test-keys.ts';
import { signatureBy, small, smallRoot } from '../../generate/recipes/ddi/parts.ts';
import { programPath } from '../../implementations/install/paths.ts';
import type { DiskImageFacts } from './disk-image-facts.ts';
import { checkHashes, checkSignature, checkTable } from './disk-images.ts';

const folder = mkdtempSync(join(tmpdir(), 'disk-images-'));
afterAll(() => rmSync(folder, { recursive: true }));

function factsOf(image: Uint8Array, disk = diskImage(image)): DiskImageFacts {
  return { disk, image, rootHash: hashTree(image).root.toString('hex'), certificate: undefined };
}

/** A file of `blocks` different blocks, not an EROFS image. */
function blocksOf(blocks: number): Buffer {
  const data = Buffer.alloc(blocks * 4096);
  for (let i = 0; i < blocks; i++) data.writeUInt32LE(i, i * 4096);
  return data;
}

describe.skipIf(programPath('veritysetup') === undefined)('veritysetup', () => {
  test.each([1, 128, 129, 16_385])('makes and accepts the hash partition of %i blocks', blocks => {
    expect(checkHashes(factsOf(blocksOf(blocks)), folder)).toEqual({ status: 'pass' });
  });

  test.each([4096 + 5, 16, 72])('notices a changed byte %i of the hash partition', at => {
    const image = blocksOf(3);
    const disk = diskImage(image);
    disk.writeUInt8(disk.readUInt8(1_048_576 + image.length + at) ^ 1, 1_048_576 + image.length + at);
    // The UUID is an input of veritysetup; the reader compares it with the derived one.
    expect(checkHashes(factsOf(image, disk), folder).status).toBe(at === 16 ? 'pass' : 'fail');
  });
});

describe.skipIf(programPath('sfdisk') === undefined)('sfdisk', () => {
  test('lists what the table has to say', () => {
    expect(checkTable(factsOf(small), folder)).toEqual({ status: 'pass' });
  });

  test.each([512, 1024, 1024 + 56])('notices a changed byte %i of the table', at => {
    const disk = diskImage(small);
    disk.writeUInt8(disk.readUInt8(at) ^ 1, at);
    expect(checkTable(factsOf(small, disk), folder).status).toBe('fail');
  });
});

test('openssl verifies the signature of the root hash, and no other', () => {
  const { certificate } = testKeys.rsa;
  const facts = { ...factsOf(small, diskImage(small, signatureBy(testKeys.rsa))), certificate };
  expect(checkSignature(facts, folder).status).not.toBe('fail');
  if (checkSignature(facts, folder).status === 'skip') return;
  expect(checkSignature({ ...facts, rootHash: smallRoot.replace(/^./, '0') }, folder).status).toBe('fail');
});
