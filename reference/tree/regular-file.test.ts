import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { file, inodeAt, merge } from '../arbitrary-tree.test.helper.ts';
import { ascii, byteString } from '../bytes.ts';
import { FsVerity } from '../fsverity/digest.ts';
import { isObjectPath, objectDigestSize, objectPath, payloadOf, writeObjectDigest } from './object-path.ts';
import { INLINE_LIMIT, regularFile } from './regular-file.ts';

const bytes = (size: number) => new Uint8Array(size).map((_, i) => i * 31);

test.each([0, 1, INLINE_LIMIT])('%i bytes of content are an inline file', async size => {
  expect(inodeAt(await merge([file('f', bytes(size))]), 'f')).toMatchObject({
    kind: 'inline',
    content: bytes(size),
  });
});

/** The fs-verity digest of a file of one block, by its definition. */
function oneBlock(content: Uint8Array, hash: string, number: number): Buffer {
  const sum = (data: Uint8Array) => createHash(hash).update(data).digest();
  const block = new Uint8Array(4096);
  block.set(content);
  const descriptor = Buffer.alloc(256);
  descriptor.set([1, number, 12]);
  descriptor.writeBigUInt64LE(BigInt(content.length), 8);
  descriptor.set(sum(block), 16);
  return sum(descriptor);
}

test.each([
  ['fsverity-sha256-12', 'sha256', 1],
  ['fsverity-sha512-12', 'sha512', 2],
] as const)('longer content is an external file with its %s digest', async (algorithm, hash, number) => {
  const content = bytes(INLINE_LIMIT + 1);
  const digest = oneBlock(content, hash, number);
  const digits = digest.toString('hex');
  async function* chunks() {
    yield content.subarray(0, 10);
    yield content.subarray(10);
  }
  const { mode, uid, gid, mtime, xattrs } = file('f');
  const verity = new FsVerity(algorithm);
  const made = await regularFile({ mode, uid, gid, mtime, xattrs }, content.length, chunks(), verity);
  expect(made).toMatchObject({
    kind: 'external',
    size: 65n,
    digest: byteString(digest),
    mode: 0o644,
  });
  expect(made.kind === 'external' && payloadOf(made)).toBe(`${digits.slice(0, 2)}/${digits.slice(2)}`);
});

test('an object path is the digest with a slash after two digits', () => {
  const bytes = new Uint8Array([0x0a, 0xbc, 0xde]);
  const digest = byteString(bytes);
  const path = objectPath(digest);
  expect(path).toBe('0a/bcde');
  expect(isObjectPath(path, digest)).toBe(true);
  for (const other of ['0a/bcdf', '0a/bcd', '0abbcde', '0A/bcde', '0a/bcdee']) {
    expect(isObjectPath(ascii(other), digest)).toBe(false);
  }
  const target = new Uint8Array(objectDigestSize(path) + 1);
  writeObjectDigest(path, target, 1);
  expect(target).toEqual(new Uint8Array([0, ...bytes]));
});
