/**
 * `composefs-oci lint`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { shortened } from '../bytes.ts';
import type { LintWarning } from '../lint/warnings.ts';
import { addJson, addReadingOfAll, exitCodes, imageHelp, type ReadingFlags } from './options.ts';
import { write } from './output.ts';
import { type ImageSource, layoutFiles, parseImage } from './source.ts';

const help = `
For producers of images: prints one line for each kind of input for which some tool computes a different digest, or
rejects the image. A line has a code, the input and what other tools do with it, and where it first occurs.
An image with warnings is valid and has a digest: warnings do not change the exit code.

Examples:
  Check an image before it is published:
  $ composefs-oci lint oci:./layout:latest

  Fail in a script if there are any warnings:
  $ composefs-oci lint --json oci:./layout | jq -e '.warnings == []'
${exitCodes('the image was checked, with or without warnings', 'the image was rejected, and has no digest: one line on stderr says why')}`;

/** Adds the command. */
export function addLint(program: Command): void {
  const command = program
    .command('lint')
    .description('Warn about everything in an image for which tools compute different digests.')
    .addArgument(createArgument('<image>', imageHelp).argParser(parseImage));
  addJson(addReadingOfAll(command))
    .addHelpText('after', help)
    .action(async (image: ImageSource) => {
      const { json, ...flags } = command.opts<ReadingFlags & { json?: boolean }>();
      const { lintImage } = await import('../lint/lint.ts');
      const { withProgress } = await import('./progress.ts');
      const files = await layoutFiles(image);
      const found = await withProgress(progress =>
        lintImage(files, { ...flags, ...image.selection, progress }),
      );
      const text = found.length === 0 ? 'no warnings\n' : found.map(line).join('');
      await write(process.stdout, json ? `${JSON.stringify({ warnings: found })}\n` : text);
    });
}

function line({ code, message, platform, layer, entry, count }: LintWarning): string {
  const more = count > 1 ? ` and ${count - 1} more` : '';
  const where = [platform, layer === undefined ? undefined : `layer ${layer}`, entry]
    .filter(part => part !== undefined)
    .map(part => shortened(part))
    .join(', ');
  return `warning: ${code}: ${message}${where === '' ? more : ` (${where}${more})`}\n`;
}
