/**
 * Signature partitions that are rejected.
 * @module
 */

import { fingerprintOf, padded, signatureText } from '../../builder/ddi.ts';
import { der } from '../../builder/der.ts';
import { formatted, type TestKey, testKeys } from '../../builder/test-keys.ts';
import type { Recipe } from '../../recipe.ts';
import { messageOf, signatureBy, smallRoot, unreadable } from './parts.ts';

const { rsa, otherRsa, sameName, p256, longerIssuer, rsa4096 } = testKeys;

const fingerprint = fingerprintOf(rsa.certificate);
const text = signatureText({
  root: smallRoot,
  fingerprint,
  signature: messageOf(smallRoot, rsa).toString('base64'),
});

/** A text that is not in the form of DDI-013. */
const malformed = (slug: string, title: string, content: string | (() => Buffer)): Recipe =>
  unreadable(`text-${slug}`, 'DDI_SIGNATURE_FORM', {
    title,
    requirements: ['DDI-018', 'DDI-013'],
    signature: () => (typeof content === 'string' ? padded(content) : content()),
  });

/** A message that is not in the form of SEAL-039. */
const malformedMessage = (slug: string, title: string, message: () => Uint8Array): Recipe =>
  unreadable(`message-${slug}`, 'DDI_SIGNATURE_FORM', {
    title,
    requirements: ['DDI-018', 'SEAL-039'],
    signature: () => signatureBy(rsa, undefined, { message: message() }),
  });

/** A signature that names a trusted certificate, and is not one by it. */
const forged = (slug: string, title: string, signature: () => Buffer, trusted: TestKey = rsa): Recipe =>
  unreadable(`signature-${slug}`, 'DDI_SIGNATURE', {
    title,
    requirements: ['DDI-021', 'DDI-020'],
    class: 'HOSTILE',
    control: 'read-trusted',
    signature,
    certificates: trusted.certificate,
  });

const otherRoot = `${smallRoot.slice(0, 62)}00`;

/** Base64 with a bit that belongs to no byte. */
function looseBase64(): string {
  const key = [rsa, otherRsa, p256, rsa4096].find(each => messageOf(smallRoot, each).length % 3 !== 0);
  if (key === undefined) throw new Error('no message has padding in base64');
  const base64 = messageOf(smallRoot, key).toString('base64');
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const end = base64.indexOf('=');
  const last = digits[digits.indexOf(base64[end - 1] ?? '') + 1];
  return signatureText({
    root: smallRoot,
    fingerprint: fingerprintOf(key.certificate),
    signature: `${base64.slice(0, end - 1)}${last}${base64.slice(end)}`,
  });
}

export const recipes: readonly Recipe[] = [
  malformed(
    'upper-case',
    'A root hash in upper case is rejected',
    text.replace(smallRoot, smallRoot.toUpperCase()),
  ),
  malformed(
    'upper-case-print',
    'A fingerprint in upper case is rejected',
    text.replace(fingerprint, fingerprint.toUpperCase()),
  ),
  malformed(
    'other-root-hash',
    'A root hash that is not that of the tree is rejected',
    text.replace(smallRoot, otherRoot),
  ),
  malformed('trailing', 'A byte behind the text is rejected', `${text} `),
  malformed('newline', 'A newline behind the text is rejected', `${text}\n`),
  malformed('white-space', 'White space in the text is rejected', text.replaceAll('":"', '": "')),
  malformed(
    'other-order',
    'Members in another order are rejected',
    text.replace(/\{("rootHash":"[^"]*"),("certificateFingerprint":"[^"]*")/, '{$2,$1'),
  ),
  malformed(
    'no-fingerprint',
    'A text without the fingerprint is rejected',
    text.replace(/"certificateFingerprint":"[^"]*",/, ''),
  ),
  malformed('more-members', 'A text with a further member is rejected', text.replace(/\}$/, ',"x":"y"}')),
  malformed(
    'base64-lines',
    'A message in base64 with an escaped line end is rejected',
    text.replace(/"\}$/, '\\n"}'),
  ),
  malformed('base64-bits', 'Base64 with a bit that belongs to no byte is rejected', () =>
    padded(looseBase64()),
  ),
  malformed(
    'short-print',
    'A fingerprint of 63 digits is rejected',
    text.replace(fingerprint, fingerprint.slice(1)),
  ),
  malformed('empty', 'A signature partition of zeros is rejected', () => Buffer.alloc(4096)),
  malformed('more-zeros', 'A block of 0 behind the text is rejected', () =>
    Buffer.concat([padded(text), Buffer.alloc(4096)]),
  ),
  malformed('after-zeros', 'A byte behind the zeros is rejected', () => {
    const content = padded(text);
    content[4095] = 1;
    return content;
  }),
  malformedMessage('sha512', 'A message with SHA-512 is rejected', () =>
    messageOf(smallRoot, rsa, { hash: 'sha512' }),
  ),
  malformedMessage('attributes', 'A message with attributes is rejected', () =>
    messageOf(smallRoot, rsa, { attributes: der(0xa1) }),
  ),
  malformedMessage('certificate', 'A message with a certificate is rejected', () => {
    const [, base64 = ''] = /BEGIN CERTIFICATE-----([^-]*)-----END/.exec(rsa.certificate) ?? [];
    return messageOf(smallRoot, rsa, { certificates: der(0xa0, Buffer.from(base64, 'base64')) });
  }),
  malformedMessage('content', 'A message that contains the root hash is rejected', () =>
    messageOf(smallRoot, rsa, { content: der(0xa0, der(0x04, Buffer.from(smallRoot))) }),
  ),
  malformedMessage('signers', 'A message with two signers is rejected', () =>
    messageOf(smallRoot, rsa, { signers: 2 }),
  ),
  malformedMessage('trailing', 'A byte behind the message is rejected', () =>
    Buffer.concat([messageOf(smallRoot, rsa), Buffer.alloc(1)]),
  ),
  unreadable('message-too-long', 'DDI_SIGNATURE_FORM', {
    title: 'A message of 16,129 bytes is rejected',
    requirements: ['DDI-018'],
    class: 'LIMIT',
    control: 'read-long-issuer',
    signature: () => signatureBy(longerIssuer),
    certificates: longerIssuer.certificate,
    requireSignature: true,
  }),
  forged('other-root-hash', 'A signature of another root hash is rejected', () =>
    signatureBy(rsa, undefined, { message: messageOf(otherRoot, rsa) }),
  ),
  forged('of-bytes', 'A signature of the bytes of the root hash is rejected', () =>
    signatureBy(rsa, undefined, { message: messageOf('', rsa, { message: Buffer.from(smallRoot, 'hex') }) }),
  ),
  forged('formatted', 'A signature as of fs-verity is rejected', () =>
    signatureBy(rsa, undefined, { message: messageOf('', rsa, { message: formatted(smallRoot) }) }),
  ),
  forged('newline', 'A signature of the root hash with a newline is rejected', () =>
    signatureBy(rsa, undefined, { message: messageOf(`${smallRoot}\n`, rsa) }),
  ),
  forged('other-print', 'A trusted signer with another fingerprint is rejected', () =>
    signatureBy(rsa, undefined, { fingerprint: fingerprintOf(otherRsa.certificate) }),
  ),
  forged('other-signer', 'A trusted fingerprint with another signer is rejected', () =>
    signatureBy(otherRsa, undefined, { fingerprint }),
  ),
  forged('same-name', 'A signature by a key with a trusted name is rejected', () => signatureBy(sameName)),
  unreadable('required-unsigned', 'DDI_UNSIGNED', {
    title: 'A required signature is missing',
    requirements: ['DDI-022'],
    class: 'HOSTILE',
    control: 'read-unsigned-trusting',
    certificates: rsa.certificate,
    requireSignature: true,
  }),
  unreadable('required-stranger', 'DDI_SIGNER', {
    title: 'A required signature is by a stranger',
    requirements: ['DDI-022'],
    class: 'HOSTILE',
    control: 'read-stranger',
    signature: () => signatureBy(otherRsa),
    certificates: rsa.certificate,
    requireSignature: true,
  }),
  unreadable('required-untrusting', 'REQUEST_KEY', {
    title: 'A signature cannot be required without certificates',
    requirements: ['DDI-019', 'VERIFY-035'],
    signature: () => signatureBy(rsa),
    requireSignature: true,
  }),
  unreadable('no-certificate', 'REQUEST_KEY', {
    title: 'Certificates without a PEM block are rejected',
    requirements: ['DDI-019', 'VERIFY-035'],
    control: 'read-trusted',
    signature: () => signatureBy(rsa),
    certificates: 'no certificate',
  }),
  unreadable('compressed-certificate', 'REQUEST_KEY', {
    title: 'A trusted certificate with a compressed point is rejected',
    requirements: ['DDI-019', 'VERIFY-058'],
    control: 'read-p256',
    signature: () => signatureBy(p256),
    certificates: testKeys.compressed.certificate,
  }),
];
