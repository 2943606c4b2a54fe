/**
 * `composefs-oci store fsck`
 * @module
 */

import type { Command } from 'commander';
import { printable } from '../../bytes.ts';
import { findingCodes } from '../../store/findings.ts';
import { checkStore } from '../../store/fsck.ts';
import { openStore } from '../../store/store.ts';
import { exitCodes } from '../options.ts';
import { withProgressLine } from '../progress.ts';
import { FailureReported } from '../rejection.ts';
import { addStoreCommand, waitingForLock, writeResult } from './shared.ts';

const help = `
Reads the whole store, and prints each finding as a code and a path. Every object is compared with its digest, every
layer with its diff_id, and every composefs image with what the layers make. Nothing is changed.

${Object.entries(findingCodes)
  .map(([code, meaning]) => `  ${code.padEnd(18)} ${meaning}`)
  .join('\n')}

To repair a store, import its images again: right content replaces damaged content.

Examples:
  $ composefs-oci store fsck /var/lib/images
${exitCodes('nothing is wrong', 'something is wrong: each finding is a line on stdout')}`;

/** Adds the subcommand. */
export function addStoreFsck(store: Command): void {
  const command = addStoreCommand(store, 'fsck', 'Check everything in a store.', help);
  command.action(async (directory: string) => {
    const opened = openStore(directory);
    const { objects, findings } = await withProgressLine('checking the store', show =>
      checkStore(opened, {
        ...waitingForLock,
        progress: show && (count => show(`${count} objects checked`)),
      }),
    );
    const described = findings.map(({ code, path }) => ({
      code,
      path: printable(path),
      meaning: findingCodes[code],
    }));
    const lines = described.map(({ code, path }) => `${code} ${path}`);
    const summary = `${objects} objects checked, ${findings.length === 0 ? 'nothing is wrong' : `${findings.length} findings`}`;
    await writeResult(command, { objects, findings: described }, [...lines, summary]);
    if (findings.length > 0) throw new FailureReported();
  });
}
