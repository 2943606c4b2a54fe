/**
 * The runner in one file, which needs only Node.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type { PackageFiles } from '../package-files.ts';

/** The launcher, and `files` in a comment. */
export function singleFile(root: string, files: PackageFiles): Uint8Array {
  const launcher = readFileSync(join(root, 'dist/conformance/release/single-file/launcher.js'), 'utf8');
  const code = launcher.replace(/^\/\/# sourceMappingURL=.*\n?/m, '');
  return Buffer.from(`${code.trimEnd()}\n//${pack(files).toString('base64')}\n`);
}

/** As the launcher unpacks it. */
function pack(files: PackageFiles): Buffer {
  const list = JSON.stringify([...files].map(([name, content]) => [name, content.length]));
  const content = Buffer.concat([Buffer.from(`${list}\n`), ...files.values()]);
  return brotliCompressSync(content, {
    params: {
      // The next level takes a hundred times as long.
      [constants.BROTLI_PARAM_QUALITY]: 9,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
}
