/**
 * Certificates that a request trusts: malformed ones, and other blocks of PEM.
 * @module
 */

import { testKeys } from '../../builder/test-keys.ts';
import type { Recipe } from '../../recipe.ts';
import { byOpenssl, inlineKeys, rejected, required, signedBy, verified } from './parts.ts';

const { rsa, otherRsa, pss, shortRsa, rsa2047, rsa4097, p521, compressed, longLength, version1, withTrust } =
  testKeys;

const withoutEnd = otherRsa.certificate.replace(/-----END.*\n/, '');

/** Lines that contain a begin line and more. */
const notBeginLines = ['x@', '@x', '@ x']
  .map(line => line.replace('@', '-----BEGIN CERTIFICATE-----'))
  .join('\n');

/** A certificate whose lines end with CR LF and with CR. */
const withReturns = otherRsa.certificate
  .split('\n')
  .map((line, i) => `${line}${['\r\n', '\r'][i % 2]}`)
  .join('');

const malformed = '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n';

export const recipes: readonly Recipe[] = [
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
      ['no-end', 'without an end line', rsa.certificate + withoutEnd],
      ['no-end-before-another', 'that ends at the next begin line', withoutEnd + rsa.certificate],
      [
        'other-end',
        'with the end line of a key',
        rsa.certificate + otherRsa.certificate.replace('END CERTIFICATE', 'END PUBLIC KEY'),
      ],
      [
        'headers',
        'with headers',
        rsa.certificate + otherRsa.certificate.replace('-----\n', '-----\nComment: a\n\n'),
      ],
      ['byte-after', 'with a byte after the certificate', rsa.certificate + withByte(otherRsa.certificate)],
      ['long-length', 'with a length that is not in DER', rsa.certificate + longLength.certificate],
      ['trust-after', 'with OpenSSL trust settings', rsa.certificate + withTrust.certificate],
      [
        'spaces-after-begin',
        'of no certificate, after spaces,',
        rsa.certificate + malformed.replace('\n', ' \t\n'),
      ],
      [
        'no-break-space',
        'with a byte 0xa0 in it',
        Buffer.from(rsa.certificate + otherRsa.certificate.replace(/^MII.*$/m, '$&\u00a0'), 'latin1'),
      ],
    ] as const
  ).map(([slug, what, certificates]) =>
    rejected(`certificate-${slug}`, 'REQUEST_KEY', 'signed-first-of-two', {
      title: `A block ${what} is not a trusted certificate`,
      requirements: ['VERIFY-071', 'VERIFY-035'],
      class: 'MALFORMED',
      params: required,
      certificates,
      add: signedBy(rsa),
    }),
  ),
  verified('certificate-lines', {
    title: 'Lines end with LF, CR LF or CR, and a begin line contains nothing else',
    requirements: ['VERIFY-071', 'VERIFY-052'],
    class: 'EDGE_CASE',
    params: required,
    certificates: `${notBeginLines}\n${withReturns}${notBeginLines}\n${rsa.certificate}`,
    add: signedBy(rsa),
    signed: inlineKeys,
  }),
  verified('certificate-version-1', {
    title: 'A trusted certificate can have version 1 of X.509',
    requirements: ['VERIFY-034', 'VERIFY-071'],
    class: 'EDGE_CASE',
    params: required,
    trusted: [version1],
    add: signedBy(version1),
    signed: inlineKeys,
    confirmedBy: byOpenssl,
  }),
  rejected('certificate-compressed', 'REQUEST_KEY', 'signed-p256', {
    title: 'A trusted ECDSA key that is a compressed point is rejected',
    requirements: ['VERIFY-058'],
    class: 'EDGE_CASE',
    params: required,
    trusted: [compressed],
    add: signedBy(compressed),
  }),
];

/** A certificate in PEM, with a byte 0 after the DER. */
function withByte(certificate: string): string {
  const [, base64 = ''] = /-----\n([^-]*)-----/.exec(certificate) ?? [];
  const longer = Buffer.concat([Buffer.from(base64, 'base64'), Buffer.alloc(1)]).toString('base64');
  return certificate.replace(base64, longer.replace(/.{1,64}/g, '$&\n'));
}
