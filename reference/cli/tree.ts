/**
 * `composefs-oci tree`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { addOutput, writeDumpfile } from './dumpfile.ts';
import { addAlgorithm, addJson, addTreeOptions, exitCodes, imageHelp } from './options.ts';
import { type ImageSource, parseImage, readImageTree } from './source.ts';

const help = `
A dumpfile has one line for each path, with the attributes and the content or digest of the file.

Examples:
  Print the file system of an image:
  $ composefs-oci tree oci:./layout:latest | less

  Find out why two images have different digests:
  $ diff <(composefs-oci tree oci:./a) <(composefs-oci tree oci:./b)

  Compute the digest with mkcomposefs:
  $ composefs-oci tree --algorithm fsverity-sha256-12 oci:./layout --output image.dump
  $ mkcomposefs --from-file --min-version=1 --max-version=1 --print-digest-only image.dump
${exitCodes('the dumpfile was written')}`;

/** Adds the command. */
export function addTree(program: Command): void {
  const command = program
    .command('tree')
    .description('Print the tree of an OCI image as a canonical dumpfile.')
    .addArgument(createArgument('<image>', imageHelp).argParser(parseImage));
  addJson(addOutput(addAlgorithm(addTreeOptions(command))))
    .addHelpText('after', help)
    .action(async (image: ImageSource) => writeDumpfile(() => readImageTree(image, command), command));
}
