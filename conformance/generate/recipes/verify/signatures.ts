/**
 * Signatures: by whom, of what, in which form.
 * @module
 */

import { octets, oid, sequence, set } from '../../builder/der.ts';
import { digestOf } from '../../builder/layout.ts';
import { bytes } from '../../builder/tar.ts';
import { type Faults, formatted, signatureOf, type TestKey, testKeys } from '../../builder/test-keys.ts';
import { smallVerity } from '../../builder/verity.ts';
import type { Recipe } from '../../recipe.ts';
import { type Additions, helloAdditions, type Image, key, member, published } from '../seal/parts.ts';
import {
  another,
  artifact,
  artifactKeys,
  bare,
  changed,
  inlineKeys,
  merged,
  refused,
  verified,
} from './parts.ts';

const { rsa, otherRsa, sameName, expired, pss, shortRsa, p256, p384, p521 } = testKeys;
const required = { requireSignature: 'true' };
const mergedKey = key('merged');
const byOpenssl = ['OpenSSL 3.0 (signatures)'];

const signedBy =
  (signer: TestKey, hash: 'sha256' | 'sha512' = 'sha256') =>
  (of: Image): Additions =>
    helloAdditions(of, hash, signer);

/** Signed by `rsa`, with `signature` in the place of that of role merged. */
const withSignature =
  (signature: Uint8Array | string) =>
  (of: Image): Additions => ({
    ...helloAdditions(of, 'sha256', rsa),
    manifest: `${published('merged', merged)},${member(
      `${mergedKey}.sig`,
      typeof signature === 'string' ? signature : Buffer.from(signature).toString('base64'),
    )}`,
  });

/** A reject whose signature of role merged has a fault. */
function faulty(slug: string, code: string, title: string, faults: Faults, signer: TestKey = rsa): Recipe {
  return refused(`signature-${slug}`, code, 'signed', {
    title,
    requirements: [code === 'VERIFY_SIGNATURE' ? 'VERIFY-032' : 'VERIFY-030'],
    class: code === 'VERIFY_SIGNATURE' ? 'HOSTILE' : 'MALFORMED',
    trusted: [rsa],
    add: withSignature(signatureOf(merged, signer, faults)),
  });
}

const right = signatureOf(merged, rsa);

export const recipes: readonly Recipe[] = [
  verified('signed', {
    title: 'Config and file system are signed by a trusted certificate',
    requirements: ['VERIFY-029', 'VERIFY-037', 'VERIFY-038', 'VERIFY-034'],
    params: required,
    trusted: [rsa],
    add: signedBy(rsa),
    signed: inlineKeys,
    confirmedBy: [...byOpenssl, 'fsverity-utils 1.6 (signatures, byte for byte)'],
  }),
  verified('signed-sha512', {
    title: 'Digests by SHA-512 are signed with SHA-512',
    requirements: ['VERIFY-029', 'VERIFY-030'],
    needs: ['digest.sha512-12'],
    params: { ...required, algorithm: 'fsverity-sha512-12' },
    trusted: [rsa],
    add: signedBy(rsa, 'sha512'),
    keys: [key('config', 'sha512'), key('merged', 'sha512')],
    signed: [key('config', 'sha512'), key('merged', 'sha512')],
    confirmedBy: byOpenssl,
  }),
  ...(
    [
      ['p256', p256],
      ['p384', p384],
    ] as const
  ).map(([slug, signer]) =>
    verified(`signed-${slug}`, {
      title: `ECDSA signatures on P-${slug.slice(1)} are accepted`,
      requirements: ['VERIFY-034', 'VERIFY-029'],
      params: required,
      trusted: [signer],
      add: signedBy(signer),
      signed: inlineKeys,
      confirmedBy: byOpenssl,
    }),
  ),
  verified('signed-p256-sha512', {
    title: 'A key on P-256 signs with SHA-512 where the digest is one',
    requirements: ['VERIFY-034', 'VERIFY-030'],
    needs: ['digest.sha512-12'],
    params: required,
    trusted: [p256],
    add: signedBy(p256, 'sha512'),
    keys: [key('config', 'sha512'), key('merged', 'sha512')],
    signed: [key('config', 'sha512'), key('merged', 'sha512')],
    confirmedBy: byOpenssl,
  }),
  verified('signed-one-of-several', {
    title: 'One of several trusted certificates is enough',
    requirements: ['VERIFY-029', 'VERIFY-035'],
    params: required,
    trusted: [otherRsa, p256, rsa],
    add: signedBy(rsa),
    signed: inlineKeys,
  }),
  verified('signed-same-name', {
    title: 'Of two trusted certificates with one name the right one counts',
    requirements: ['VERIFY-029'],
    class: 'EDGE_CASE',
    params: required,
    trusted: [sameName, rsa],
    add: signedBy(rsa),
    signed: inlineKeys,
  }),
  verified('signed-expired', {
    title: 'The dates of a trusted certificate do not matter',
    requirements: ['VERIFY-036'],
    params: required,
    trusted: [expired],
    add: signedBy(expired),
    signed: inlineKeys,
  }),
  verified('signed-among-others', {
    title: 'What stands between trusted certificates is passed over',
    requirements: ['VERIFY-052'],
    params: required,
    certificates: `subject=CN = a\n${otherRsa.certificate}\n${rsa.key}${rsa.certificate}`,
    add: signedBy(rsa),
    signed: inlineKeys,
  }),
  verified('signed-artifact', {
    title: 'An artifact signs the manifest too',
    requirements: ['VERIFY-029', 'VERIFY-037', 'VERIFY-038'],
    params: required,
    trusted: [rsa],
    add: bare,
    artifacts: (of, manifest) => [artifact('sha256', rsa)(of, manifest)],
    keys: artifactKeys,
    signed: artifactKeys,
    confirmedBy: byOpenssl,
  }),
  verified('signed-two-signers', {
    title: 'Of two artifacts by two signers one has to be trusted',
    requirements: ['VERIFY-022', 'VERIFY-033', 'VERIFY-037'],
    params: required,
    trusted: [p256],
    add: bare,
    artifacts: (of, manifest) => [
      artifact('sha256', rsa)(of, manifest),
      artifact('sha256', p256)(of, manifest),
    ],
    keys: artifactKeys,
    signed: artifactKeys,
  }),
  verified('signed-inline-and-artifact', {
    title: 'What is not signed inline may be signed by an artifact',
    requirements: ['VERIFY-037'],
    params: required,
    trusted: [rsa],
    artifacts: (of, manifest) => [artifact('sha256', rsa)(of, manifest)],
    keys: artifactKeys,
    signed: artifactKeys,
  }),
  verified('signed-nobody-trusted', {
    title: 'Without certificates a signature proves nothing, and harms nothing',
    requirements: ['VERIFY-029', 'VERIFY-033'],
    add: signedBy(rsa),
  }),
  verified('signed-by-stranger', {
    title: 'A signature by a stranger is passed over where none is required',
    requirements: ['VERIFY-033'],
    trusted: [otherRsa],
    add: signedBy(rsa),
  }),
  refused('unsigned', 'VERIFY_UNSIGNED', 'signed', {
    title: 'A signature is required, and there is none',
    requirements: ['VERIFY-037'],
    params: required,
    trusted: [rsa],
  }),
  refused('unsigned-config', 'VERIFY_UNSIGNED', 'signed', {
    title: 'The file system is signed, and the config is not',
    requirements: ['VERIFY-037'],
    class: 'HOSTILE',
    params: required,
    trusted: [rsa],
    add: of => ({ ...helloAdditions(of, 'sha256', rsa), config: published('config', configVerity(of)) }),
  }),
  refused('unsigned-config-not-published', 'VERIFY_UNSIGNED', 'signed', {
    title: 'The file system is signed, and the config not even published',
    requirements: ['VERIFY-037'],
    class: 'HOSTILE',
    params: required,
    trusted: [rsa],
    add: of => ({ ...helloAdditions(of, 'sha256', rsa), config: '' }),
  }),
  refused('unsigned-merged', 'VERIFY_UNSIGNED', 'signed', {
    title: 'The config is signed, and the file system is not',
    requirements: ['VERIFY-037'],
    class: 'HOSTILE',
    params: required,
    trusted: [rsa],
    add: of => ({ ...helloAdditions(of, 'sha256', rsa), manifest: published('merged', merged) }),
  }),
  refused('unsigned-algorithm', 'VERIFY_UNSIGNED', 'signed', {
    title: 'The algorithm that is asked is not the one that is signed',
    requirements: ['VERIFY-037'],
    needs: ['digest.sha512-12'],
    params: { ...required, algorithm: 'fsverity-sha512-12' },
    trusted: [rsa],
    add: of => {
      const [a, b] = [helloAdditions(of, 'sha256', rsa), helloAdditions(of, 'sha512')];
      return { config: `${a.config},${b.config}`, layers: [], manifest: `${a.manifest},${b.manifest}` };
    },
  }),
  refused('signer-not-trusted', 'VERIFY_SIGNER', 'signed', {
    title: 'A signature is required, and the one that is there is by a stranger',
    requirements: ['VERIFY-037'],
    class: 'HOSTILE',
    params: required,
    trusted: [otherRsa],
    add: signedBy(rsa),
  }),
  refused('signer-not-trusted-artifact', 'VERIFY_SIGNER', 'signed-artifact', {
    title: 'An artifact by a stranger does not do where a signature is required',
    requirements: ['VERIFY-037'],
    class: 'HOSTILE',
    params: required,
    trusted: [otherRsa],
    add: bare,
    artifacts: (of, manifest) => [artifact('sha256', rsa)(of, manifest)],
  }),
  refused('no-certificate', 'REQUEST_KEY', 'signed', {
    title: 'A signature is required, and no certificate trusted',
    requirements: ['VERIFY-035'],
    params: required,
    add: signedBy(rsa),
  }),
  ...(
    [
      ['not-pem', 'A trusted certificate is not PEM', 'certificate\n'],
      ['a-key', 'A private key is no certificate', rsa.key],
      ['short', 'A trusted key has 1024 bits', shortRsa.certificate],
      ['p521', 'A trusted key is on P-521', p521.certificate],
      ['pss', 'A trusted key is for the padding PSS alone', pss.certificate],
      [
        'second',
        'The second of two trusted certificates is broken',
        rsa.certificate + rsa.certificate.replace('MII', 'AII'),
      ],
    ] as const
  ).map(([slug, title, certificates]) =>
    refused(`certificate-${slug}`, 'REQUEST_KEY', 'signed', {
      title,
      requirements: ['VERIFY-035'],
      params: required,
      certificates,
      add: signedBy(rsa),
    }),
  ),
  refused('signature-same-name', 'VERIFY_SIGNATURE', 'signed', {
    title: 'A signature by another key under the name of a trusted certificate',
    requirements: ['VERIFY-032'],
    class: 'HOSTILE',
    trusted: [rsa],
    add: signedBy(sameName),
  }),
  refused('signature-of-another', 'VERIFY_SIGNATURE', 'signed', {
    title: 'A signature of another digest is refused, required or not',
    requirements: ['VERIFY-032'],
    class: 'HOSTILE',
    trusted: [rsa],
    add: withSignature(signatureOf(another, rsa)),
  }),
  refused('signature-swapped', 'VERIFY_SIGNATURE', 'signed-artifact', {
    title: 'The signatures of two entries of an artifact are exchanged',
    requirements: ['VERIFY-032'],
    class: 'HOSTILE',
    trusted: [rsa],
    add: bare,
    artifacts: changed(text => {
      const parsed = JSON.parse(text);
      const [manifest, config, last] = parsed.layers;
      const layers = [
        manifest,
        { ...last, annotations: config.annotations },
        { ...config, annotations: last.annotations },
      ];
      return JSON.stringify({ ...parsed, layers });
    }, rsa),
  }),
  refused('signed-and-wrong', 'VERIFY_DIGEST', 'signed', {
    title: 'A digest is signed by a trusted certificate, and is of another image',
    requirements: ['VERIFY-005'],
    class: 'HOSTILE',
    params: required,
    trusted: [rsa],
    add: of => ({ ...helloAdditions(of, 'sha256', rsa), manifest: published('merged', another, rsa) }),
  }),
  faulty('of-bare-digest', 'VERIFY_SIGNATURE', 'A signature of the digest without its head', {
    message: Buffer.from(merged, 'hex'),
  }),
  faulty('of-hex', 'VERIFY_SIGNATURE', 'A signature of the digest in hexadecimal', {
    message: Buffer.from(merged),
  }),
  faulty('of-other-algorithm', 'VERIFY_SIGNATURE', 'The head of the signed digest names SHA-512', {
    message: withNumber(2),
  }),
  faulty('other-hash', 'VERIFY_SIGNATURE_FORM', 'A digest by SHA-256 is signed with SHA-512', {
    hash: 'sha512',
  }),
  faulty('algorithm', 'VERIFY_SIGNATURE_FORM', 'The algorithm of an RSA signature names the hash function', {
    algorithm: '1.2.840.113549.1.1.11',
  }),
  faulty('attributes', 'VERIFY_SIGNATURE_FORM', 'A signature has unsigned attributes', {
    attributes: Buffer.from('a100', 'hex'),
  }),
  faulty('certificates', 'VERIFY_SIGNATURE_FORM', 'A signature carries certificates', {
    certificates: Buffer.from('a000', 'hex'),
  }),
  faulty('not-detached', 'VERIFY_SIGNATURE_FORM', 'A signature carries what it signs', {
    content: contextual(octets(formatted(merged))),
  }),
  faulty('two-signers', 'VERIFY_SIGNATURE_FORM', 'A signature has two signers', { signers: 2 }),
  faulty('no-signers', 'VERIFY_SIGNATURE_FORM', 'A signature has no signer', { signers: 0 }),
  ...(
    [
      ['trailing', 'A byte follows a signature', Buffer.concat([right, Buffer.alloc(1)])],
      ['truncated', 'The last byte of a signature is missing', right.subarray(0, -1)],
      ['long-length', 'A length in a signature takes more bytes than it needs', longLength(right)],
      ['indefinite', 'A signature is BER with an indefinite length', indefinite(right)],
      ['text', 'A signature is text', Buffer.from('-----BEGIN PKCS7-----')],
      ['empty-sequence', 'A signature is an empty sequence', sequence()],
      ['data', 'A signature is other PKCS#7', sequence(oid('1.2.840.113549.1.7.1'), set())],
    ] as const
  ).map(([slug, title, signature]) =>
    refused(`signature-${slug}`, 'VERIFY_SIGNATURE_FORM', 'signed', {
      title,
      requirements: ['VERIFY-030'],
      trusted: [rsa],
      add: withSignature(signature),
    }),
  ),
  refused('signature-too-long', 'VERIFY_SIGNATURE_FORM', 'signed', {
    title: 'A signature is longer than the kernel takes',
    requirements: ['VERIFY-031'],
    class: 'LIMIT',
    add: withSignature(Buffer.alloc(16_129, 0x30)),
  }),
  refused('signature-too-long-artifact', 'VERIFY_SIGNATURE_FORM', 'signed-artifact', {
    title: 'A signature in an artifact is longer than the kernel takes',
    requirements: ['VERIFY-031'],
    class: 'LIMIT',
    add: bare,
    artifacts: (of, manifest) => {
      const long = Buffer.alloc(16_129, 0x30);
      const [right] = changed(
        text =>
          text.replace(
            /"digest":"[^"]*","size":\d+(?=,"annotations":\{"composefs\.merged)/,
            `"digest":"${digestOf(long)}","size":${long.length}`,
          ),
        rsa,
      )(of, manifest);
      return right === undefined ? [] : [{ ...right, blobs: [...(right.blobs ?? []), long] }];
    },
  }),
  ...(
    [
      ['empty', ''],
      ['no-padding', right.toString('base64').replace(/=+$/, '')],
      ['line-end', `${right.toString('base64')}\\n`],
      ['url', right.toString('base64').replaceAll('+', '-').replaceAll('/', '_')],
      ['loose-bits', `${right.toString('base64').slice(0, -4)}AB==`],
    ] as const
  ).map(([slug, signature]) =>
    refused(`base64-${slug}`, 'VERIFY_VALUE', 'signed', {
      title: `A signature inline is not base64: ${slug.replace('-', ' ')}`,
      requirements: ['VERIFY-012', 'SEAL-043'],
      add: withSignature(signature),
    }),
  ),
  refused('signature-without-digest', 'VERIFY_KEY', 'signed', {
    title: 'A signature stands without its digest',
    requirements: ['VERIFY-015'],
    add: of => ({
      ...helloAdditions(of),
      manifest: `${published('merged', merged)},${member(`${key('merged.bootable')}.sig`, right.toString('base64'))}`,
    }),
  }),
  refused('signature-of-removed-digest', 'VERIFY_KEY', 'signed', {
    title: 'The digest under a signature was removed',
    requirements: ['VERIFY-015'],
    class: 'HOSTILE',
    add: of => ({ ...helloAdditions(of), manifest: member(`${mergedKey}.sig`, right.toString('base64')) }),
  }),
  verified('signature-form-not-trusted', {
    title: 'Whether a signature is right is not asked where nobody is trusted',
    requirements: ['VERIFY-029', 'VERIFY-033'],
    class: 'EDGE_CASE',
    add: withSignature(signatureOf(another, rsa)),
  }),
];

function configVerity(of: Image): string {
  return smallVerity(bytes(of.config));
}

/** The formatted digest with another number for the hash function. */
function withNumber(number: number): Buffer {
  const message = formatted(merged);
  message.writeUInt16LE(number, 8);
  return message;
}

/** `[0]` around `content`. */
function contextual(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xa0, content.length]), content]);
}

/** The outermost length with three bytes, where two are enough. */
function longLength(signature: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x30, 0x83, 0]), signature.subarray(2, 4), signature.subarray(4)]);
}

function indefinite(signature: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x30, 0x80]), signature.subarray(4), Buffer.alloc(2)]);
}
