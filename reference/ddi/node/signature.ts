/**
 * Signatures of root hashes (spec/ddi.md, "The signature partition").
 * @module
 */

import { hex } from '../../bytes.ts';
import { ComposefsError } from '../../errors.ts';
import {
  type Certificate,
  isNamedBy,
  isSignatureOf,
  type Signer,
  signMessage,
} from '../../seal/node/signing.ts';
import { decodeSignature } from '../../seal/pkcs7.ts';
import type { VerifiedDdi } from '../read.ts';
import type { DdiSignature } from '../signature-text.ts';

/** Signs root hashes for `writeDdi`. Rejects with REQUEST_KEY if the signature is too long (DDI-012). */
export function rootHashSigner(signer: Signer): (rootHash: Uint8Array) => DdiSignature {
  return rootHash => ({
    fingerprint: signer.certificate.fingerprint,
    message: signMessage(signedText(rootHash), 'sha256', signer),
  });
}

/** What a request says about signatures. */
export interface SignatureRequest {
  readonly trusted: readonly Certificate[];
  readonly requireSignature?: boolean | undefined;
}

/**
 * Whether a disk image is signed by a trusted certificate (DDI-020).
 *
 * @throws ComposefsError REQUEST_KEY, DDI_SIGNATURE, DDI_SIGNER and DDI_UNSIGNED.
 */
export function isSignedDdi(
  { rootHash, signature }: Pick<VerifiedDdi, 'rootHash' | 'signature'>,
  { trusted, requireSignature }: SignatureRequest,
): boolean {
  // DDI-019
  if (requireSignature && trusted.length === 0) {
    const detail = 'a required signature needs the certificates to trust';
    throw new ComposefsError('REQUEST_KEY', detail);
  }
  if (signature === undefined) {
    // DDI-022
    if (requireSignature) throw new ComposefsError('DDI_UNSIGNED', 'there is no signature partition');
    return false;
  }
  const { fingerprint, message } = signature;
  const parts = decodeSignature(message, 'sha256', {}, 'DDI_SIGNATURE_FORM');
  const known = trusted.filter(each => isNamedBy(each, parts) || each.fingerprint === fingerprint);
  const text = signedText(rootHash);
  const isRight = known.some(
    each => isNamedBy(each, parts) && each.fingerprint === fingerprint && isSignatureOf(text, parts, each),
  );
  if (isRight) return true;
  if (known.length > 0) {
    const detail =
      'the signature is not one of the root hash by the certificate that it names, or has the fingerprint of another one';
    throw new ComposefsError('DDI_SIGNATURE', detail);
  }
  if (requireSignature) {
    throw new ComposefsError('DDI_SIGNER', 'the signature is not by a trusted certificate');
  }
  return false;
}

/** What is signed: the root hash in lower-case hexadecimal. */
function signedText(rootHash: Uint8Array): Uint8Array {
  return Buffer.from(hex(rootHash), 'latin1');
}
