/**
 * Signatures of digests: whose are trusted, and which are required.
 * @module
 */

import { verityDigest } from '../../../suite/verity.ts';
import { bytes } from '../../builder/tar.ts';
import { signatureOf, testKeys } from '../../builder/test-keys.ts';
import type { Recipe } from '../../recipe.ts';
import { helloAdditions, type Image, image, key, member, plain, published } from '../seal/parts.ts';
import {
  artifact,
  artifactKeys,
  bare,
  byOpenssl,
  changed,
  type Facts,
  inlineKeys,
  merged,
  otherDigest,
  rejected,
  required,
  signedBy,
  verified,
  withSignature,
} from './parts.ts';

const { rsa, otherRsa, sameName, expired, rsa4096, p256, p384 } = testKeys;
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
  rejected('unsigned-older-name', 'VERIFY_UNSIGNED', 'signed', {
    title: 'A digest under an older name has no signature',
    requirements: ['VERIFY-037', 'VERIFY-026'],
    class: 'HOSTILE',
    params: required,
    trusted: [rsa],
    add: source => ({
      ...helloAdditions(source, 'sha256', rsa),
      manifest: member('containers.composefs-digest', merged),
    }),
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
];

function configVerity(source: Image): string {
  return verityDigest(bytes(source.config));
}
