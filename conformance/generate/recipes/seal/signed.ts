/**
 * Inline signatures of published digests. RSA signatures are deterministic; ECDSA signatures are not, so that a case
 * either keeps an existing one, or expects any valid one.
 * @module
 */

import { otherForms, testKeys } from '../../builder/test-keys.ts';
import type { Recipe } from '../../recipe.ts';
import { hello, trees } from '../image/parts.ts';
import { malformedSignatures } from './malformed-signatures.ts';
import { helloAdditions, image, key, member, nothing, published, rejects, seals } from './parts.ts';

const { rsa, otherRsa, expired, p256, p384, p521, compressed, pss } = testKeys;
const { shortRsa, rsa2047, rsa4096, rsa4097, longIssuer, longerIssuer, longLength, version1 } = testKeys;

/** A PEM block with this base64. */
const block = (type: string, base64: string) => `-----BEGIN ${type}-----\n${base64}\n-----END ${type}-----\n`;
/** Both are an empty sequence: what is in the block is never read, or is not a key. */
const encryptedPkcs8 = block('ENCRYPTED PRIVATE KEY', 'MAA=');
const malformedKey = block('PRIVATE KEY', 'MAA=');

/** The signed digest of the layer `hello` by itself. */
const signedLayer = published('layer', trees.helloUntransformed.sha512, rsa);

const byFsverity = ['fsverity-utils 1.6 (signatures, byte for byte)', 'OpenSSL 3.0 (signatures)'];

export const recipes: readonly Recipe[] = [
  seals('signed', {
    title: 'Each published digest has a signature next to it',
    requirements: ['SEAL-039', 'SEAL-040', 'SEAL-042', 'SEAL-043', 'SEAL-070'],
    signer: rsa,
    add: source => helloAdditions(source, 'sha256', rsa),
    confirmedBy: byFsverity,
  }),
  seals('signed-sha512', {
    title: 'A SHA-512 digest is signed with SHA-512',
    requirements: ['SEAL-040', 'SEAL-039'],
    needs: ['digest.sha512-12'],
    signer: rsa,
    params: { algorithm: 'fsverity-sha512-12' },
    add: source => helloAdditions(source, 'sha512', rsa),
    confirmedBy: byFsverity,
  }),
  seals('signed-later', {
    title: 'A sealed image can be signed later',
    requirements: ['SEAL-042', 'SEAL-014'],
    signer: rsa,
    before: source => helloAdditions(source),
    add: source => helloAdditions(source, 'sha256', rsa),
    confirmedBy: byFsverity,
  }),
  seals('signed-twice', {
    title: 'A signed image is returned byte for byte',
    requirements: ['SEAL-044', 'SEAL-011'],
    signer: rsa,
    before: source => helloAdditions(source, 'sha256', rsa),
    add: source => helloAdditions(source, 'sha256', rsa),
  }),
  seals('signed-beside-others', {
    title: 'Signatures with another algorithm and of another layer replace none',
    requirements: ['SEAL-042', 'SEAL-044', 'SEAL-014'],
    needs: ['digest.sha512-12', 'role.layer'],
    class: 'EDGE_CASE',
    signer: rsa,
    params: { algorithm: 'fsverity-sha512-12', roles: 'merged,layer' },
    image: () => image([{ tar: hello }, { tar: hello }]),
    before: source => ({ ...helloAdditions(source, 'sha256', rsa), layers: [signedLayer] }),
    add: source => {
      const [first, second] = [helloAdditions(source, 'sha256', rsa), helloAdditions(source, 'sha512', rsa)];
      return {
        config: `${first.config},${second.config}`,
        layers: [signedLayer, signedLayer],
        manifest: `${first.manifest},${second.manifest}`,
      };
    },
  }),
  seals('signed-twice-ecdsa', {
    title: 'An existing ECDSA signature is kept',
    requirements: ['SEAL-044', 'SEAL-011', 'SEAL-041'],
    signer: p256,
    before: source => helloAdditions(source, 'sha256', p256),
    add: source => helloAdditions(source, 'sha256', p256),
  }),
  seals('signed-ecdsa', {
    title: 'Each published digest has a valid ECDSA signature next to it',
    requirements: ['SEAL-040', 'SEAL-039', 'SEAL-041', 'SEAL-043'],
    signer: p256,
    add: source => helloAdditions(source, 'sha256', p256),
    anySignature: true,
  }),
  seals('signed-ecdsa-sha512', {
    title: 'A SHA-512 digest is signed with SHA-512 by an ECDSA key',
    requirements: ['SEAL-040', 'SEAL-039', 'SEAL-041'],
    needs: ['digest.sha512-12'],
    signer: p384,
    params: { algorithm: 'fsverity-sha512-12' },
    add: source => helloAdditions(source, 'sha512', p384),
    anySignature: true,
  }),
  seals('signature-kept', {
    title: 'Sealing without a key keeps existing signatures',
    requirements: ['SEAL-012', 'SEAL-011'],
    before: source => helloAdditions(source, 'sha256', otherRsa),
    add: source => helloAdditions(source, 'sha256', otherRsa),
  }),
  seals('signature-replaced', {
    title: 'A signature by a different key is replaced on request',
    requirements: ['SEAL-025', 'SEAL-042'],
    signer: rsa,
    params: { replace: 'true' },
    before: source => helloAdditions(source, 'sha256', otherRsa),
    add: source => helloAdditions(source, 'sha256', rsa),
  }),
  seals('signed-pkcs1', {
    title: 'An RSA key can be written as PKCS #1',
    requirements: ['SEAL-048', 'SEAL-042'],
    signer: { key: otherForms.pkcs1, certificate: rsa.certificate },
    add: source => helloAdditions(source, 'sha256', rsa),
  }),
  seals('signed-sec1', {
    title: 'An ECDSA key can be written in the SEC 1 form',
    requirements: ['SEAL-048', 'SEAL-044'],
    signer: { key: otherForms.sec1, certificate: p256.certificate },
    before: source => helloAdditions(source, 'sha256', p256),
    add: source => helloAdditions(source, 'sha256', p256),
  }),
  seals('signed-chain', {
    title: 'The first of several certificates belongs to the key',
    requirements: ['SEAL-048'],
    signer: { key: rsa.key, certificate: `subject=CN = a\n${rsa.certificate}${otherRsa.certificate}` },
    add: source => helloAdditions(source, 'sha256', rsa),
  }),
  seals('signed-expired', {
    title: 'An expired certificate can be used for signing',
    requirements: ['SEAL-049'],
    signer: expired,
    add: source => helloAdditions(source, 'sha256', expired),
    confirmedBy: byFsverity,
  }),
  seals('certificate-version-1', {
    title: 'A certificate of version 1 of X.509 can be used for signing',
    requirements: ['SEAL-041', 'SEAL-049', 'SEAL-070'],
    class: 'EDGE_CASE',
    signer: version1,
    add: source => helloAdditions(source, 'sha256', version1),
  }),
  ...(['TRUSTED', 'X509'] as const).map(kind =>
    seals(`certificate-${kind.toLowerCase()}-block-first`, {
      title: `A block of type ${kind} CERTIFICATE before the certificate is ignored`,
      requirements: ['SEAL-048'],
      class: 'EDGE_CASE',
      signer: {
        key: rsa.key,
        certificate:
          otherRsa.certificate.replaceAll(' CERTIFICATE', ` ${kind} CERTIFICATE`) + rsa.certificate,
      },
      add: source => helloAdditions(source, 'sha256', rsa),
    }),
  ),
  seals('key-behind-other-blocks', {
    title: 'Blocks of types other than private keys before the key are ignored',
    requirements: ['SEAL-048'],
    class: 'EDGE_CASE',
    signer: {
      key: `text\n${block('EC PARAMETERS', 'BggqhkjOPQMBBw==')}${otherRsa.certificate}${rsa.key}${otherRsa.key}`,
      certificate: rsa.certificate,
    },
    add: source => helloAdditions(source, 'sha256', rsa),
  }),
  rejects('signed-by-another', 'SEAL_SIGNED', 'signed-twice', {
    title: 'An existing signature by a different key is rejected',
    requirements: ['SEAL-045'],
    signer: rsa,
    before: source => helloAdditions(source, 'sha256', otherRsa),
  }),
  rejects('signature-of-another-digest', 'SEAL_SIGNED', 'signed-twice', {
    title: 'An existing signature of a different digest is rejected',
    requirements: ['SEAL-045', 'SEAL-044'],
    signer: rsa,
    before: source => {
      const { config, manifest } = helloAdditions(source, 'sha256', rsa);
      const signature = /"composefs\.config[^"]*\.sig":("[^"]*")/.exec(config)?.[1] ?? '';
      return { ...nothing, manifest: manifest.replace(/(\.sig":)"[^"]*"/, `$1${signature}`) };
    },
  }),
  rejects('key-of-another-certificate', 'REQUEST_KEY', 'signed', {
    title: 'A private key that does not match the certificate is rejected',
    requirements: ['SEAL-041'],
    signer: { key: otherRsa.key, certificate: rsa.certificate },
  }),
  rejects('key-not-pem', 'REQUEST_KEY', 'signed', {
    title: 'A private key that is not PEM is rejected',
    requirements: ['SEAL-041'],
    signer: { key: 'secret\n', certificate: rsa.certificate },
  }),
  rejects('certificate-not-pem', 'REQUEST_KEY', 'signed', {
    title: 'A certificate that is not PEM is rejected',
    requirements: ['SEAL-041'],
    signer: { key: rsa.key, certificate: rsa.key },
  }),
  rejects('key-too-short', 'REQUEST_KEY', 'signed', {
    title: 'An RSA key of 1024 bits is rejected',
    requirements: ['SEAL-041'],
    class: 'LIMIT',
    signer: shortRsa,
  }),
  rejects('key-pss', 'REQUEST_KEY', 'signed', {
    title: 'An RSA key that is restricted to PSS padding is rejected',
    requirements: ['SEAL-041'],
    signer: pss,
  }),
  rejects('key-encrypted', 'REQUEST_KEY', 'signed-pkcs1', {
    title: 'An encrypted private key is rejected',
    requirements: ['SEAL-041', 'SEAL-048'],
    signer: { key: otherForms.encrypted, certificate: rsa.certificate },
  }),
  ...(
    [
      ['encrypted-first', 'An encrypted private key before another one is rejected', otherForms.encrypted],
      ['encrypted-pkcs8-first', 'An encrypted PKCS #8 key before another one is rejected', encryptedPkcs8],
      ['malformed-first', 'A malformed private key before another one is rejected', malformedKey],
    ] as const
  ).map(([slug, title, before]) =>
    rejects(`key-${slug}`, 'REQUEST_KEY', 'key-behind-other-blocks', {
      title,
      requirements: ['SEAL-048', 'SEAL-041'],
      signer: { key: before + rsa.key, certificate: rsa.certificate },
    }),
  ),
  rejects('certificate-malformed-first', 'REQUEST_KEY', 'signed-chain', {
    title: 'A malformed certificate before another one is rejected',
    requirements: ['SEAL-048', 'SEAL-041'],
    signer: { key: rsa.key, certificate: block('CERTIFICATE', 'MAA=') + rsa.certificate },
  }),
  ...(
    [
      ['no-end', 'without an end line', rsa.certificate.replace(/-----END.*\n/, '')],
      ['headers', 'with headers', rsa.certificate.replace('-----\n', '-----\nComment: a\n\n')],
      ['long-length', 'that is not DER', longLength.certificate],
    ] as const
  ).map(([slug, what, certificate]) =>
    rejects(`certificate-${slug}`, 'REQUEST_KEY', 'signed-chain', {
      title: `A first block ${what} is not the certificate of the sealer`,
      requirements: ['SEAL-048', 'SEAL-041'],
      class: 'MALFORMED',
      signer: { key: rsa.key, certificate: certificate + rsa.certificate },
    }),
  ),
  rejects('key-without-certificate', 'REQUEST_KEY', 'signed', {
    title: 'A private key without a certificate is rejected',
    requirements: ['SEAL-041'],
    signer: { key: rsa.key },
  }),
  rejects('certificate-without-key', 'REQUEST_KEY', 'signed', {
    title: 'A certificate without a private key is rejected',
    requirements: ['SEAL-041'],
    signer: { certificate: rsa.certificate },
  }),
  rejects('key-of-trusted-block', 'REQUEST_KEY', 'certificate-trusted-block-first', {
    title: 'A private key of a TRUSTED CERTIFICATE block is rejected',
    requirements: ['SEAL-048', 'SEAL-041'],
    signer: {
      key: otherRsa.key,
      certificate: otherRsa.certificate.replaceAll(' CERTIFICATE', ' TRUSTED CERTIFICATE') + rsa.certificate,
    },
  }),
  ...malformedSignatures.map(([slug, what, signature]) =>
    rejects(`signature-form-${slug}`, 'VERIFY_SIGNATURE_FORM', 'signature-kept', {
      title: `${what} is rejected in sealing`,
      requirements: ['SEAL-010'],
      class: 'MALFORMED',
      before: source => ({
        ...helloAdditions(source, 'sha256', rsa),
        manifest: `${helloAdditions(source).manifest},${member(`${key('merged')}.sig`, signature.toString('base64'))}`,
      }),
    }),
  ),
  rejects('key-of-second-certificate', 'REQUEST_KEY', 'signed-chain', {
    title: 'A private key of the second certificate is rejected',
    requirements: ['SEAL-041', 'SEAL-048'],
    signer: { key: rsa.key, certificate: otherRsa.certificate + rsa.certificate },
  }),
  rejects('signature-not-base64', 'VERIFY_VALUE', 'signature-kept', {
    title: 'A signature that is not base64 is rejected',
    requirements: ['SEAL-010'],
    before: source => ({
      ...helloAdditions(source),
      manifest: `${helloAdditions(source).manifest},${member(`${key('merged')}.sig`, 'x')}`,
    }),
  }),
  seals('key-rsa-4096', {
    title: 'An RSA key of 4096 bits can be used for signing',
    requirements: ['SEAL-041', 'SEAL-040'],
    class: 'LIMIT',
    signer: rsa4096,
    add: source => helloAdditions(source, 'sha256', rsa4096),
    confirmedBy: byFsverity,
  }),
  ...(
    [
      ['key-rsa-2047', 'An RSA key of 2047 bits', rsa2047],
      ['key-rsa-4097', 'An RSA key of 4097 bits', rsa4097],
    ] as const
  ).map(([slug, what, signer]) =>
    rejects(slug, 'REQUEST_KEY', 'key-rsa-4096', {
      title: `${what} is rejected`,
      requirements: ['SEAL-041'],
      class: 'LIMIT',
      signer,
    }),
  ),
  seals('certificate-long-issuer', {
    title: 'Signatures can have 16,128 bytes',
    requirements: ['SEAL-057', 'SEAL-049'],
    class: 'LIMIT',
    signer: longIssuer,
    add: source => helloAdditions(source, 'sha256', longIssuer),
    confirmedBy: byFsverity,
  }),
  rejects('certificate-longer-issuer', 'REQUEST_KEY', 'certificate-long-issuer', {
    title: 'A certificate whose signatures have 16,129 bytes is rejected',
    requirements: ['SEAL-057'],
    class: 'LIMIT',
    signer: longerIssuer,
  }),
  rejects('certificate-compressed', 'REQUEST_KEY', 'signed-twice-ecdsa', {
    title: 'An ECDSA certificate with a compressed point is rejected',
    requirements: ['SEAL-058'],
    class: 'EDGE_CASE',
    signer: compressed,
    before: source => helloAdditions(source, 'sha256', compressed),
  }),
  rejects('key-p521', 'REQUEST_KEY', 'signed', {
    title: 'A key on P-521 is rejected',
    requirements: ['SEAL-041'],
    class: 'LIMIT',
    signer: p521,
  }),
];
