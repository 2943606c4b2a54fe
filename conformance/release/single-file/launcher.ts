#!/usr/bin/env node
/**
 * The beginning of the runner in one file. The last line of that file is a comment with the files of the package
 * `composefs-oci-conformance`. They are unpacked into the user's cache when they are not there yet, and run there.
 * @module
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

/** The exit code of the runner if the system does not let it start. */
const ENVIRONMENT = 3;

/** What is packed: a line with the names and lengths of all files as JSON, and their contents. */
function unpack(packed: Buffer, folder: string): void {
  const end = packed.indexOf('\n');
  const files: readonly (readonly [name: string, length: number])[] = JSON.parse(
    packed.toString('utf8', 0, end),
  );
  let at = end + 1;
  for (const [name, length] of files) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, packed.subarray(at, at + length));
    at += length;
  }
}

/** The folder with the files of `payload`, which exists only when it is complete. */
function unpackedFolder(payload: string): string {
  const { XDG_CACHE_HOME = '' } = process.env;
  const cache = join(XDG_CACHE_HOME === '' ? join(homedir(), '.cache') : XDG_CACHE_HOME, 'composefs-oci');
  const hash = createHash('sha256').update(payload).digest('hex');
  const folder = join(cache, `conformance-${hash.slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const incomplete = mkdtempSync(`${folder}-`);
  try {
    unpack(brotliDecompressSync(Buffer.from(payload, 'base64')), incomplete);
    renameSync(incomplete, folder);
  } catch (error) {
    rmSync(incomplete, { recursive: true });
    // Another process was faster.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function unpackedProgram(): string {
  try {
    const text = readFileSync(fileURLToPath(import.meta.url), 'latin1').trimEnd();
    const folder = unpackedFolder(text.slice(text.lastIndexOf('\n//') + 3));
    return pathToFileURL(join(folder, 'dist/conformance/runner/main.js')).href;
  } catch (error) {
    process.stderr.write(`could not start: ${error instanceof Error ? error.message : error}\n`);
    process.exit(ENVIRONMENT);
  }
}

await import(unpackedProgram());
