/**
 * `composefs-oci man`
 * @module
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, createArgument } from 'commander';
import { asFileError } from '../oci/file.ts';
import { allCommands, commandEntry } from './help/command-table.ts';
import { manPage, pageName } from './help/man-page.ts';
import { exitCodes } from './options.ts';
import { writeFile } from './output.ts';
import { version } from './version.ts';

const help = `
There is one page for composefs-oci and one for each command, for example composefs-oci-digest.1. They say what --help
says.

Examples:
  Read a page:
  $ composefs-oci man ./man
  $ man ./man/composefs-oci-digest.1

  Install all pages, so that 'man composefs-oci' finds them:
  $ composefs-oci man ~/.local/share/man/man1
${exitCodes('the pages were written', 'a page was not written: one line on stderr says why')}`;

/** Adds the command. */
export function addMan(program: Command): void {
  program
    .command('man')
    .description('Write the manual pages to a directory.')
    .addArgument(createArgument('<dir>', 'the directory, which is made if it does not exist'))
    .addHelpText('after', help)
    .action(async (directory: string) => {
      try {
        mkdirSync(directory, { recursive: true });
      } catch (error) {
        throw asFileError(error, { file: directory });
      }
      const commands = allCommands(commandEntry(program));
      for (const command of commands) {
        const page = Buffer.from(manPage(command, version));
        await writeFile(join(directory, `${pageName(command)}.1`), [page]);
      }
    });
}
