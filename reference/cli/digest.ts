/**
 * `composefs-oci digest`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { hex } from '../bytes.ts';
import { imageDigest } from '../erofs/write.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import {
  addAlgorithm,
  addFormat,
  addJson,
  addTreeOptions,
  exitCodes,
  imageHelp,
  imageOptions,
  treeOptions,
} from './options.ts';
import { write } from './output.ts';
import { type ImageSource, parseImage, readImageTree } from './source.ts';

const help = `
Every digest, size and diff_id of the image is checked, every layer is applied, and the EROFS image of the result is
hashed; nothing is written. The digest depends only on the image and on these options, not on this machine.

Examples:
  Print the digest to sign, or to mount the image by:
  $ composefs-oci digest oci:./layout:latest

  Use SHA-256, as mkcomposefs and 'cfsctl --hash sha256' do:
  $ composefs-oci digest --algorithm fsverity-sha256-12 oci:./layout:latest

  Select one of several platforms, and get the digest in a script:
  $ composefs-oci digest --platform linux/arm64 --json oci:./layout | jq -r .digest
${exitCodes('the digest was printed')}`;

/** Adds the command. */
export function addDigest(program: Command): void {
  const command = program
    .command('digest')
    .description('Print the fs-verity digest of the composefs image of an OCI image.')
    .addArgument(createArgument('<image>', imageHelp).argParser(parseImage));
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
