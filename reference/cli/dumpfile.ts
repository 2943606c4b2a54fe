/**
 * Output of dumpfiles by commands.
 * @module
 */

import type { Command } from 'commander';
import { printDumpfile } from '../dumpfile/print.ts';
import type { Directory } from '../tree/inode.ts';
import { isStdout, write, writeFile } from './output.ts';

/** Adds `--output` for a dumpfile. */
export function addOutput(command: Command): Command {
  return command.option('--output <file>', 'write the dumpfile to this file; - for stdout (default: stdout)');
}

/** Writes the dumpfile of a tree to the file of `--output`, or to stdout. */
export async function writeDumpfile(read: () => Promise<Directory>, command: Command): Promise<void> {
  const { output, json } = command.opts<{ output?: string; json?: boolean }>();
  if (json && (output === undefined || isStdout(output))) {
    command.error(
      'error: --json needs --output FILE, because stdout carries either the dumpfile or the JSON object',
    );
  }
  const size = await writeFile(output ?? '-', printDumpfile(await read()));
  if (json) await write(process.stdout, `${JSON.stringify({ output, size })}\n`);
}
