/**
 * `composefs-oci store gc`
 * @module
 */

import type { Command } from 'commander';
import { printable } from '../../bytes.ts';
import { collectGarbage } from '../../store/gc.ts';
import { openStore } from '../../store/store.ts';
import { exitCodes } from '../options.ts';
import { withProgressLine } from '../progress.ts';
import { addStoreCommand, waitingForLock, writeResult } from './shared.ts';

const help = `
Removes everything that no named image needs: images without a name, objects, and what interrupted imports left. Nothing
is removed if what a name needs is damaged, because what belongs to it is then not known: import the image again, or
remove its name with 'store untag'.

Examples:
  $ composefs-oci store gc /var/lib/images --dry-run
  $ composefs-oci store gc /var/lib/images
${exitCodes('what is not needed was removed', 'nothing was removed: one line on stderr says why')}`;

/** Adds the subcommand. */
export function addStoreGc(store: Command): void {
  const command = addStoreCommand(
    store,
    'gc',
    'Remove everything that is not needed by a named image.',
    help,
  ).option('-n, --dry-run', 'only say what would be removed');
  command.action(async (directory: string) => {
    const { dryRun = false } = command.opts<{ dryRun?: boolean }>();
    const opened = openStore(directory);
    const result = await withProgressLine('reading what is needed', () =>
      collectGarbage(opened, { dryRun, ...waitingForLock }),
    );
    const { objects, bytes, links, temporaryFiles } = result;
    const verb = dryRun ? 'would be removed' : 'removed';
    await writeResult(command, { dryRun, ...result, links: links.map(path => printable(path as never)) }, [
      ...links.map(path => `${verb}: ${printable(path as never)}`),
      `${objects} objects (${bytes} bytes), ${links.length} links and ${temporaryFiles} temporary files ${verb}`,
    ]);
  });
}
