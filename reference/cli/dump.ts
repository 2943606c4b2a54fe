/**
 * `composefs-oci dump`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { readErofs } from '../erofs/read.ts';
import { ComposefsError } from '../errors.ts';
import type { Directory } from '../tree/inode.ts';
import { addOutput, writeDumpfile } from './dumpfile.ts';
import { readImageFile } from './image-file.ts';
import { addJson, exitCodes } from './options.ts';

const help = `
A dumpfile has one line for each path, with the attributes and the content or digest of the file. 'composefs-oci mkfs'
turns it back into an image, and 'mkcomposefs --from-file' reads it too.

Examples:
  Print the tree:
  $ composefs-oci dump image.erofs | less

  List the symbolic links of an image on stdin:
  $ composefs-oci dump - < image.erofs | grep ' 120777 '

  Compare the trees in two images:
  $ diff <(composefs-oci dump a.erofs) <(composefs-oci dump b.erofs)
${exitCodes('the dumpfile was written', "the image was rejected: stderr says why, and 'composefs-oci inspect' shows where it is broken")}`;

/** Adds the command. */
export function addDump(program: Command): void {
  const command = program
    .command('dump')
    .description('Print the tree in an EROFS image as a canonical dumpfile.')
    .addArgument(createArgument('<image>', 'an EROFS image, or - for stdin'));
  addJson(addOutput(command))
    .addHelpText('after', help)
    .action(async (image: string) => writeDumpfile(() => readImage(image), command));
}

async function readImage(path: string): Promise<Directory> {
  try {
    return readErofs(await readImageFile(path));
  } catch (error) {
    throw error instanceof ComposefsError ? error.at({ file: path }) : error;
  }
}
