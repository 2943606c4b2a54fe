/**
 * The form of signatures: detached PKCS#7 over a formatted digest (spec/sealing.md, "Signatures").
 * @module
 */

import { type Code, ComposefsError, type Location } from '../errors.ts';
import type { HashName } from '../hash/sha2.ts';

/** Types of signing keys. */
export type KeyKind = 'rsa' | 'ecdsa';

/** The parts in which signatures differ. */
export interface SignatureParts {
  /** The issuer's name and the serial number in DER, copied from the certificate. */
  readonly issuer: Uint8Array;
  readonly serial: Uint8Array;
  readonly hash: HashName;
  readonly kind: KeyKind;
  /** RSA: as long as the modulus. ECDSA: a DER sequence of r and s. */
  readonly signature: Uint8Array;
}

/** Maximum size of a signature, the limit of the kernel (VERIFY-031). */
export const SIGNATURE_LIMIT = 16128;

/** Tags of DER. */
const tag = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x30, set: 0x31, context0: 0xa0 } as const;

const NULL = new Uint8Array([0x05, 0x00]);
const ONE = tlv(tag.integer, new Uint8Array([1]));
const SIGNED_DATA = oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02);
const DATA = oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01);
const RSA_ENCRYPTION = oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01);
const hashes: Readonly<Record<HashName, Uint8Array>> = {
  sha256: oid(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01),
  sha512: oid(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03),
};
const ecdsaWith: Readonly<Record<HashName, Uint8Array>> = {
  sha256: oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02),
  sha512: oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04),
};

/** A signature in DER (SEAL-039): a fixed frame around the parts, which are copied unchanged. */
export function encodeSignature({ issuer, serial, hash, kind, signature }: SignatureParts): Uint8Array {
  const digestAlgorithm = sequence(hashes[hash], NULL);
  const signatureAlgorithm = kind === 'rsa' ? sequence(RSA_ENCRYPTION, NULL) : sequence(ecdsaWith[hash]);
  const signer = sequence(
    ONE,
    sequence(issuer, serial),
    digestAlgorithm,
    signatureAlgorithm,
    tlv(tag.octets, signature),
  );
  const signedData = sequence(ONE, tlv(tag.set, digestAlgorithm), sequence(DATA), tlv(tag.set, signer));
  return sequence(SIGNED_DATA, tlv(tag.context0, signedData));
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tlv(tag.sequence, ...parts);
}

function oid(...bytes: readonly number[]): Uint8Array {
  return tlv(tag.oid, new Uint8Array(bytes));
}

/** Tag and length in DER of an element whose content has `size` bytes. */
function headOf(type: number, size: number): Uint8Array {
  const length: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
  return Uint8Array.from(size < 0x80 ? [type, size] : [type, 0x80 | length.length, ...length]);
}

/** Tag, length and value in DER. */
function tlv(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const head = headOf(type, size);
  const bytes = new Uint8Array(head.length + size);
  bytes.set(head);
  let at = head.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * The parts of a signature. A signature that differs from what {@link encodeSignature} writes is rejected with `code`,
 * so that verifiers cannot disagree about other forms (VERIFY-030, DDI-018).
 */
export function decodeSignature(
  der: Uint8Array,
  hash: HashName,
  location: Location,
  code: Code = 'VERIFY_SIGNATURE_FORM',
): SignatureParts {
  const parts = readParts(der, hash);
  if (parts !== undefined && equal(encodeSignature(parts), der)) return parts;
  const detail = `the signature is not a detached PKCS#7 message with ${hash} and one signer, without certificates and attributes`;
  throw new ComposefsError(code, detail, location);
}

function readParts(der: Uint8Array, hash: HashName): SignatureParts | undefined {
  const signer = elementAt(der, 1, 0, 3, 0);
  const [issuer, serial] = [elementAt(signer, 1, 0), elementAt(signer, 1, 1)];
  const [algorithm, signature] = [elementAt(signer, 3, 0), elementAt(signer, 4)];
  // SEAL-070
  if (!isElement(issuer, tag.sequence) || !isElement(serial, tag.integer)) return undefined;
  if (contentOf(serial).length === 0 || algorithm === undefined || signature === undefined) return undefined;
  const kind = equal(algorithm, RSA_ENCRYPTION) ? 'rsa' : 'ecdsa';
  return { issuer, serial, hash, kind, signature: contentOf(signature) };
}

/** The element at `path` in an element, or undefined if there is none. Does not read the elements beside the path. */
function elementAt(element: Uint8Array | undefined, ...path: readonly number[]): Uint8Array | undefined {
  let found = element;
  for (const step of path) {
    let rest = found === undefined ? new Uint8Array() : contentOf(found);
    for (let i = 0; i < step; i++) rest = rest.subarray(sizeOf(rest));
    found = rest.length === 0 ? undefined : rest.subarray(0, sizeOf(rest));
  }
  return found;
}

function headSize([, length = 0]: Uint8Array): number {
  return 2 + (length < 0x80 ? 0 : length & 0x7f);
}

/** The size of the element that `bytes` start with, according to its length. */
function sizeOf(bytes: Uint8Array): number {
  const head = headSize(bytes);
  const [, length = 0] = bytes;
  if (head === 2) return head + (length & 0x7f);
  return bytes.subarray(2, head).reduce((size, byte) => size * 256 + byte, 0) + head;
}

function contentOf(element: Uint8Array): Uint8Array {
  return element.subarray(headSize(element));
}

/** Whether `bytes` are an element of this type with a length in the form of DER. */
function isElement(bytes: Uint8Array | undefined, type: number): bytes is Uint8Array {
  if (bytes === undefined) return false;
  return equal(headOf(type, contentOf(bytes).length), bytes.subarray(0, headSize(bytes)));
}

/** The bit of a type whose content is elements. */
const CONSTRUCTED = 0x20;

/** Whether all lengths in `ber`, which is well-formed BER, have the form of DER. */
export function hasDerLengths(ber: Uint8Array): boolean {
  let at = 0;
  while (at < ber.length) {
    const rest = ber.subarray(at);
    const element = rest.subarray(0, sizeOf(rest));
    const [type = 0] = element;
    if (!isElement(element, type)) return false;
    at += type & CONSTRUCTED ? headSize(element) : element.length;
  }
  return true;
}

/** The parts of an X.509 certificate that signatures depend on, copied unchanged. */
export interface CertificateParts extends Pick<SignatureParts, 'issuer' | 'serial'> {
  /** The content of the public key. ECDSA: a point, whose first byte tells its form. */
  readonly publicKey: Uint8Array;
}

/** The parts of an X.509 certificate in DER, which another library has read. */
export function certificateParts(der: Uint8Array): CertificateParts {
  // Certificates of version 1 omit the version, which has the tag [0].
  const first = elementAt(der, 0, 0)?.[0] === tag.context0 ? 1 : 0;
  const part = (...path: readonly number[]) => elementAt(der, 0, ...path)?.slice() ?? new Uint8Array();
  return {
    issuer: part(first + 2),
    serial: part(first),
    // The first byte of a bit string is the number of unused bits.
    publicKey: contentOf(part(first + 5, 1)).subarray(1),
  };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
