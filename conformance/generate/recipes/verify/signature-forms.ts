/**
 * What a signature has to be: its message, its form, its length and its value.
 * @module
 */

import { der } from '../../builder/der.ts';
import { digestOf } from '../../builder/layout.ts';
import {
  formatted,
  longLength,
  type SignatureFaults,
  signatureOf,
  type TestKey,
  testKeys,
} from '../../builder/test-keys.ts';
import type { Recipe } from '../../recipe.ts';
import { malformedSignatures } from '../seal/malformed-signatures.ts';
import { type Additions, helloAdditions, type Image, key, member, published } from '../seal/parts.ts';
import {
  artifact,
  artifactKeys,
  bare,
  byOpenssl,
  changed,
  inlineKeys,
  merged,
  otherDigest,
  rejected,
  required,
  signedBy,
  verified,
  withSignature,
} from './parts.ts';

const { rsa, otherRsa, p256, longIssuer, longerIssuer } = testKeys;
/** A rejection of a signature of a different message. */
function faulty(slug: string, title: string, message: Uint8Array): Recipe {
  return rejected(`signature-${slug}`, 'VERIFY_SIGNATURE', 'signed', {
    title,
    requirements: ['VERIFY-032'],
    class: 'HOSTILE',
    trusted: [rsa],
    add: withSignature(signatureOf(merged, rsa, { message })),
  });
}

const right = signatureOf(merged, rsa);

/** Signatures of the right form whose value is not one of the key that they name. */
const valueFaults: readonly (readonly [string, string, TestKey, SignatureFaults])[] = [
  ['ecdsa-as-rsa', 'An ECDSA signature under the RSA algorithm', p256, { named: 'rsa' }],
  ['rsa-as-ecdsa', 'An RSA signature under an ECDSA algorithm', rsa, { named: 'ecdsa' }],
  ['ecdsa-raw', 'An ECDSA signature of r and s without DER', p256, { value: rawEcdsa }],
  ['ecdsa-long-length', 'An ECDSA signature with a BER length', p256, { value: longLength }],
  ['ecdsa-trailing', 'An ECDSA signature with a byte after s', p256, { value: trailing }],
  ['rsa-short', 'An RSA signature that lacks a byte', rsa, { value: value => value.subarray(1) }],
];

export const recipes: readonly Recipe[] = [
  faulty('of-bare-digest', 'A signature of the bare digest is rejected', Buffer.from(merged, 'hex')),
  faulty('of-hex', 'A signature of the digest in hexadecimal is rejected', Buffer.from(merged)),
  faulty('of-other-algorithm', 'A signed SHA-256 digest that names SHA-512 is rejected', withNumber(2)),
  ...malformedSignatures.map(([slug, what, signature]) =>
    rejected(`signature-${slug}`, 'VERIFY_SIGNATURE_FORM', 'signed', {
      title: `${what} is rejected`,
      requirements: ['VERIFY-030'],
      class: 'MALFORMED',
      trusted: [rsa],
      add: withSignature(signature),
    }),
  ),
  ...(
    [
      // 128 is the least size of content whose length takes two bytes.
      [
        'issuer-content',
        'an issuer of bytes that are not DER',
        { issuer: der(0x30, Buffer.alloc(128, 0xff)) },
      ],
      ['issuer-empty', 'an empty issuer', { issuer: der(0x30) }],
      ['serial-zeros', 'a serial number with a leading zero', { serial: der(0x02, Buffer.from([0, 1])) }],
      ['serial-negative', 'a negative serial number', { serial: der(0x02, Buffer.from([0xff])) }],
    ] as const
  ).map(([slug, what, names]) =>
    verified(`signature-${slug}`, {
      title: `The form of a signature allows ${what}`,
      requirements: ['VERIFY-030', 'VERIFY-029', 'VERIFY-033', 'SEAL-070'],
      class: 'EDGE_CASE',
      trusted: [rsa],
      add: withSignature(signatureOf(merged, { ...rsa, ...names })),
      signed: [key('config')],
    }),
  ),
  ...(
    [
      ['issuer-set', 'issuer', 'issuer-empty', 'is a set', { issuer: der(0x31) }],
      [
        'issuer-length',
        'issuer',
        'issuer-empty',
        'has a length in two bytes',
        { issuer: longLength(der(0x30)) },
      ],
      [
        'serial-octets',
        'serial number',
        'serial-zeros',
        'is an octet string',
        { serial: der(0x04, Buffer.from([0, 1])) },
      ],
      ['serial-empty', 'serial number', 'serial-zeros', 'is empty', { serial: der(0x02) }],
    ] as const
  ).map(([slug, part, control, what, names]) =>
    rejected(`signature-${slug}`, 'VERIFY_SIGNATURE_FORM', `signature-${control}`, {
      title: `A signature whose ${part} ${what} is rejected`,
      requirements: ['VERIFY-030', 'SEAL-070'],
      class: 'MALFORMED',
      trusted: [rsa],
      add: withSignature(signatureOf(merged, { ...rsa, ...names })),
    }),
  ),
  verified('signature-limit', {
    title: 'Signatures of 16,128 bytes are accepted',
    requirements: ['VERIFY-031', 'VERIFY-029'],
    class: 'LIMIT',
    params: required,
    trusted: [longIssuer],
    add: signedBy(longIssuer),
    signed: inlineKeys,
    confirmedBy: byOpenssl,
  }),
  rejected('signature-too-long', 'VERIFY_SIGNATURE_FORM', 'signature-limit', {
    title: 'A signature of more than 16,128 bytes is rejected',
    requirements: ['VERIFY-031'],
    class: 'LIMIT',
    trusted: [longIssuer],
    add: source => ({
      ...signedBy(longIssuer)(source),
      manifest: published('merged', merged, longerIssuer),
    }),
  }),
  verified('signature-limit-artifact', {
    title: 'Signatures of 16,128 bytes in an artifact are accepted',
    requirements: ['VERIFY-031', 'VERIFY-029'],
    class: 'LIMIT',
    params: required,
    trusted: [longIssuer],
    add: bare,
    artifacts: (source, manifest) => [artifact('sha256', longIssuer)(source, manifest)],
    keys: artifactKeys,
    signed: artifactKeys,
    confirmedBy: byOpenssl,
  }),
  rejected('signature-too-long-artifact', 'VERIFY_SIGNATURE_FORM', 'signature-limit-artifact', {
    title: 'A signature of more than 16,128 bytes in an artifact is rejected',
    requirements: ['VERIFY-031'],
    class: 'LIMIT',
    trusted: [longIssuer],
    add: bare,
    artifacts: (source, manifest) => {
      const long = signatureOf(merged, longerIssuer);
      const [right] = changed(
        text =>
          text.replace(
            /"digest":"[^"]*","size":\d+(?=,"annotations":\{"composefs\.merged)/,
            `"digest":"${digestOf(long)}","size":${long.length}`,
          ),
        longIssuer,
      )(source, manifest);
      return right === undefined ? [] : [{ ...right, blobs: [...(right.blobs ?? []), long] }];
    },
  }),
  ...valueFaults.flatMap(([slug, what, signer, faults]) => {
    const add = (source: Image): Additions => ({
      ...signedBy(signer)(source),
      manifest: `${published('merged', merged)},${member(`${key('merged')}.sig`, signatureOf(merged, signer, faults).toString('base64'))}`,
    });
    return [
      rejected(`signature-${slug}`, 'VERIFY_SIGNATURE', signer.kind === 'rsa' ? 'signed' : 'signed-p256', {
        title: `${what} is rejected`,
        requirements: ['VERIFY-059', 'VERIFY-032'],
        class: 'MALFORMED',
        trusted: [signer],
        add,
      }),
      verified(`signature-${slug}-not-trusted`, {
        title: `${what} is ignored without trust`,
        requirements: ['VERIFY-059', 'VERIFY-033'],
        class: 'EDGE_CASE',
        trusted: [otherRsa],
        add,
      }),
    ];
  }),
  ...(
    [
      ['empty', 'An empty inline signature', ''],
      [
        'no-padding',
        'An inline signature without base64 padding',
        right.toString('base64').replace(/=+$/, ''),
      ],
      ['line-end', 'An inline signature with a line end', `${right.toString('base64')}\\n`],
      [
        'url',
        'An inline signature in base64url',
        right.toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
      ],
      [
        'loose-bits',
        'An inline signature with nonzero padding bits',
        `${right.toString('base64').slice(0, -4)}AB==`,
      ],
    ] as const
  ).map(([slug, what, signature]) =>
    rejected(`base64-${slug}`, 'VERIFY_VALUE', 'signed', {
      title: `${what} is rejected`,
      requirements: ['VERIFY-012', 'SEAL-043'],
      add: withSignature(signature),
    }),
  ),
  rejected('signature-without-digest', 'VERIFY_KEY', 'signed', {
    title: 'A signature without a digest next to it is rejected',
    requirements: ['VERIFY-015'],
    add: source => ({
      ...helloAdditions(source),
      manifest: `${published('merged', merged)},${member(`${key('merged.bootable')}.sig`, right.toString('base64'))}`,
    }),
  }),
  rejected('signature-of-removed-digest', 'VERIFY_KEY', 'signed', {
    title: 'A signature whose digest was removed is rejected',
    requirements: ['VERIFY-015'],
    class: 'HOSTILE',
    add: source => ({
      ...helloAdditions(source),
      manifest: member(`${key('merged')}.sig`, right.toString('base64')),
    }),
    // Publishes the removed digest, so that only the signature is left over.
    artifacts: (source, manifest) => [artifact()(source, manifest)],
  }),
  verified('signature-form-not-trusted', {
    title: 'Without trusted certificates, only the form of a signature is checked',
    requirements: ['VERIFY-029', 'VERIFY-033'],
    class: 'EDGE_CASE',
    add: withSignature(signatureOf(otherDigest, rsa)),
  }),
];

/** The 32 bytes each of r and s, from an ECDSA signature in DER. */
function rawEcdsa(value: Buffer): Buffer {
  const size = value[3] ?? 0;
  const fixed = (integer: Buffer) => Buffer.concat([Buffer.alloc(32), integer]).subarray(-32);
  return Buffer.concat([fixed(value.subarray(4, 4 + size)), fixed(value.subarray(6 + size))]);
}

function trailing(value: Buffer): Buffer {
  return Buffer.concat([value, Buffer.alloc(1)]);
}

/** The formatted digest with this number for the hash function. */
function withNumber(number: number): Buffer {
  const message = formatted(merged);
  message.writeUInt16LE(number, 8);
  return message;
}
