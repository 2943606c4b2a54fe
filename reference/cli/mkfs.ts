/**
 * `composefs-oci mkfs`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { hex } from '../bytes.ts';
import { writeErofs } from '../erofs/write.ts';
import { FsVerity } from '../fsverity/digest.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { addAlgorithm, addFormat, addJson, addTreeOptions, imageOptions } from './options.ts';
import { measured, write, writeFile } from './output.ts';
import { type ImageSource, parseSource, readTree } from './source.ts';

const help = `
Examples:
  $ composefs-oci mkfs image.dump --output image.erofs
  $ composefs-oci mkfs oci:./layout:latest --output image.erofs
  $ composefs-oci tree oci:./layout | composefs-oci mkfs - --output image.erofs

The image holds the tree and the digests of the files; the files themselves are found in an object store when it
is mounted: mount -t composefs -o basedir=objects,digest=DIGEST image.erofs /mnt
`;

/** Adds the command. */
export function addMkfs(program: Command): void {
  const command = program
    .command('mkfs')
    .description('Write the EROFS image of a dumpfile or an OCI image, and print its fs-verity digest.')
    .addArgument(
      createArgument('<source>', 'a dumpfile, - for stdin, or oci:DIR[:TAG]').argParser(parseSource),
    )
    .requiredOption('--output <file>', 'write the image here');
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
