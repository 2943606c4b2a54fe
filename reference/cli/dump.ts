/**
 * `composefs-oci dump`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { readErofs } from '../erofs/read.ts';
import { ComposefsError } from '../errors.ts';
import type { Directory } from '../tree/inode.ts';
import { addOutput, writeDumpfile } from './dumpfile.ts';
import { addJson } from './options.ts';
import { readWhole } from './source.ts';

const help = `
Examples:
  $ composefs-oci dump image.erofs
  $ composefs-oci dump - < image.erofs | grep ' 120777 '
`;

/** Adds the command. */
export function addDump(program: Command): void {
  const command = program
    .command('dump')
    .description('Print the tree in an EROFS image as a canonical dumpfile.')
    .addArgument(createArgument('<image>', 'an EROFS image, - for stdin'));
  addJson(addOutput(command))
    .addHelpText('after', help)
    .action(async (image: string) => writeDumpfile(() => readImage(image), command));
}

async function readImage(path: string): Promise<Directory> {
  const image = await readWhole(path);
  try {
    return readErofs(image);
  } catch (error) {
    throw error instanceof ComposefsError ? error.at({ file: path }) : error;
  }
}
