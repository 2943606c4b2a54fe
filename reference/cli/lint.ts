/**
 * `composefs-oci lint`
 * @module
 */

import { type Command, createArgument } from 'commander';
import type { LintWarning } from '../lint/warnings.ts';
import { addJson, addReadingOfAll, type ReadingFlags } from './options.ts';
import { write } from './output.ts';
import { type ImageSource, parseImage } from './source.ts';

const help = `
Examples:
  $ composefs-oci lint oci:./layout:latest
  $ composefs-oci lint --json oci:./layout | jq -r '.warnings[].code'

A warning is no refusal: the image has a digest, and some tool in use computes another one, or none.
`;

/** Adds the command. */
export function addLint(program: Command): void {
  const command = program
    .command('lint')
    .description('Warn of everything in an image that makes digests differ between tools.')
    .addArgument(createArgument('<image>', 'oci:DIR[:TAG]').argParser(parseImage));
  addJson(addReadingOfAll(command))
    .addHelpText('after', help)
    .action(async ({ directory, reference }: ImageSource) => {
      const { json, ...flags } = command.opts<ReadingFlags & { json?: boolean }>();
      const { lintImage } = await import('../lint/lint.ts');
      const { withProgress } = await import('./progress.ts');
      const found = await withProgress(progress => lintImage(directory, { ...flags, reference, progress }));
      const text = found.length === 0 ? 'no warnings\n' : found.map(line).join('');
      await write(process.stdout, json ? `${JSON.stringify({ warnings: found })}\n` : text);
    });
}

function line({ code, message, platform, layer, entry, count }: LintWarning): string {
  const more = count > 1 ? ` and ${count - 1} more` : '';
  const where = [platform, layer === undefined ? undefined : `layer ${layer}`, entry]
    .filter(part => part !== undefined)
    .join(', ');
  return `warning: ${code}: ${message}${where === '' ? more : ` (${where}${more})`}\n`;
}
