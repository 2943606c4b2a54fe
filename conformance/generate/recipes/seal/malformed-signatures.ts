/**
 * Signatures of the digest of role `merged` that do not have the form of the standard, for sealers and verifiers.
 * @module
 */

import { octets, oid, sequence, set } from '../../builder/der.ts';
import { formatted, signatureOf, testKeys } from '../../builder/test-keys.ts';
import { trees } from '../image/parts.ts';

const merged = trees.hello.sha256;
const { rsa } = testKeys;
const right = signatureOf(merged, rsa);

/** Slug, description and bytes of each signature. */
export const malformedSignatures: readonly (readonly [slug: string, what: string, signature: Buffer])[] = [
  [
    'other-hash',
    'A SHA-256 digest that is signed with SHA-512',
    signatureOf(merged, rsa, { hash: 'sha512' }),
  ],
  [
    'algorithm',
    'An RSA signature whose algorithm names the hash',
    signatureOf(merged, rsa, { algorithm: '1.2.840.113549.1.1.11' }),
  ],
  [
    'no-algorithm',
    'A signature whose signature algorithm is empty',
    signatureOf(merged, rsa, { algorithm: null }),
  ],
  [
    'attributes',
    'A signature with unsigned attributes',
    signatureOf(merged, rsa, { attributes: Buffer.from('a100', 'hex') }),
  ],
  [
    'certificates',
    'A signature with certificates',
    signatureOf(merged, rsa, { certificates: Buffer.from('a000', 'hex') }),
  ],
  [
    'not-detached',
    'A signature that contains the signed content',
    signatureOf(merged, rsa, { content: contextual(octets(formatted(merged))) }),
  ],
  ['two-signers', 'A signature with two signers', signatureOf(merged, rsa, { signers: 2 })],
  ['no-signers', 'A signature without a signer', signatureOf(merged, rsa, { signers: 0 })],
  ['trailing', 'A signature with a trailing byte', Buffer.concat([right, Buffer.alloc(1)])],
  ['truncated', 'A signature without its last byte', right.subarray(0, -1)],
  ['long-length', 'A signature with a length in too many bytes', longLength(right)],
  ['indefinite', 'A signature in BER with an indefinite length', indefinite(right)],
  [
    'no-value',
    'A signature whose signer ends before the value',
    signatureOf(merged, rsa, { withoutValue: true }),
  ],
  ['text', 'A signature that is text', Buffer.from('-----BEGIN PKCS7-----')],
  ['empty-sequence', 'A signature that is an empty sequence', sequence()],
  ['data', 'A PKCS #7 structure that is not signed data', sequence(oid('1.2.840.113549.1.7.1'), set())],
];

/** `content` with the context-specific tag `[0]`. */
function contextual(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xa0, content.length]), content]);
}

/** `signature` with its outermost length in three bytes instead of two. */
function longLength(signature: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x30, 0x83, 0]), signature.subarray(2, 4), signature.subarray(4)]);
}

function indefinite(signature: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x30, 0x80]), signature.subarray(4), Buffer.alloc(2)]);
}
