/**
 * `composefs-oci completion`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { bashCompletion } from './help/bash-completion.ts';
import { commandEntry } from './help/command-table.ts';
import { fishCompletion } from './help/fish-completion.ts';
import { zshCompletion } from './help/zsh-completion.ts';
import { write } from './output.ts';

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
type Shell = keyof typeof scripts;

const help = `
The script completes commands, options, their values, images and files. It does not run composefs-oci.

Examples:
  For bash:
  $ mkdir -p ~/.local/share/bash-completion/completions
  $ composefs-oci completion bash > ~/.local/share/bash-completion/completions/composefs-oci

  For bash without the package bash-completion, in ~/.bashrc:
  $ source <(composefs-oci completion bash)

  For zsh, in ~/.zshrc after compinit:
  $ source <(composefs-oci completion zsh)

  For fish:
  $ composefs-oci completion fish > ~/.config/fish/completions/composefs-oci.fish
`;

/** Adds the command. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('Print a script that completes command lines in a shell.')
    .addArgument(createArgument('<shell>', 'the shell').choices(Object.keys(scripts)))
    .addHelpText('after', help)
    .action(async (shell: Shell) => write(process.stdout, scripts[shell](commandEntry(program))));
}
