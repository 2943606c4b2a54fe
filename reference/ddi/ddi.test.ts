import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 as nodeCrc32 } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { diskImage, hashTree } from '../../conformance/generate/builder/ddi.ts';
import { testKeys } from '../../conformance/generate/builder/test-keys.ts';
import { hex } from '../bytes.ts';
import { parseDumpfile } from '../dumpfile/parse.ts';
import { writeErofs } from '../erofs/write.ts';
import { ComposefsError } from '../errors.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { portableSha2 } from '../hash/portable.ts';
import { readCertificates, readSigner } from '../seal/node/signing.ts';
import { crc32 } from './crc32.ts';
import { hashPartition } from './hash-tree.ts';
import { hashPartitionSize } from './layout.ts';
import { withDiskFile } from './node/disk-file.ts';
import { isSignedDdi, rootHashSigner } from './node/signature.ts';
import { type DiskBytes, readDdi } from './read.ts';
import { type DdiOptions, writeDdi } from './write.ts';

const directory = mkdtempSync(join(tmpdir(), 'ddi-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The image of a root with `files` files whose names are long. */
function imageOf(files: number): Buffer {
  const lines = Array.from(
    { length: files },
    (_, i) => `/${String(i).padStart(200, 'n')} 0 100644 1 0 0 0 0.0 - - -\n`,
  );
  const dumpfile = Buffer.from(`/ 0 40755 2 0 0 0 0.0 - - -\n${lines.join('')}`);
  return Buffer.concat([
    ...writeErofs(parseDumpfile(dumpfile), { format: 'v1', algorithm: 'fsverity-sha256-12' }),
  ]);
}

function written(image: Uint8Array, options?: DdiOptions): Buffer {
  return Buffer.concat([...writeDdi(image, options).chunks]);
}

function memory(bytes: Uint8Array): DiskBytes {
  return { size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) };
}

const small = imageOf(0);
const { rsa, p256, otherRsa } = testKeys;
const signer = (key: typeof rsa | typeof p256) => {
  return rootHashSigner(readSigner(Buffer.from(key.key), Buffer.from(key.certificate), {}));
};
const certificates = (key: { readonly certificate: string }) =>
  readCertificates(Buffer.from(key.certificate), {});

describe('a disk image', () => {
  test.each([0, 1, 500, 2000])('is the same as one that is made by hand, of %i files', async files => {
    const image = imageOf(files);
    const disk = written(image);
    expect(disk.equals(diskImage(image))).toBe(true);
    expect(disk.length).toBe(writeDdi(image).size);
    const found = await readDdi(memory(disk));
    expect(Buffer.from(found.image).equals(image)).toBe(true);
    expect(hex(found.rootHash)).toBe(hashTree(image).root.toString('hex'));
  });

  test('does not depend on the implementation of SHA-2, and is the same each time', () => {
    const disk = written(small, { sha2: nodeSha2 });
    for (const sha2 of [portableSha2, nodeSha2]) {
      // Node returns slices of one buffer, whose other bytes must not change.
      for (let i = 0; i < 20; i++) expect(written(small, { sha2 }).equals(disk)).toBe(true);
    }
  });

  test('can be iterated twice', () => {
    const { chunks } = writeDdi(small);
    expect(Buffer.concat([...chunks]).equals(Buffer.concat([...chunks]))).toBe(true);
  });

  test('has one code for every changed byte', async () => {
    const disk = written(small, { sign: signer(rsa) });
    const end = 1_048_576 + small.length + 8192 + 4096;
    const positions = [0, 446, 460, 511, 512, 528, 600, 1023, 1024, 1151, 1400, 17_407, 17_408, 1_048_575];
    positions.push(end - 4096 - 8192, end - 4096 - 1, end - 1, end, disk.length - 513, disk.length - 1);
    for (const at of positions) {
      const changed = Buffer.from(disk);
      changed.writeUInt8(changed.readUInt8(at) ^ 0x10, at);
      const code = await readDdi(memory(changed)).then(
        () => 'accepted',
        (error: ComposefsError) => error.code,
      );
      const outside = at < 1_048_576 || at >= end;
      const hash = at >= end - 4096 - 8192 && at < end - 4096;
      expect([at, code]).toEqual([at, outside ? 'DDI_TABLE' : hash ? 'DDI_HASH' : 'DDI_SIGNATURE_FORM']);
    }
  });

  test('is rejected, and never read further, whatever its partition table says', async () => {
    const disk = written(small);
    for (const value of [0n, 1n, 2047n, 2n ** 31n, 2n ** 63n, 2n ** 64n - 1n]) {
      for (const at of [1056, 1064, 1184, 1192, 1312, 1320]) {
        const changed = Buffer.from(disk);
        if (changed.readBigUInt64LE(at) === value) continue;
        changed.writeBigUInt64LE(value, at);
        await expect(readDdi(memory(changed))).rejects.toThrow(ComposefsError);
      }
    }
  });
});

describe('hashes and checksums', () => {
  test.each([1, 2, 127, 128, 129, 16_384, 16_385])('the hash partition of %i blocks', blocks => {
    const data = Buffer.alloc(blocks * 4096);
    for (let i = 0; i < blocks; i++) data.writeUInt32LE(i, i * 4096);
    const { rootHash, parts } = hashPartition(data, nodeSha2);
    const { levels, root } = hashTree(data);
    expect(hex(rootHash)).toBe(root.toString('hex'));
    expect(Buffer.concat(parts.slice(1)).equals(Buffer.concat([...levels].reverse()))).toBe(true);
    const size = parts.reduce((sum, { length }) => sum + length, 0);
    expect(hashPartitionSize(BigInt(data.length))).toBe(BigInt(size));
  });

  test('CRC-32 is that of zlib', () => {
    for (const text of ['', 'a', '123456789', 'x'.repeat(1000)]) {
      expect(crc32(Buffer.from(text))).toBe(nodeCrc32(text));
    }
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
  });
});

describe('a signature', () => {
  test.each([
    ['RSA', rsa],
    ['ECDSA', p256],
  ] as const)('with %s is verified by its certificate only', async (_, key) => {
    const found = await readDdi(memory(written(small, { sign: signer(key) })));
    expect(isSignedDdi(found, { trusted: certificates(key), requireSignature: true })).toBe(true);
    expect(isSignedDdi(found, { trusted: certificates(otherRsa) })).toBe(false);
    expect(isSignedDdi(found, { trusted: [] })).toBe(false);
    const required = () => isSignedDdi(found, { trusted: certificates(otherRsa), requireSignature: true });
    expect(required).toThrow(/DDI_SIGNER/);
  });
});

describe('a disk image in a file', () => {
  test('is named in a rejection', async () => {
    const path = join(directory, 'short.raw');
    writeFileSync(path, 'short');
    await expect(withDiskFile(path, readDdi)).rejects.toThrow(/short\.raw.*DDI_SIZE/);
    await expect(withDiskFile(join(directory, 'none'), readDdi)).rejects.toThrow(/REQUEST_FILE/);
    await expect(withDiskFile(directory, readDdi)).rejects.toThrow(/REQUEST_FILE/);
  });
});
