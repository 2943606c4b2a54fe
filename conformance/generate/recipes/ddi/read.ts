/**
 * Disk images that a DDI reader accepts, and wrong sizes, EROFS images and hash partitions.
 * @module
 */

import { hashTree, offsets } from '../../builder/ddi.ts';
import { testKeys } from '../../builder/test-keys.ts';
import type { Recipe } from '../../recipe.ts';
import { line } from '../dumpfile/lines.ts';
import { imageOf } from '../erofs/parts.ts';
import { reads, signatureBy, small, smallRoot, unreadable } from './parts.ts';
import { ofBlocks, oneBlock } from './write.ts';

const { rsa, otherRsa, p256, p384, rsa4096, expired, longIssuer } = testKeys;
const required = { requireSignature: true } as const;
const { superblock } = offsets;

/** Changes bytes of the superblock of dm-verity. */
const withSuperblock = (offset: number, ...values: number[]) => ({
  hash: (partition: Buffer) => {
    partition.set(values, offset);
    return partition;
  },
});

/** Rejections of one changed field of the superblock. */
const superblockFields: readonly (readonly [
  slug: string,
  title: string,
  offset: number,
  ...values: number[],
])[] = [
  ['signature', 'The superblock begins with another word', superblock.signature, 0x56],
  ['version', 'The superblock has version 2', superblock.version, 2],
  ['type', 'The superblock has type 0, which Chrome OS uses', superblock.type, 0],
  ['uuid', 'The UUID of the superblock is not the derived one', superblock.uuid, 0],
  ['hash', 'The superblock names SHA-512', superblock.hash + 3, ...Buffer.from('512')],
  ['data-block', 'The superblock has data blocks of 512 bytes', superblock.dataBlock, 0, 2],
  ['hash-block', 'The superblock has hash blocks of 512 bytes', superblock.hashBlock, 0, 2],
  ['blocks', 'The superblock counts fewer data blocks', superblock.blocks, 3],
  ['salt-size', 'The superblock has a salt of one byte 0', superblock.saltSize, 1],
  ['rest', 'A byte behind the fields of the superblock is not 0', 511, 1],
  ['padding', 'A byte behind the superblock is not 0', 4095, 1],
];

/** An EROFS image whose superblock begins with another byte. */
function withoutMagic(image: Uint8Array): Uint8Array {
  return Uint8Array.from(image, (byte, at) => (at === 1024 ? 0 : byte));
}

export const recipes: readonly Recipe[] = [
  reads('read-small', {
    title: 'The EROFS image in a disk image is returned',
    requirements: ['DDI-023', 'DDI-014', 'DDI-015', 'DDI-017'],
  }),
  reads('read-one-block', {
    title: 'A disk image with a single data block is read',
    requirements: ['DDI-023', 'DDI-008', 'DDI-017'],
    class: 'EDGE_CASE',
    needs: ['format.v2'],
    image: oneBlock,
  }),
  reads('read-128-blocks', {
    title: 'A disk image with a full block of hashes is read',
    requirements: ['DDI-023', 'DDI-008'],
    class: 'EDGE_CASE',
    image: () => ofBlocks(128),
  }),
  reads('read-129-blocks', {
    title: 'A disk image with two levels of hashes is read',
    requirements: ['DDI-023', 'DDI-008'],
    class: 'EDGE_CASE',
    image: () => ofBlocks(129),
  }),
  reads('read-signed', {
    title: 'Without certificates, a disk image is not reported as signed',
    requirements: ['DDI-020', 'DDI-018'],
    signature: () => signatureBy(rsa),
  }),
  ...(
    [
      ['trusted', 'an RSA key', rsa],
      ['4096', 'a long RSA key', rsa4096],
      ['p256', 'a P-256 key', p256],
      ['p384', 'a P-384 key', p384],
      ['expired', 'the key of an expired certificate', expired],
    ] as const
  ).map(([slug, name, key]) =>
    reads(`read-${slug}`, {
      title: `A signature by ${name} is verified`,
      requirements: ['DDI-020', 'DDI-022', 'DDI-018'],
      signature: () => signatureBy(key),
      certificates: key.certificate,
      ...required,
      signed: true,
    }),
  ),
  reads('read-long-issuer', {
    title: 'A message of 16,128 bytes is read',
    requirements: ['DDI-018', 'DDI-020'],
    class: 'LIMIT',
    signature: () => signatureBy(longIssuer),
    certificates: longIssuer.certificate,
    ...required,
    signed: true,
  }),
  reads('read-second-certificate', {
    title: 'A signature by the second of two trusted certificates is verified',
    requirements: ['DDI-019', 'DDI-020', 'VERIFY-052'],
    class: 'EDGE_CASE',
    signature: () => signatureBy(rsa),
    certificates: `${otherRsa.certificate}\n# the next one\n${rsa.certificate}`,
    ...required,
    signed: true,
  }),
  reads('read-stranger', {
    title: 'A signature by a stranger is ignored where none is required',
    requirements: ['DDI-021', 'DDI-020'],
    signature: () => signatureBy(otherRsa),
    certificates: rsa.certificate,
  }),
  reads('read-unsigned-trusting', {
    title: 'A disk image without a signature is read where none is required',
    requirements: ['DDI-022', 'DDI-020'],
    certificates: rsa.certificate,
  }),
  unreadable('empty-disk', 'DDI_SIZE', {
    title: 'An empty file is rejected',
    requirements: ['DDI-014'],
    faults: { disk: () => Buffer.alloc(0) },
  }),
  unreadable('short-disk', 'DDI_SIZE', {
    title: 'A file that ends in front of the first partition is rejected',
    requirements: ['DDI-014', 'DDI-024'],
    faults: { disk: disk => disk.subarray(0, 1_048_575) },
  }),
  unreadable('truncated-disk', 'DDI_SIZE', {
    title: 'A disk image without its last block is rejected',
    requirements: ['DDI-014', 'DDI-024'],
    faults: { disk: disk => disk.subarray(0, disk.length - 4096) },
  }),
  unreadable('longer-disk', 'DDI_SIZE', {
    title: 'A disk image with a sector behind it is rejected',
    requirements: ['DDI-014', 'DDI-024'],
    faults: { disk: disk => Buffer.concat([disk, Buffer.alloc(512)]) },
  }),
  unreadable('bad-erofs', 'EROFS_MAGIC', {
    title: 'A data partition with another file system is rejected',
    requirements: ['DDI-016', 'EROFS-051'],
    image: () => withoutMagic(small),
  }),
  unreadable('padded-erofs', 'EROFS_SIZE', {
    title: 'A data partition with a block behind the EROFS image is rejected',
    requirements: ['DDI-016', 'EROFS-050'],
    class: 'HOSTILE',
    image: () => Buffer.concat([small, Buffer.alloc(4096)]),
  }),
  unreadable('changed-erofs', 'DDI_HASH', {
    title: 'An EROFS image that was changed afterwards is rejected',
    requirements: ['DDI-017'],
    class: 'HOSTILE',
    faults: {
      // The same tree, but everybody may write to its root.
      data: () => Buffer.from(imageOf(line({ path: '/', mode: '40777', nlink: '2' }))),
    },
  }),
  unreadable('changed-magic', 'EROFS_MAGIC', {
    title: 'A changed EROFS image is rejected for what is in it, if it is broken',
    requirements: ['DDI-016', 'DDI-024'],
    class: 'HOSTILE',
    faults: { data: image => Buffer.from(withoutMagic(image)) },
  }),
  unreadable('changed-tree-signature-form', 'DDI_HASH', {
    title: 'A changed hash tree is rejected before a malformed signature',
    requirements: ['DDI-017', 'DDI-024'],
    class: 'HOSTILE',
    signature: () => signatureBy(rsa, small, { fingerprint: 'x' }),
    faults: withSuperblock(4096 + 40, 0),
  }),
  unreadable('changed-tree', 'DDI_HASH', {
    title: 'A changed byte of the hash tree is rejected',
    requirements: ['DDI-017'],
    class: 'HOSTILE',
    faults: withSuperblock(4096 + 40, 0),
  }),
  unreadable('tree-padding', 'DDI_HASH', {
    title: 'A byte behind the last hash of a level is rejected unless it is 0',
    requirements: ['DDI-017', 'DDI-008'],
    faults: withSuperblock(4096 + 4 * 32, 1),
  }),
  unreadable('levels-exchanged', 'DDI_HASH', {
    title: 'A hash tree with the first level in front is rejected',
    requirements: ['DDI-017', 'DDI-009'],
    control: 'read-129-blocks',
    image: () => ofBlocks(129),
    faults: {
      hash: partition =>
        Buffer.concat([
          partition.subarray(0, 4096),
          partition.subarray(8192),
          partition.subarray(4096, 8192),
        ]),
    },
  }),
  unreadable('other-root-hash', 'DDI_HASH', {
    title: 'A table that was written for another root hash is rejected',
    requirements: ['DDI-017'],
    class: 'HOSTILE',
    faults: { tableRoot: hashTree(oneBlock()).root },
  }),
  unreadable('root-hash-half', 'DDI_HASH', {
    title: 'A root hash whose second half differs is rejected',
    requirements: ['DDI-017'],
    class: 'HOSTILE',
    faults: { tableRoot: Buffer.from(`${smallRoot.slice(0, 62)}00`, 'hex') },
  }),
  ...superblockFields.map(([slug, title, offset, ...values]) =>
    unreadable(`superblock-${slug}`, 'DDI_HASH', {
      title,
      requirements: ['DDI-017', 'DDI-010'],
      faults: withSuperblock(offset, ...values),
    }),
  ),
];
