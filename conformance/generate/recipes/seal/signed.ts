/**
 * Signatures of published digests, inline. RSA signatures are always the same bytes; of ECDSA there is one case, in
 * which nothing is signed anew.
 * @module
 */

import { otherForms, testKeys } from '../../builder/test-keys.ts';
import type { Recipe } from '../../recipe.ts';
import { helloAdditions, key, member, nothing, refuses, seals } from './parts.ts';

const { rsa, otherRsa, expired, p256, p521, pss, shortRsa } = testKeys;

const byFsverity = ['fsverity-utils 1.6 (signatures, byte for byte)', 'OpenSSL 3.0 (signatures)'];

export const recipes: readonly Recipe[] = [
  seals('signed', {
    title: 'Each published digest has a signature beside it',
    requirements: ['SEAL-039', 'SEAL-040', 'SEAL-042', 'SEAL-043'],
    signer: rsa,
    add: of => helloAdditions(of, 'sha256', rsa),
    confirmedBy: byFsverity,
  }),
  seals('signed-sha512', {
    title: 'A digest by SHA-512 is signed with SHA-512',
    requirements: ['SEAL-040', 'SEAL-039'],
    needs: ['digest.sha512-12'],
    signer: rsa,
    params: { algorithm: 'fsverity-sha512-12' },
    add: of => helloAdditions(of, 'sha512', rsa),
    confirmedBy: byFsverity,
  }),
  seals('signed-later', {
    title: 'What is sealed already can be signed',
    requirements: ['SEAL-042', 'SEAL-014'],
    signer: rsa,
    before: of => helloAdditions(of),
    add: of => helloAdditions(of, 'sha256', rsa),
    confirmedBy: byFsverity,
  }),
  seals('signed-twice', {
    title: 'What is signed already comes back byte for byte',
    requirements: ['SEAL-044', 'SEAL-011'],
    signer: rsa,
    before: of => helloAdditions(of, 'sha256', rsa),
    add: of => helloAdditions(of, 'sha256', rsa),
  }),
  seals('signed-twice-ecdsa', {
    title: 'An ECDSA signature that is there stays',
    requirements: ['SEAL-044', 'SEAL-011', 'SEAL-041'],
    signer: p256,
    before: of => helloAdditions(of, 'sha256', p256),
    add: of => helloAdditions(of, 'sha256', p256),
  }),
  seals('signature-kept', {
    title: 'Sealing without a key leaves signatures alone',
    requirements: ['SEAL-012', 'SEAL-011'],
    before: of => helloAdditions(of, 'sha256', otherRsa),
    add: of => helloAdditions(of, 'sha256', otherRsa),
  }),
  seals('signature-replaced', {
    title: 'The signature of another makes room where replacing is asked',
    requirements: ['SEAL-025', 'SEAL-042'],
    signer: rsa,
    params: { replace: 'true' },
    before: of => helloAdditions(of, 'sha256', otherRsa),
    add: of => helloAdditions(of, 'sha256', rsa),
  }),
  seals('signed-pkcs1', {
    title: 'An RSA key may be written in its older form',
    requirements: ['SEAL-048', 'SEAL-042'],
    signer: { key: otherForms.pkcs1, certificate: rsa.certificate },
    add: of => helloAdditions(of, 'sha256', rsa),
  }),
  seals('signed-sec1', {
    title: 'An ECDSA key may be written in its older form',
    requirements: ['SEAL-048', 'SEAL-044'],
    signer: { key: otherForms.sec1, certificate: p256.certificate },
    before: of => helloAdditions(of, 'sha256', p256),
    add: of => helloAdditions(of, 'sha256', p256),
  }),
  seals('signed-chain', {
    title: 'Of several certificates the first one is that of the key',
    requirements: ['SEAL-048'],
    signer: { key: rsa.key, certificate: `subject=CN = a\n${rsa.certificate}${otherRsa.certificate}` },
    add: of => helloAdditions(of, 'sha256', rsa),
  }),
  seals('signed-expired', {
    title: 'The dates of a certificate do not matter to whoever signs',
    requirements: ['SEAL-049'],
    signer: expired,
    add: of => helloAdditions(of, 'sha256', expired),
    confirmedBy: byFsverity,
  }),
  refuses('signed-by-another', 'SEAL_SIGNED', 'signed-twice', {
    title: 'The signature of another is not overwritten',
    requirements: ['SEAL-045'],
    signer: rsa,
    before: of => helloAdditions(of, 'sha256', otherRsa),
  }),
  refuses('signature-of-another-digest', 'SEAL_SIGNED', 'signed-twice', {
    title: 'A signature of another digest does not stay beside this one',
    requirements: ['SEAL-045', 'SEAL-044'],
    signer: rsa,
    before: of => {
      const { config, manifest } = helloAdditions(of, 'sha256', rsa);
      const signature = /"composefs\.config[^"]*\.sig":("[^"]*")/.exec(config)?.[1] ?? '';
      return { ...nothing, manifest: manifest.replace(/(\.sig":)"[^"]*"/, `$1${signature}`) };
    },
  }),
  refuses('key-of-another-certificate', 'REQUEST_KEY', 'signed', {
    title: 'A private key that does not belong to the certificate is refused',
    requirements: ['SEAL-041'],
    signer: { key: otherRsa.key, certificate: rsa.certificate },
  }),
  refuses('key-not-pem', 'REQUEST_KEY', 'signed', {
    title: 'A private key that is not PEM is refused',
    requirements: ['SEAL-041'],
    signer: { key: 'secret\n', certificate: rsa.certificate },
  }),
  refuses('certificate-not-pem', 'REQUEST_KEY', 'signed', {
    title: 'A certificate that is not PEM is refused',
    requirements: ['SEAL-041'],
    signer: { key: rsa.key, certificate: rsa.key },
  }),
  refuses('key-too-short', 'REQUEST_KEY', 'signed', {
    title: 'An RSA key of 1024 bits is refused',
    requirements: ['SEAL-041'],
    class: 'LIMIT',
    signer: shortRsa,
  }),
  refuses('key-pss', 'REQUEST_KEY', 'signed', {
    title: 'An RSA key that is for the padding PSS alone is refused',
    requirements: ['SEAL-041'],
    signer: pss,
  }),
  refuses('key-encrypted', 'REQUEST_KEY', 'signed-pkcs1', {
    title: 'A private key that is encrypted is refused',
    requirements: ['SEAL-041', 'SEAL-048'],
    signer: { key: otherForms.encrypted, certificate: rsa.certificate },
  }),
  refuses('key-of-second-certificate', 'REQUEST_KEY', 'signed-chain', {
    title: 'The certificate of the key is not the first one',
    requirements: ['SEAL-041', 'SEAL-048'],
    signer: { key: rsa.key, certificate: otherRsa.certificate + rsa.certificate },
  }),
  refuses('signature-not-base64', 'VERIFY_VALUE', 'signature-kept', {
    title: 'What stands under a signature key is no base64',
    requirements: ['SEAL-010'],
    before: of => ({
      ...helloAdditions(of),
      manifest: `${helloAdditions(of).manifest},${member(`${key('merged')}.sig`, 'x')}`,
    }),
  }),
  refuses('key-p521', 'REQUEST_KEY', 'signed', {
    title: 'A key on P-521 is refused, since older kernels do not know it',
    requirements: ['SEAL-041'],
    class: 'LIMIT',
    signer: p521,
  }),
];
