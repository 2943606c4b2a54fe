/**
 * Keys, certificates and signatures with node:crypto (spec/sealing.md, "Signatures").
 * @module
 */

import {
  constants,
  createHash,
  createPrivateKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
  X509Certificate,
} from 'node:crypto';
import { ComposefsError, type Location } from '../../errors.ts';
import { type Algorithm, algorithmParameters } from '../../fsverity/algorithm.ts';
import { formattedDigest } from '../../fsverity/formatted.ts';
import type { HashName } from '../../hash/sha2.ts';
import {
  certificateParts,
  decodeSignature,
  encodeSignature,
  hasDerLengths,
  type KeyKind,
  SIGNATURE_LIMIT,
  type SignatureParts,
} from '../pkcs7.ts';
import { pemBlocks } from './pem.ts';

/** A certificate for signatures. Only its key, issuer and serial number matter, not its dates or chain (VERIFY-036). */
export interface Certificate extends Pick<SignatureParts, 'issuer' | 'serial'> {
  readonly kind: KeyKind;
  readonly publicKey: KeyObject;
  /** SHA-256 of the certificate in DER, in lower-case hexadecimal. */
  readonly fingerprint: string;
}

/** A private key and its certificate. */
export interface Signer {
  readonly certificate: Certificate;
  readonly privateKey: KeyObject;
}

/** The certificates in a PEM text, or a rejection with REQUEST_KEY if there are none or one is unsupported. */
export function readCertificates(pem: Uint8Array, location: Location): Certificate[] {
  const blocks = certificateBlocks(pem);
  if (blocks.length === 0) throw noCertificate(location);
  return blocks.map(block => readCertificate(block, location).certificate);
}

/** The files of a key and its certificate. */
export interface SignerLocations {
  readonly key?: Location;
  readonly certificate?: Location;
}

/** The first key and the first certificate in PEM texts, or a rejection with REQUEST_KEY (SEAL-041, SEAL-048). */
export function readSigner(key: Uint8Array, certificatePem: Uint8Array, locations: SignerLocations): Signer {
  const [block] = certificateBlocks(certificatePem);
  if (block === undefined) throw noCertificate(locations.certificate ?? {});
  const { x509, certificate } = readCertificate(block, locations.certificate ?? {});
  const privateKey = readPrivateKey(key, locations.key ?? {});
  if (!x509.checkPrivateKey(privateKey)) {
    throw new ComposefsError(
      'REQUEST_KEY',
      'the private key does not belong to the certificate',
      locations.key ?? {},
    );
  }
  return { certificate, privateKey };
}

/** Types of PEM blocks that count as private keys; the first one is used (SEAL-048). */
const keyTypes = ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'];

function readPrivateKey(pem: Uint8Array, location: Location): KeyObject {
  const reject = (detail: string) => new ComposefsError('REQUEST_KEY', detail, location);
  const block = pemBlocks(pem).find(({ type }) => keyTypes.includes(type));
  if (block === undefined) throw reject('there is no private key in PEM');
  if (block.type === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: 4,ENCRYPTED/m.test(block.text)) {
    throw reject('the private key is encrypted: decrypt it first, because no passphrase is asked for');
  }
  try {
    return createPrivateKey(block.text);
  } catch {
    throw reject(`the first private key is not a valid ${block.type}`);
  }
}

function certificateBlocks(pem: Uint8Array): string[] {
  return pemBlocks(pem).flatMap(({ type, text }) => (type === 'CERTIFICATE' ? [text] : []));
}

function noCertificate(location: Location): ComposefsError {
  return new ComposefsError('REQUEST_KEY', 'there is no certificate in PEM', location);
}

function readCertificate(
  block: string,
  location: Location,
): { certificate: Certificate; x509: X509Certificate } {
  let x509: X509Certificate;
  let publicKey: KeyObject;
  try {
    x509 = new X509Certificate(block);
    ({ publicKey } = x509);
    // VERIFY-071: OpenSSL skips headers, and what follows the certificate, and it reads BER.
    const base64 = block.split('\n').slice(1, -2).join('');
    if (base64 !== x509.raw.toString('base64')) throw new Error('headers, or more than a certificate');
    if (!hasDerLengths(x509.raw)) throw new Error('a length that is not in DER');
  } catch {
    throw new ComposefsError('REQUEST_KEY', 'a certificate is not valid', location);
  }
  const kind = kindOf(publicKey);
  if (kind === undefined) {
    throw new ComposefsError(
      'REQUEST_KEY',
      'the key of the certificate is neither RSA with 2048 to 4096 bits nor ECDSA on P-256 or P-384',
      location,
    );
  }
  const parts = certificateParts(x509.raw);
  // SEAL-058, VERIFY-058: the kernel takes no other form of a point.
  if (kind === 'ecdsa' && parts.publicKey[0] !== UNCOMPRESSED) {
    const detail = 'the ECDSA key of the certificate is a compressed point, which the kernel does not accept';
    throw new ComposefsError('REQUEST_KEY', detail, location);
  }
  const { issuer, serial } = parts;
  const fingerprint = createHash('sha256').update(x509.raw).digest('hex');
  return { certificate: { issuer, serial, kind, publicKey, fingerprint }, x509 };
}

/** The first byte of a point that is not compressed (SEC 1, section 2.3.3). */
const UNCOMPRESSED = 0x04;

function kindOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): KeyKind | undefined {
  const { modulusLength = 0, namedCurve = '' } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === 'rsa') return modulusLength >= 2048 && modulusLength <= 4096 ? 'rsa' : undefined;
  if (asymmetricKeyType === 'ec')
    return ['prime256v1', 'secp384r1'].includes(namedCurve) ? 'ecdsa' : undefined;
  return undefined;
}

/**
 * Signs `digest` (hex), in the form that the kernel accepts.
 *
 * @throws ComposefsError REQUEST_KEY if the signature is longer than the kernel accepts.
 */
export function sign(digest: string, algorithm: Algorithm, signer: Signer): Uint8Array {
  return signMessage(formatted(digest, algorithm), algorithmParameters[algorithm].hash, signer);
}

/** Signs `message`; otherwise as {@link sign}. */
export function signMessage(
  message: Uint8Array,
  hash: HashName,
  { certificate, privateKey }: Signer,
): Uint8Array {
  const signature = signBytes(hash, message, {
    key: privateKey,
    padding: constants.RSA_PKCS1_PADDING,
    dsaEncoding: 'der',
  });
  const { issuer, serial, kind } = certificate;
  const der = encodeSignature({ issuer, serial, hash, kind, signature });
  if (der.length <= SIGNATURE_LIMIT) return der;
  // SEAL-057
  const detail = `a signature with the issuer of the certificate has ${der.length} bytes, more than the limit of ${SIGNATURE_LIMIT}`;
  throw new ComposefsError('REQUEST_KEY', detail);
}

/**
 * Whether the signature `der` of `digest` is by one of the certificates `trusted`; `false` if it names none of them.
 *
 * @throws ComposefsError VERIFY_SIGNATURE_FORM if it does not have the form of a signature, and VERIFY_SIGNATURE if it
 * names one of the certificates, but is not a signature of `digest` by its key.
 */
export function isSignedBy(
  der: Uint8Array,
  digest: string,
  algorithm: Algorithm,
  trusted: readonly Certificate[],
  location: Location,
): boolean {
  const parts = decodeSignature(der, algorithmParameters[algorithm].hash, location);
  const named = trusted.filter(certificate => isNamedBy(certificate, parts));
  if (named.length === 0) return false;
  const bytes = formatted(digest, algorithm);
  if (named.some(certificate => isSignatureOf(bytes, parts, certificate))) return true;
  const detail = 'the signature is not a signature of the published digest by the certificate that it names';
  throw new ComposefsError('VERIFY_SIGNATURE', detail, location);
}

/** Whether a signature names the issuer and the serial number of a certificate. */
export function isNamedBy({ issuer, serial }: Certificate, parts: SignatureParts): boolean {
  return equal(issuer, parts.issuer) && equal(serial, parts.serial);
}

/** Whether a signature is one of `message` by the key of a certificate (VERIFY-034, VERIFY-059). */
export function isSignatureOf(
  message: Uint8Array,
  { hash, kind, signature }: SignatureParts,
  certificate: Certificate,
): boolean {
  const key = {
    key: certificate.publicKey,
    padding: constants.RSA_PKCS1_PADDING,
    dsaEncoding: 'der',
  } as const;
  return kind === certificate.kind && verifyBytes(hash, message, key, signature);
}

function formatted(digest: string, algorithm: Algorithm): Uint8Array {
  return formattedDigest(Buffer.from(digest, 'hex'), algorithm);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
