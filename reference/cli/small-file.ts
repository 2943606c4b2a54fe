/**
 * Small files that sealing and verifying are given.
 * @module
 */

import { ComposefsError } from '../errors.ts';
import { readFile } from './source.ts';

/** Most bytes of a key, a certificate or a command line. */
const SMALL = 1024 * 1024;

/** A small file in whole; refused with REQUEST_FILE where it is not small. */
export async function readSmallFile(path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of readFile(path, { file: path })) {
    size += chunk.length;
    if (size > SMALL)
      throw new ComposefsError('REQUEST_FILE', `it has more than ${SMALL} bytes`, { file: path });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
