/**
 * `composefs-oci tree`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { addOutput, writeDumpfile } from './dumpfile.ts';
import { addAlgorithm, addJson, addTreeOptions } from './options.ts';
import { type ImageSource, parseImage, readImageTree } from './source.ts';

const help = `
Examples:
  What the image looks like, one line an inode:
  $ composefs-oci tree oci:./layout:latest

  What makes two images differ:
  $ diff <(composefs-oci tree oci:./a) <(composefs-oci tree oci:./b)

  The same image with mkcomposefs:
  $ composefs-oci tree --algorithm fsverity-sha256-12 oci:./layout --output image.dump
  $ mkcomposefs --from-file --min-version=1 --max-version=1 --print-digest-only image.dump
`;

/** Adds the command. */
export function addTree(program: Command): void {
  const command = program
    .command('tree')
    .description('Print the tree of an OCI image as a canonical dumpfile.')
    .addArgument(createArgument('<image>', 'oci:DIR[:TAG]').argParser(parseImage));
  addJson(addOutput(addAlgorithm(addTreeOptions(command))))
    .addHelpText('after', help)
    .action(async (image: ImageSource) => writeDumpfile(() => readImageTree(image, command), command));
}
