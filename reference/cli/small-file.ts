/**
 * Reading of small input files: keys, certificates and kernel command lines.
 * @module
 */

import { ComposefsError } from '../errors.ts';
import { readFile } from './source.ts';

/** Maximum size of a key, a certificate or a kernel command line. */
const SIZE_LIMIT = 1024 * 1024;

/** Reads a small file, or rejects it with REQUEST_FILE if it is too large. */
export async function readSmallFile(path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of readFile(path, { file: path })) {
    size += chunk.length;
    if (size > SIZE_LIMIT) {
      throw new ComposefsError('REQUEST_FILE', `the file has more than ${SIZE_LIMIT} bytes`, { file: path });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
