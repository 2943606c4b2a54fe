/**
 * `composefs-oci store mount`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { mountPlan } from '../../store/mount.ts';
import { runProgram } from '../../store/programs.ts';
import { openStore } from '../../store/store.ts';
import { exitCodes } from '../options.ts';
import { FailureReported } from '../rejection.ts';
import { addStoreCommand, nameArgument, waitingForLock, writeResult } from './shared.ts';

const help = `
Prints the command that mounts an image, or runs it with --run, which needs root and mount.composefs (package composefs).
The composefs image is compared with its digest first. In a store with fs-verity, the kernel then compares every file;
in one without, nobody notices changed files: see 'store init --verity'.

Examples:
  $ composefs-oci store mount /var/lib/images app:1 /mnt
  $ composefs-oci store mount /var/lib/images app:1 /mnt --run
${exitCodes('the command was printed, or the image is mounted', 'it is not mounted: stderr says why')}`;

/** Adds the subcommand. */
export function addStoreMount(store: Command): void {
  const command = addStoreCommand(store, 'mount', 'Mount an image, or print how.', help)
    .addArgument(nameArgument())
    .addArgument(createArgument('<target>', 'the directory to mount it at'))
    .option('--bootable', 'mount the image for a machine to boot')
    .option('--run', 'run the command');
  command.action(async (directory: string, name: string, target: string) => {
    const { bootable, run } = command.opts<{ bootable?: boolean; run?: boolean }>();
    const role = bootable ? 'merged.bootable' : 'merged';
    const plan = await mountPlan(openStore(directory), name, target, { role, ...waitingForLock });
    const [program = '', ...args] = plan.command;
    if (run) {
      const result = await runProgram(program, args);
      if (result?.status !== 0) {
        process.stderr.write(`error: mount failed: ${result?.stderr ?? 'the program mount is missing'}\n`);
        throw new FailureReported();
      }
    }
    await writeResult(
      command,
      { ...plan, mounted: run === true },
      run ? [] : [plan.command.map(quoted).join(' ')],
    );
  });
}

/** A word for a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
