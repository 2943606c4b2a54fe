/**
 * The private key and the certificate that a command signs with.
 * @module
 */

import type { Signer } from '../seal/node/signing.ts';
import { readSmallFile } from './small-file.ts';

/** Reads the files of `--sign` and `--cert`; undefined if one of them is not given. */
export async function readSignerFiles(
  key: string | undefined,
  certificate: string | undefined,
): Promise<Signer | undefined> {
  if (key === undefined || certificate === undefined) return undefined;
  const { readSigner } = await import('../seal/node/signing.ts');
  return readSigner(await readSmallFile(key), await readSmallFile(certificate), {
    key: { file: key },
    certificate: { file: certificate },
  });
}
