/**
 * `composefs-oci store init`
 * @module
 */

import { type Command, Option } from 'commander';
import { type StoreAlgorithm, storeAlgorithms } from '../../store/metadata.ts';
import { initStore } from '../../store/store.ts';
import { exitCodes } from '../options.ts';
import { addStoreCommand, writeResult } from './shared.ts';

const help = `
DIR must not exist, or be empty. With --verity, fs-verity is enabled on every object, so that the kernel rejects a
file that was changed: the file system must have the feature verity (tune2fs -O verity), and the program fsverity must
be installed. Without it, only 'store fsck' finds changed files.

Examples:
  $ composefs-oci store init /var/lib/images --verity
  $ composefs-oci store init ./store --algorithm fsverity-sha256-12
${exitCodes('the store was made', 'it was not made: one line on stderr says why, and DIR is as it was')}`;

/** Adds the subcommand. */
export function addStoreInit(store: Command): void {
  const command = addStoreCommand(store, 'init', 'Make a new, empty store.', help)
    .addOption(
      new Option('--algorithm <algorithm>', 'fs-verity algorithm of all objects')
        .choices(storeAlgorithms)
        .default('fsverity-sha512-12'),
    )
    .option('--verity', 'enable fs-verity on every object');
  command.action(async (directory: string) => {
    const { algorithm, verity } = command.opts<{ algorithm: StoreAlgorithm; verity?: boolean }>();
    await initStore(directory, { algorithm, verity });
    await writeResult(command, { directory, algorithm, verity: verity === true }, []);
  });
}
