/**
 * What the commands that measure the suite and the reference have in common on the command line.
 * @module
 */

import { Command, CommanderError } from 'commander';

/** The exit code of a wrong command line. */
export const USAGE = 2;

/** A command without arguments; `help` follows its options. */
export function evidenceCommand(name: string, description: string, help: string): Command {
  return new Command(name)
    .description(description)
    .addHelpText('after', help)
    .showHelpAfterError('(--help explains the options)')
    .allowExcessArguments(false)
    .exitOverride();
}

/** Runs a command, and sets the exit code. Prints an error that has one by `exitCodeOf`; any other is a bug. */
export async function runCommand(
  program: Command,
  exitCodeOf: (error: unknown) => number | undefined = () => undefined,
): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : USAGE;
      return;
    }
    const code = exitCodeOf(error);
    if (code === undefined) throw error;
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = code;
  }
}
