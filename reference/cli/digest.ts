/**
 * `composefs-oci digest`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { hex } from '../bytes.ts';
import { imageDigest } from '../erofs/write.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { addAlgorithm, addFormat, addJson, addTreeOptions, imageOptions, treeOptions } from './options.ts';
import { write } from './output.ts';
import { type ImageSource, parseImage, readImageTree } from './source.ts';

const help = `
Examples:
  The digest to mount an image by:
  $ composefs-oci digest oci:./layout:latest

  As mkcomposefs and 'cfsctl --hash sha256' count it:
  $ composefs-oci digest --algorithm fsverity-sha256-12 oci:./layout:latest

  One platform of several, for a script:
  $ composefs-oci digest --platform linux/arm64 --json oci:./layout | jq -r .digest
`;

/** Adds the command. */
export function addDigest(program: Command): void {
  const command = program
    .command('digest')
    .description('Print the fs-verity digest of the composefs image of an OCI image.')
    .addArgument(createArgument('<image>', 'oci:DIR[:TAG]').argParser(parseImage));
  addJson(addFormat(addAlgorithm(addTreeOptions(command))))
    .addHelpText('after', help)
    .action(async (image: ImageSource) => {
      const options = imageOptions(command);
      const tree = await readImageTree(image, command);
      const digest = hex(imageDigest(tree, { ...options, sha2: nodeSha2 }));
      const { role, transform, xattrs } = treeOptions(command);
      const result = { digest, ...options, role, transform, xattrs };
      await write(process.stdout, `${command.opts()['json'] ? JSON.stringify(result) : digest}\n`);
    });
}
