/**
 * Disk images whose signatures differ from one signing to the next (SEAL-040): the signature of an answer is verified,
 * and everything else is compared with the expected disk image as if it had this signature.
 * @module
 */

import { readTable } from './disk-image-difference.ts';
import { type ExpectedWithSignatures, type SealedImage, signatureProblem } from './signed-documents.ts';

const TEXT =
  /^\{"rootHash":"([0-9a-f]{64})","certificateFingerprint":"[0-9a-f]{64}","signature":"([^"]*)"\}\0*$/;

/** The expected disk image with the signature of `got`, if that is one of the root hash by the certificate in PEM. */
export function withSignatureOf(
  got: Uint8Array,
  { values, files }: SealedImage,
  certificate: string,
): ExpectedWithSignatures {
  const expected = files['ddi'] ?? new Uint8Array();
  const { at, size } = readTable(expected)[2] ?? { at: 0, size: 0 };
  const model = Buffer.from(expected.subarray(at, at + size)).toString('latin1');
  const [, rootHash = '', modelSignature = ''] = TEXT.exec(model) ?? [];
  const [, , found] = TEXT.exec(Buffer.from(got.subarray(at, at + size)).toString('latin1')) ?? [];
  // Without a signature, the difference is shown as any other.
  if (found === undefined) return { values, files };
  const problem = signatureProblem(found, {
    model: modelSignature,
    message: Buffer.from(rootHash, 'latin1'),
    hash: 'sha256',
    certificate,
    signed: 'the root hash',
  });
  if (problem !== undefined) return { problem };
  const text = model.replace(/\0*$/, '').replace(modelSignature, () => found);
  const bytes = Buffer.from(expected);
  bytes.fill(0, at, at + size).write(text, at, 'latin1');
  return { values, files: { ddi: bytes } };
}
