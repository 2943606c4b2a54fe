/**
 * Signatures: signers, signed content and form.
 * @module
 */

import { der } from '../../builder/der.ts';
import { digestOf } from '../../builder/layout.ts';
import { bytes } from '../../builder/tar.ts';
import {
  formatted,
  type SignatureFaults,
  signatureOf,
  type TestKey,
  testKeys,
} from '../../builder/test-keys.ts';
import { smallVerity } from '../../builder/verity.ts';
import type { Recipe } from '../../recipe.ts';
import { malformedSignatures } from '../seal/malformed-signatures.ts';
import {
  type Additions,
  helloAdditions,
  type Image,
  image,
  key,
  member,
  plain,
  published,
} from '../seal/parts.ts';
import {
  artifact,
  artifactKeys,
  bare,
  changed,
  type Facts,
  inlineKeys,
  merged,
  otherDigest,
  rejected,
  verified,
} from './parts.ts';

const { rsa, otherRsa, sameName, expired, pss, shortRsa, rsa2047, rsa4096, rsa4097 } = testKeys;
const { p256, p384, p521, compressed, longIssuer, longerIssuer } = testKeys;
const required = { requireSignature: 'true' };
const mergedKey = key('merged');
const byOpenssl = ['OpenSSL 3.0 (signatures)'];

const signedBy =
  (signer: TestKey, hash: 'sha256' | 'sha512' = 'sha256') =>
  (source: Image): Additions =>
    helloAdditions(source, hash, signer);

/** Signed by `rsa`, with `signature` instead of the signature of role merged. */
const withSignature =
  (signature: Uint8Array | string) =>
  (source: Image): Additions => ({
    ...helloAdditions(source, 'sha256', rsa),
    manifest: `${published('merged', merged)},${member(
      `${mergedKey}.sig`,
      typeof signature === 'string' ? signature : Buffer.from(signature).toString('base64'),
    )}`,
  });

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

/** The layers of an image with the config of a different one: both are signed, and so is the manifest of the first. */
const exchangedConfig = {
  trusted: [rsa],
  image: () => image(undefined, { config: { User: 'root' } }),
  add: signedBy(rsa),
  artifacts: () => [artifact('sha256', rsa)(image(), plain(image(), signedBy(rsa)(image())))],
} satisfies Partial<Facts>;

export const recipes: readonly Recipe[] = [
  verified('signed', {
    title: 'Signatures of config and role merged by a trusted key are verified',
    requirements: ['VERIFY-029', 'VERIFY-037', 'VERIFY-038', 'VERIFY-034'],
    params: required,
    trusted: [rsa],
    add: signedBy(rsa),
    signed: inlineKeys,
    confirmedBy: [...byOpenssl, 'fsverity-utils 1.6 (signatures, byte for byte)'],
  }),
  verified('signed-sha512', {
    title: 'Signatures of SHA-512 digests are verified',
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
  verified('signed-rsa-4096', {
    title: 'RSA signatures by a key of 4096 bits are accepted',
    requirements: ['VERIFY-034', 'VERIFY-029'],
    class: 'LIMIT',
    params: required,
    trusted: [rsa4096],
    add: signedBy(rsa4096),
    signed: inlineKeys,
    confirmedBy: byOpenssl,
  }),
  verified('signed-p256-sha512', {
    title: 'A key on P-256 can sign a SHA-512 digest',
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
    title: 'A signature by one of several trusted certificates is sufficient',
    requirements: ['VERIFY-029', 'VERIFY-035'],
    params: required,
    trusted: [otherRsa, p256, rsa],
    add: signedBy(rsa),
    signed: inlineKeys,
  }),
  verified('signed-first-of-two', {
    title: 'A signature by the first of two trusted certificates is sufficient',
    requirements: ['VERIFY-029', 'VERIFY-052'],
    params: required,
    trusted: [rsa, otherRsa],
    add: signedBy(rsa),
    signed: inlineKeys,
  }),
  verified('signed-same-name', {
    title: 'Either of two trusted certificates with one name is sufficient',
    requirements: ['VERIFY-029'],
    class: 'EDGE_CASE',
    params: required,
    trusted: [sameName, rsa],
    add: signedBy(rsa),
    signed: inlineKeys,
  }),
  verified('signed-expired', {
    title: 'The dates of a trusted certificate have no effect',
    requirements: ['VERIFY-036'],
    params: required,
    trusted: [expired],
    add: signedBy(expired),
    signed: inlineKeys,
  }),
  verified('signed-among-others', {
    title: 'Text and keys between trusted certificates are ignored',
    requirements: ['VERIFY-052'],
    params: required,
    certificates: `subject=CN = a\n${otherRsa.certificate}\n${rsa.key}${rsa.certificate}`,
    add: signedBy(rsa),
    signed: inlineKeys,
  }),
  verified('signed-artifact', {
    title: 'An artifact can sign the digest of the manifest',
    requirements: ['VERIFY-029', 'VERIFY-037', 'VERIFY-038'],
    params: required,
    trusted: [rsa],
    add: bare,
    artifacts: (source, manifest) => [artifact('sha256', rsa)(source, manifest)],
    keys: artifactKeys,
    signed: artifactKeys,
    confirmedBy: byOpenssl,
  }),
  verified('signed-manifest', {
    title: 'A required signature of the manifest is verified',
    requirements: ['VERIFY-055', 'VERIFY-037'],
    params: { requireSignature: 'manifest' },
    trusted: [rsa],
    add: signedBy(rsa),
    artifacts: (source, manifest) => [artifact('sha256', rsa)(source, manifest)],
    keys: artifactKeys,
    signed: artifactKeys,
    confirmedBy: byOpenssl,
  }),
  rejected('signed-manifest-missing', 'VERIFY_UNSIGNED', 'signed-manifest', {
    title: 'A missing signature of the manifest is rejected if it is required',
    requirements: ['VERIFY-055'],
    class: 'HOSTILE',
    params: { requireSignature: 'manifest' },
    trusted: [rsa],
    add: signedBy(rsa),
  }),
  rejected('signed-manifest-unsigned', 'VERIFY_UNSIGNED', 'signed-manifest', {
    title: 'An unsigned digest of the manifest is rejected if it must be signed',
    requirements: ['VERIFY-055'],
    class: 'HOSTILE',
    params: { requireSignature: 'manifest' },
    trusted: [rsa],
    add: signedBy(rsa),
    artifacts: (source, manifest) => [artifact()(source, manifest)],
  }),
  rejected('signed-manifest-by-stranger', 'VERIFY_SIGNER', 'signed-manifest', {
    title: 'A required signature of the manifest by an untrusted key is rejected',
    requirements: ['VERIFY-055'],
    class: 'HOSTILE',
    params: { requireSignature: 'manifest' },
    trusted: [rsa],
    add: signedBy(rsa),
    artifacts: (source, manifest) => [artifact('sha256', otherRsa)(source, manifest)],
  }),
  rejected('signed-manifest-alone', 'VERIFY_UNSIGNED', 'signed-manifest', {
    title: 'A signature of the manifest does not replace that of role merged',
    requirements: ['VERIFY-055', 'VERIFY-037'],
    needs: ['digest.sha512-12'],
    params: { requireSignature: 'manifest', algorithm: 'fsverity-sha512-12' },
    trusted: [rsa],
    add: source => helloAdditions(source, 'sha512'),
    artifacts: (source, manifest) => [artifact('sha256', rsa)(source, manifest)],
  }),
  rejected('signed-manifest-no-certificate', 'REQUEST_KEY', 'signed-manifest', {
    title: 'A required signature of the manifest needs a trusted certificate',
    requirements: ['VERIFY-035', 'VERIFY-055'],
    params: { requireSignature: 'manifest' },
    add: signedBy(rsa),
    artifacts: (source, manifest) => [artifact('sha256', rsa)(source, manifest)],
  }),
  verified('signed-config-exchanged', {
    ...exchangedConfig,
    title: 'A signed config of a different image with the same layers is verified',
    requirements: ['VERIFY-037', 'VERIFY-024'],
    params: required,
    signed: inlineKeys,
  }),
  rejected('signed-config-exchanged-manifest', 'VERIFY_UNSIGNED', 'signed-manifest', {
    ...exchangedConfig,
    title: 'A signed config of a different image is rejected without its manifest',
    requirements: ['VERIFY-055', 'VERIFY-024'],
    class: 'HOSTILE',
    params: { requireSignature: 'manifest' },
  }),
  verified('signed-two-signers', {
    title: 'One trusted signer of two artifacts is sufficient',
    requirements: ['VERIFY-022', 'VERIFY-033', 'VERIFY-037'],
    params: required,
    trusted: [p256],
    add: bare,
    artifacts: (source, manifest) => [
      artifact('sha256', rsa)(source, manifest),
      artifact('sha256', p256)(source, manifest),
    ],
    keys: artifactKeys,
    signed: artifactKeys,
  }),
  verified('signed-inline-and-artifact', {
    title: 'An artifact can sign digests that are unsigned inline',
    requirements: ['VERIFY-037'],
    params: required,
    trusted: [rsa],
    artifacts: (source, manifest) => [artifact('sha256', rsa)(source, manifest)],
    keys: artifactKeys,
    signed: artifactKeys,
  }),
  verified('signed-nobody-trusted', {
    title: 'Without trusted certificates, no digest is reported as signed',
    requirements: ['VERIFY-029', 'VERIFY-033'],
    add: signedBy(rsa),
  }),
  verified('signed-by-stranger', {
    title: 'A signature by an untrusted key is ignored if none is required',
    requirements: ['VERIFY-033'],
    trusted: [otherRsa],
    add: signedBy(rsa),
  }),
  rejected('unsigned', 'VERIFY_UNSIGNED', 'signed', {
    title: 'An unsigned image is rejected if a signature is required',
    requirements: ['VERIFY-037'],
    params: required,
    trusted: [rsa],
  }),
  rejected('unsigned-config', 'VERIFY_UNSIGNED', 'signed', {
    title: 'An unsigned config digest is rejected if a signature is required',
    requirements: ['VERIFY-037'],
    class: 'HOSTILE',
    params: required,
    trusted: [rsa],
    add: source => ({
      ...helloAdditions(source, 'sha256', rsa),
      config: published('config', configVerity(source)),
    }),
  }),
  rejected('unsigned-config-not-published', 'VERIFY_UNSIGNED', 'signed', {
    title: 'A missing config digest is rejected if a signature is required',
    requirements: ['VERIFY-037'],
    class: 'HOSTILE',
    params: required,
    trusted: [rsa],
    add: source => ({ ...helloAdditions(source, 'sha256', rsa), config: '' }),
  }),
  rejected('unsigned-merged', 'VERIFY_UNSIGNED', 'signed', {
    title: 'An unsigned merged digest is rejected if a signature is required',
    requirements: ['VERIFY-037'],
    class: 'HOSTILE',
    params: required,
    trusted: [rsa],
    add: source => ({ ...helloAdditions(source, 'sha256', rsa), manifest: published('merged', merged) }),
  }),
  rejected('unsigned-algorithm', 'VERIFY_UNSIGNED', 'signed', {
    title: 'An unsigned digest of the requested algorithm is rejected',
    requirements: ['VERIFY-037'],
    needs: ['digest.sha512-12'],
    params: { ...required, algorithm: 'fsverity-sha512-12' },
    trusted: [rsa],
    add: source => {
      const [a, b] = [helloAdditions(source, 'sha256', rsa), helloAdditions(source, 'sha512')];
      return { config: `${a.config},${b.config}`, layers: [], manifest: `${a.manifest},${b.manifest}` };
    },
  }),
  rejected('signer-not-trusted', 'VERIFY_SIGNER', 'signed', {
    title: 'A required signature by an untrusted key is rejected',
    requirements: ['VERIFY-037'],
    class: 'HOSTILE',
    params: required,
    trusted: [otherRsa],
    add: signedBy(rsa),
  }),
  rejected('signer-not-trusted-artifact', 'VERIFY_SIGNER', 'signed-artifact', {
    title: 'A required signature by an untrusted key in an artifact is rejected',
    requirements: ['VERIFY-037'],
    class: 'HOSTILE',
    params: required,
    trusted: [otherRsa],
    add: bare,
    artifacts: (source, manifest) => [artifact('sha256', rsa)(source, manifest)],
  }),
  rejected('no-certificate', 'REQUEST_KEY', 'signed', {
    title: 'A required signature without a trusted certificate is rejected',
    requirements: ['VERIFY-035'],
    params: required,
    add: signedBy(rsa),
  }),
  ...(
    [
      ['not-pem', 'A trusted certificate that is not PEM is rejected', 'certificate\n'],
      ['a-key', 'A private key instead of a trusted certificate is rejected', rsa.key],
      // The first certificate is that of the signer.
      ['short', 'A trusted key of 1024 bits is rejected', rsa.certificate + shortRsa.certificate],
      ['2047', 'A trusted key of 2047 bits is rejected', rsa.certificate + rsa2047.certificate],
      ['4097', 'A trusted key of 4097 bits is rejected', rsa.certificate + rsa4097.certificate],
      ['p521', 'A trusted key on P-521 is rejected', rsa.certificate + p521.certificate],
      [
        'pss',
        'A trusted key that is restricted to PSS padding is rejected',
        rsa.certificate + pss.certificate,
      ],
      [
        'second',
        'A broken second trusted certificate is rejected',
        rsa.certificate + rsa.certificate.replace('MII', 'AII'),
      ],
    ] as const
  ).map(([slug, title, certificates]) =>
    rejected(`certificate-${slug}`, 'REQUEST_KEY', 'signed', {
      title,
      requirements: ['VERIFY-035'],
      params: required,
      certificates,
      add: signedBy(rsa),
    }),
  ),
  ...(
    [
      ['no-end', 'without an end line', otherRsa.certificate.replace(/-----END.*\n/, '')],
      [
        'other-end',
        'with the end line of a key',
        otherRsa.certificate.replace('END CERTIFICATE', 'END PUBLIC KEY'),
      ],
      ['headers', 'with headers', otherRsa.certificate.replace('-----\n', '-----\nComment: a\n\n')],
      ['byte-after', 'with a byte after the certificate', withByte(otherRsa.certificate)],
    ] as const
  ).map(([slug, what, certificate]) =>
    rejected(`certificate-${slug}`, 'REQUEST_KEY', 'signed-first-of-two', {
      title: `A block ${what} is not a trusted certificate`,
      requirements: ['VERIFY-071', 'VERIFY-035'],
      class: 'MALFORMED',
      params: required,
      certificates: `${rsa.certificate}${certificate}`,
      add: signedBy(rsa),
    }),
  ),
  rejected('certificate-compressed', 'REQUEST_KEY', 'signed-p256', {
    title: 'A trusted ECDSA key that is a compressed point is rejected',
    requirements: ['VERIFY-058'],
    class: 'EDGE_CASE',
    params: required,
    trusted: [compressed],
    add: signedBy(compressed),
  }),
  rejected('signature-same-name', 'VERIFY_SIGNATURE', 'signed', {
    title: 'A signature by a different key with a trusted name is rejected',
    requirements: ['VERIFY-032'],
    class: 'HOSTILE',
    trusted: [rsa],
    add: signedBy(sameName),
  }),
  rejected('signature-of-another', 'VERIFY_SIGNATURE', 'signed', {
    title: 'A signature of a different digest is rejected',
    requirements: ['VERIFY-032'],
    class: 'HOSTILE',
    trusted: [rsa],
    add: withSignature(signatureOf(otherDigest, rsa)),
  }),
  rejected('signature-swapped', 'VERIFY_SIGNATURE', 'signed-artifact', {
    title: 'Swapped signatures of two artifact entries are rejected',
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
  rejected('signed-and-wrong', 'VERIFY_DIGEST', 'signed', {
    title: 'A correctly signed digest of a different image is rejected',
    requirements: ['VERIFY-005'],
    class: 'HOSTILE',
    params: required,
    trusted: [rsa],
    add: source => ({
      ...helloAdditions(source, 'sha256', rsa),
      manifest: published('merged', otherDigest, rsa),
    }),
  }),
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
      ['issuer-content', 'an issuer of bytes that are not DER', { issuer: der(0x30, Buffer.from([0xff])) }],
      ['issuer-empty', 'an empty issuer', { issuer: der(0x30) }],
      ['serial-zeros', 'a serial number with a leading zero', { serial: der(0x02, Buffer.from([0, 1])) }],
      ['serial-negative', 'a negative serial number', { serial: der(0x02, Buffer.from([0xff])) }],
    ] as const
  ).map(([slug, what, names]) =>
    verified(`signature-${slug}`, {
      title: `The form of a signature allows ${what}`,
      requirements: ['VERIFY-030', 'VERIFY-033', 'SEAL-070'],
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
      manifest: `${published('merged', merged)},${member(`${mergedKey}.sig`, signatureOf(merged, signer, faults).toString('base64'))}`,
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
      manifest: member(`${mergedKey}.sig`, right.toString('base64')),
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

/** A certificate in PEM, with a byte 0 after the DER. */
function withByte(certificate: string): string {
  const [, base64 = ''] = /-----\n([^-]*)-----/.exec(certificate) ?? [];
  const longer = Buffer.concat([Buffer.from(base64, 'base64'), Buffer.alloc(1)]).toString('base64');
  return certificate.replace(base64, longer.replace(/.{1,64}/g, '$&\n'));
}

function configVerity(source: Image): string {
  return smallVerity(bytes(source.config));
}

/** The 32 bytes each of r and s, from an ECDSA signature in DER. */
function rawEcdsa(value: Buffer): Buffer {
  const size = value[3] ?? 0;
  const fixed = (integer: Buffer) => Buffer.concat([Buffer.alloc(32), integer]).subarray(-32);
  return Buffer.concat([fixed(value.subarray(4, 4 + size)), fixed(value.subarray(6 + size))]);
}

/** `value`, a sequence, with its length in two bytes instead of one. */
function longLength(value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x30, 0x81]), value.subarray(1)]);
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
