/**
 * `composefs-oci store untag`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { openStore } from '../../store/store.ts';
import { removeName } from '../../store/untag.ts';
import { exitCodes } from '../options.ts';
import { addStoreCommand, waitingForLock, writeResult } from './shared.ts';

const help = `
The image itself stays until 'store gc' finds that nothing needs it.

Examples:
  $ composefs-oci store untag /var/lib/images app:1
${exitCodes('the name was removed', 'there is no such name')}`;

/** Adds the subcommand. */
export function addStoreUntag(store: Command): void {
  const command = addStoreCommand(store, 'untag', 'Remove the name of an image.', help).addArgument(
    createArgument('<name>', 'the name'),
  );
  command.action(async (directory: string, name: string) => {
    await removeName(openStore(directory), name, waitingForLock);
    await writeResult(command, { name }, []);
  });
}
