/**
 * `composefs-oci fsverity`
 * @module
 */

import { closeSync } from 'node:fs';
import { type Command, createArgument, Option } from 'commander';
import { hex } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import type { Algorithm } from '../fsverity/algorithm.ts';
import { FsVerity } from '../fsverity/digest.ts';
import { fileDigest } from '../fsverity/node/file.ts';
import { noSalt, parseSalt } from '../fsverity/salt.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { asFileError, openFile } from '../oci/file.ts';
import { isRejection } from './failure.ts';
import { addAlgorithm, addJson, exitCodes } from './options.ts';
import { write } from './output.ts';
import { FailureReported, rejectionJson } from './rejection.ts';

const help = `
Prints one line for each file: its digest, two spaces, and its name. The kernel computes the same digest when fs-verity
is enabled on the file, and a store holds the file as an object under it. A large file is hashed with all processors.
A file that cannot be read is reported, and the others are hashed all the same.

Examples:
  Print the digest of a file:
  $ composefs-oci fsverity /usr/bin/bash

  Use SHA-256, as 'fsverity digest --hash-alg=sha256' does:
  $ composefs-oci fsverity --algorithm fsverity-sha256-12 image.erofs

  Get the digest in a script:
  $ composefs-oci fsverity --json image.erofs | jq -r '.files[0].digest'
${exitCodes('all digests were printed', 'a file cannot be read: one line on stderr for each says why; with --json, its "error" too')}`;

/** Adds the command. */
export function addFsverity(program: Command): void {
  const command = program
    .command('fsverity')
    .description('Print the fs-verity digests of files.')
    .addArgument(createArgument('<file...>', 'one or more files, or - for stdin'))
    .addOption(
      new Option(
        '--salt <hex>',
        'salt of up to 32 bytes, in lower-case hexadecimal; objects and images have none',
      ).default('', 'no salt'),
    );
  addJson(addAlgorithm(command))
    .addHelpText('after', help)
    .action(async (paths: string[]) => {
      const { algorithm, salt, json } = command.opts<{
        algorithm: Algorithm;
        salt: string;
        json?: boolean;
      }>();
      const bytes = salt === '' ? noSalt : parseSalt(salt);
      const files: object[] = [];
      let allRead = true;
      for (const path of paths) {
        const file = await measureOrReport(path, algorithm, bytes);
        if (!('digest' in file)) allRead = false;
        else if (!json) await write(process.stdout, `${file.digest}  ${path}\n`);
        files.push(file);
      }
      if (json) await write(process.stdout, `${JSON.stringify({ algorithm, salt, files })}\n`);
      if (!allRead) throw new FailureReported();
    });
}

/** The digest of a file; if the file is rejected, the error, which was reported. */
async function measureOrReport(
  path: string,
  algorithm: Algorithm,
  salt: Uint8Array,
): Promise<FileDigest | { readonly file: string; readonly error: object }> {
  try {
    return await measure(path, algorithm, salt);
  } catch (error) {
    if (!isRejection(error)) throw error;
    await write(process.stderr, `error: ${error.message}\n`);
    return { file: path, error: rejectionJson(error) };
  }
}

/** A file and its digest, as `--json` prints it. */
interface FileDigest {
  readonly file: string;
  readonly size: number;
  readonly digest: string;
}

async function measure(path: string, algorithm: Algorithm, salt: Uint8Array): Promise<FileDigest> {
  const location = { file: path };
  if (path === '-') {
    const verity = new FsVerity(algorithm, nodeSha2, salt);
    let size = 0;
    try {
      for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
        verity.update(chunk);
        size += chunk.length;
      }
    } catch (error) {
      throw asFileError(error, location);
    }
    return { file: path, size, digest: hex(verity.digest()) };
  }
  const { fd, size } = openFile(path, 'REQUEST_FILE', location);
  try {
    return { file: path, size, digest: hex(await fileDigest({ fd }, size, algorithm, salt)) };
  } catch (error) {
    throw error instanceof ComposefsError ? error.at(location) : asFileError(error, location);
  } finally {
    closeSync(fd);
  }
}
