/**
 * `composefs-oci mkfs`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { hex } from '../bytes.ts';
import { writeErofs } from '../erofs/write.ts';
import { FsVerity } from '../fsverity/digest.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { addAlgorithm, addFormat, addJson, addTreeOptions, exitCodes, imageOptions } from './options.ts';
import { measured, write, writeFile } from './output.ts';
import { type ImageSource, parseSource, readTree } from './source.ts';

const help = `
The EROFS image holds the tree, and the digests of larger files instead of their content. When it is mounted, the
content is found by these digests in an object store, which this command does not write:

  $ mount -t composefs -o basedir=objects,digest=DIGEST image.erofs /mnt

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
    .requiredOption('--output <file>', 'write the EROFS image to this file');
  addJson(addFormat(addAlgorithm(addTreeOptions(command))))
    .addHelpText('after', help)
    .action(async (source: ImageSource | string) => {
      const { output, json } = command.opts<{ output: string; json?: boolean }>();
      const options = imageOptions(command);
      const tree = await readTree(source, command);
      const verity = new FsVerity(options.algorithm, nodeSha2);
      const size = await writeFile(output, measured(writeErofs(tree, options), verity));
      const digest = hex(verity.digest());
      const result = { digest, ...options, output, size };
      await write(process.stdout, `${json ? JSON.stringify(result) : digest}\n`);
    });
}
