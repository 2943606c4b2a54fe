/**
 * What the subcommands of `store` share.
 * @module
 */

import type { Command } from 'commander';
import { createArgument } from 'commander';
import type { StoredImage } from '../../store/import.ts';
import type { LockOptions } from '../../store/lock.ts';
import { addJson } from '../options.ts';
import { write } from '../output.ts';

/** Adds a subcommand whose first argument is the directory of a store. */
export function addStoreCommand(store: Command, name: string, description: string, help: string): Command {
  return addJson(
    store
      .command(name)
      .description(description)
      .addArgument(createArgument('<dir>', 'the directory of the store')),
  ).addHelpText('after', help);
}

/** The argument that names an image of a store. */
export const nameArgument = () =>
  createArgument('<name>', 'the name of an image in the store, or @ and the digest of its manifest');

/** Says on stderr that another process holds the lock. */
export const waitingForLock: LockOptions = {
  waiting: () => process.stderr.write('waiting for another process that uses the store\n'),
};

/** Writes a result: an object with --json, otherwise lines. */
export async function writeResult(command: Command, result: object, lines: readonly string[]): Promise<void> {
  const { json } = command.opts<{ json?: boolean }>();
  const text = json ? JSON.stringify(result) : lines.join('\n');
  if (text !== '') await write(process.stdout, `${text}\n`);
}

/** A composefs image in one line. */
export function imageLine({ digest, role, format, xattrs }: StoredImage): string {
  return `${role} ${format}${xattrs === 'allowlist-only' ? '' : ` ${xattrs}`} ${digest}`;
}
