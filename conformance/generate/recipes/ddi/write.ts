/**
 * Disk images that a DDI writer writes, and what it rejects.
 * @module
 */

import { otherForms, testKeys } from '../../builder/test-keys.ts';
import type { Recipe } from '../../recipe.ts';
import { line, root } from '../dumpfile/lines.ts';
import { imageOf } from '../erofs/parts.ts';
import { small, smallRoot, unwritable, type Written, writes } from './parts.ts';

const { rsa, rsa4096, p256, p384, expired, longIssuer, longerIssuer, otherRsa, compressed, shortRsa } =
  testKeys;

/** An image of format v2 has no stubs, and one block is enough for an empty root. */
export const oneBlock = () => imageOf(root, 'fsverity-sha256-12', 'v2');

/** An image of `blocks` blocks: files whose only full block is 0, and 5 blocks of metadata. */
export function ofBlocks(blocks: number): Uint8Array {
  const names = Array.from({ length: blocks - 5 }, (_, i) => `/${String(i).padStart(3, '0')}`);
  const files = names.map(path => line({ path, size: '4096', content: '\\x00'.repeat(4096) }));
  const image = imageOf(root + files.join(''));
  if (image.length !== blocks * 4096) throw new Error(`the image has ${image.length / 4096} blocks`);
  return image;
}

const layout = ['DDI-001', 'DDI-003', 'DDI-004', 'DDI-005', 'DDI-006', 'DDI-007', 'DDI-009', 'DDI-010'];

const signed = (slug: string, facts: Pick<Written, 'title' | 'signer'> & Partial<Written>): Recipe =>
  writes(slug, { requirements: ['DDI-012', 'DDI-013', 'DDI-011'], rootHash: smallRoot, ...facts });

const rejectedKey = (
  slug: string,
  facts: Omit<Parameters<typeof unwritable>[2], 'requirements' | 'control'>,
) =>
  unwritable(slug, 'REQUEST_KEY', {
    requirements: ['DDI-012', 'SEAL-041'],
    control: 'write-signed',
    ...facts,
  });

const tagged = (image: Uint8Array, offset: number, value: number): Uint8Array => {
  const changed = Uint8Array.from(image);
  changed[offset] = value;
  return changed;
};

export const recipes: readonly Recipe[] = [
  writes('write-small', {
    title: 'The disk image of an EROFS image of four blocks is written',
    requirements: [...layout, 'DDI-008', 'DDI-011'],
    rootHash: smallRoot,
  }),
  writes('write-one-block', {
    title: 'The root hash of a single block is its hash, without a tree',
    requirements: ['DDI-008', 'DDI-009', 'DDI-010'],
    class: 'EDGE_CASE',
    needs: ['format.v2'],
    image: oneBlock,
    rootHash: '1cc80c021ae1b35fd70913e82854b0c4ac9046a6774f746c0cbb963ede54af45',
  }),
  writes('write-128-blocks', {
    title: 'The hashes of 128 blocks fill one block of the hash tree',
    requirements: ['DDI-008', 'DDI-009'],
    class: 'EDGE_CASE',
    image: () => ofBlocks(128),
    rootHash: '790acf3d393be8ffae3aa8b69f3404963822ba3e2b55e80fd7c326200d48caad',
  }),
  writes('write-129-blocks', {
    title: 'The hashes of 129 blocks need a second level, which comes first',
    requirements: ['DDI-008', 'DDI-009'],
    class: 'EDGE_CASE',
    image: () => ofBlocks(129),
    rootHash: 'd133303d242e7ea97029e3943859ef656d7997d524cabd3a9179d98b4b787bca',
  }),
  signed('write-signed', { title: 'The root hash is signed with an RSA key', signer: rsa }),
  signed('write-signed-4096', { title: 'The root hash is signed with a long RSA key', signer: rsa4096 }),
  signed('write-signed-p256', { title: 'The root hash is signed with a P-256 key', signer: p256 }),
  signed('write-signed-p384', {
    title: 'A P-384 key signs the root hash with SHA-256',
    signer: p384,
  }),
  signed('write-signed-long', {
    title: 'A signature with a long issuer takes several blocks',
    requirements: ['DDI-013', 'DDI-012', 'SEAL-057'],
    class: 'LIMIT',
    signer: longIssuer,
  }),
  signed('write-signed-expired', {
    title: 'A root hash is signed for an expired certificate',
    requirements: ['DDI-012', 'SEAL-049'],
    class: 'EDGE_CASE',
    signer: expired,
  }),
  signed('write-signed-chain', {
    title: 'Of a certificate chain, the first certificate is used',
    requirements: ['DDI-012', 'DDI-013', 'SEAL-048'],
    class: 'EDGE_CASE',
    signer: rsa,
    certificate: rsa.certificate + otherRsa.certificate,
  }),
  signed('write-signed-pkcs1', {
    title: 'A private key in the form of PKCS #1 signs the root hash',
    requirements: ['DDI-012', 'SEAL-048'],
    class: 'EDGE_CASE',
    signer: rsa,
    key: otherForms.pkcs1,
  }),
  unwritable('write-empty-file', 'EROFS_SIZE', {
    title: 'No disk image is written for an empty file',
    requirements: ['DDI-002', 'EROFS-050'],
    control: 'write-small',
    image: () => new Uint8Array(),
  }),
  unwritable('write-padded-image', 'EROFS_SIZE', {
    title: 'No disk image is written for an EROFS image with a block behind it',
    requirements: ['DDI-002', 'EROFS-050'],
    control: 'write-small',
    image: () => Buffer.concat([small, Buffer.alloc(4096)]),
  }),
  unwritable('write-other-magic', 'EROFS_MAGIC', {
    title: 'No disk image is written for another file system',
    requirements: ['DDI-002', 'EROFS-051'],
    control: 'write-small',
    image: () => tagged(small, 1024, 0),
  }),
  rejectedKey('write-key-alone', { title: 'A key without its certificate is rejected', key: rsa.key }),
  rejectedKey('write-certificate-alone', {
    title: 'A certificate without its key is rejected',
    certificate: rsa.certificate,
  }),
  rejectedKey('write-key-of-another', {
    title: 'A key that does not belong to the certificate is rejected',
    key: rsa.key,
    certificate: otherRsa.certificate,
  }),
  rejectedKey('write-short-key', {
    title: 'An RSA key of 1,024 bits is rejected',
    key: shortRsa.key,
    certificate: shortRsa.certificate,
  }),
  unwritable('write-compressed-point', 'REQUEST_KEY', {
    title: 'A certificate with a compressed point is rejected',
    requirements: ['DDI-012', 'SEAL-058'],
    control: 'write-signed-p256',
    key: compressed.key,
    certificate: compressed.certificate,
  }),
  unwritable('write-longer-signature', 'REQUEST_KEY', {
    title: 'A certificate that makes a message of 16,129 bytes is rejected',
    requirements: ['DDI-012', 'SEAL-057'],
    class: 'LIMIT',
    control: 'write-signed-long',
    key: longerIssuer.key,
    certificate: longerIssuer.certificate,
  }),
];
