/**
 * The content of the signature partition (DDI-013).
 * @module
 */

import { ascii, byteString, bytesOf, hex } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import { SIGNATURE_LIMIT } from '../seal/pkcs7.ts';
import { BLOCK } from './layout.ts';

/** A signature of a root hash. */
export interface DdiSignature {
  /** SHA-256 of the certificate in DER, in lower-case hexadecimal. */
  readonly fingerprint: string;
  /** The message in DER. */
  readonly message: Uint8Array;
}

/** The content of a signature partition. */
export function signaturePartition(rootHash: Uint8Array, { fingerprint, message }: DdiSignature): Uint8Array {
  const text = `{"rootHash":"${hex(rootHash)}","certificateFingerprint":"${fingerprint}","signature":"${btoa(byteString(message))}"}`;
  const bytes = new Uint8Array(Math.ceil(text.length / BLOCK) * BLOCK);
  bytes.set(bytesOf(ascii(text)), 0);
  return bytes;
}

/** The size of a partition with the longest signature: nothing longer is read (DDI-018). */
export const SIGNATURE_PARTITION_LIMIT = signaturePartition(new Uint8Array(32), {
  fingerprint: '0'.repeat(64),
  message: new Uint8Array(SIGNATURE_LIMIT),
}).length;

const form =
  /^\{"rootHash":"(?<root>[0-9a-f]{64})","certificateFingerprint":"(?<fingerprint>[0-9a-f]{64})","signature":"(?<message>[A-Za-z0-9+/]+={0,2})"\}\0*$/;

/** The signature in a partition. Rejects with DDI_SIGNATURE_FORM any other content than that of {@link signaturePartition}. */
export function readSignaturePartition(
  partition: Uint8Array,
  rootHash: Uint8Array,
  location: Location,
): DdiSignature {
  const reject = (detail: string) => new ComposefsError('DDI_SIGNATURE_FORM', detail, location);
  const text = byteString(partition);
  const found = form.exec(text)?.groups;
  const message = decodeBase64(found?.['message'] ?? '');
  if (found === undefined || message === undefined) {
    throw reject('the signature partition does not hold a JSON object in the required form');
  }
  const { root = '', fingerprint = '' } = found;
  if (root !== hex(rootHash)) {
    throw reject(`the signature partition is for the root hash ${root}, but the hash tree has another one`);
  }
  if (message.length > SIGNATURE_LIMIT) {
    throw reject(`the signature has ${message.length} bytes; the limit is ${SIGNATURE_LIMIT}`);
  }
  const signature = { fingerprint, message };
  if (byteString(signaturePartition(rootHash, signature)) !== text) {
    throw reject('the signature partition has more bytes of 0 than necessary');
  }
  return signature;
}

/** The bytes of a base64 text, or undefined if it is not the one text of these bytes. */
function decodeBase64(text: string): Uint8Array | undefined {
  try {
    const decoded = atob(text);
    return btoa(decoded) === text ? bytesOf(decoded as ReturnType<typeof byteString>) : undefined;
  } catch {
    return undefined;
  }
}
