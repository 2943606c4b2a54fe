/**
 * `composefs-oci mkfs`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { hex } from '../bytes.ts';
import { writeErofs } from '../erofs/write.ts';
import type { Algorithm } from '../fsverity/algorithm.ts';
import { FsVerity } from '../fsverity/digest.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import type { Directory } from '../tree/inode.ts';
import { addAlgorithm, addFormat, addJson, addTreeOptions, exitCodes, imageOptions } from './options.ts';
import { isStdout, measured, write, writeFile } from './output.ts';
import { type ImageSource, parseSource, readTree } from './source.ts';

const help = `
The EROFS image holds the tree, and the digests of larger files instead of their content. When it is mounted, the
content is found by these digests in an object store, which this command does not write:

  $ mount -t composefs -o basedir=objects,digest=DIGEST image.erofs /mnt

Without --algorithm, the digests in a dumpfile select it: fsverity-sha256-12 if they have 64 hexadecimal digits.

Examples:
  Write the EROFS image of an OCI image:
  $ composefs-oci mkfs oci:./layout:latest --output image.erofs

  Write the EROFS image of a dumpfile, which can be edited first:
  $ composefs-oci tree oci:./layout:latest --output image.dump
  $ composefs-oci mkfs image.dump --output image.erofs

  Read the dumpfile from stdin:
  $ composefs-oci tree oci:./layout | composefs-oci mkfs - --output image.erofs
${exitCodes('the image was written, and its digest printed', 'the source was rejected, and nothing was written: one line on stderr says why')}`;

/** Adds the command. */
export function addMkfs(program: Command): void {
  const command = program
    .command('mkfs')
    .description('Write the EROFS image of an OCI image or a dumpfile, and print its fs-verity digest.')
    .addArgument(
      createArgument(
        '<source>',
        'an OCI image as oci:DIR[:TAG], a dumpfile, or - for a dumpfile on stdin',
      ).argParser(parseSource),
    )
    .requiredOption(
      '--output <file>',
      'write the EROFS image to this file, or to stdout if it is -; the digest is then not printed',
    );
  addJson(addFormat(addAlgorithm(addTreeOptions(command))))
    .addHelpText('after', help)
    .action(async (source: ImageSource | string) => {
      const { output, json } = command.opts<{ output: string; json?: boolean }>();
      const toStdout = isStdout(output);
      if (json && toStdout) {
        command.error(
          'error: --json needs --output FILE, because stdout carries either the image or the JSON object',
        );
      }
      const tree = await readTree(source, command);
      const given = command.getOptionValueSource('algorithm') === 'cli' || typeof source !== 'string';
      const options = { ...imageOptions(command), ...(given ? {} : algorithmOf(tree)) };
      const verity = new FsVerity(options.algorithm, nodeSha2);
      const size = await writeFile(output, measured(writeErofs(tree, options), verity));
      if (toStdout) return;
      const digest = hex(verity.digest());
      const result = { digest, ...options, output, size };
      await write(process.stdout, `${json ? JSON.stringify(result) : digest}\n`);
    });
}

/** The algorithm that the length of a digest in `tree` implies, or none if no file has a digest. */
function algorithmOf(tree: Directory): { readonly algorithm?: Algorithm } {
  const open = [tree];
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    for (const inode of directory.children.values()) {
      if (inode.kind === 'directory') open.push(inode);
      else if (inode.kind === 'external' && inode.digest !== undefined)
        return { algorithm: inode.digest.length === 32 ? 'fsverity-sha256-12' : 'fsverity-sha512-12' };
    }
  }
  return {};
}
