/**
 * `composefs-oci store export`
 * @module
 */

import { type Command, createOption, InvalidArgumentError } from 'commander';
import { shortened } from '../../bytes.ts';
import { ComposefsError } from '../../errors.ts';
import { replaceFile } from '../../files/replace.ts';
import { asFileError } from '../../oci/file.ts';
import { exportImage, exportLayer } from '../../store/export.ts';
import { openStore } from '../../store/store.ts';
import { exitCodes } from '../options.ts';
import { isStdout, write } from '../output.ts';
import { type ImageSource, parseOutput } from '../source.ts';
import { addStoreCommand, nameArgument, waitingForLock, writeResult } from './shared.ts';

const help = `
The image is written as a new OCI image layout, with the manifest, config and layers exactly as they were published,
and can be pushed from there. The store must keep the blobs of its layers: layers that were not compressed, or an import
with --keep-blobs. 'store list' says which layers are kept.

With --layer, the archive of one layer is written, which always has its diff_id.

Examples:
  $ composefs-oci store export /var/lib/images app:1 --output oci:./layout:1
  $ skopeo copy oci:./layout:1 docker://registry.example/app:1

  The archive of the base layer:
  $ composefs-oci store export /var/lib/images app:1 --layer 0 --output layer.tar
${exitCodes('the image or the layer was written', 'nothing was written: one line on stderr says why')}`;

interface ExportFlags {
  readonly output: string;
  readonly layer?: number;
}

/** Adds the subcommand. */
export function addStoreExport(store: Command): void {
  const command = addStoreCommand(store, 'export', 'Export an image as it was published, or a layer.', help)
    .addArgument(nameArgument())
    .addOption(
      createOption(
        '--output <output>',
        'oci:DIR[:TAG] for an image, or a file for a layer',
      ).makeOptionMandatory(),
    )
    .addOption(
      createOption('--layer <n>', 'only the archive of this layer, counted from 0, the base layer').argParser(
        layerNumber,
      ),
    );
  command.action(async (directory: string, name: string) => {
    const { output, layer } = command.opts<ExportFlags>();
    const opened = openStore(directory);
    if (layer === undefined) {
      const { path, selection } = layoutOf(output, command);
      const options = { tag: selection.reference, ...waitingForLock };
      const result = await exportImage(opened, name, path, options);
      await writeResult(command, result, [`manifest ${result.manifest}`]);
      return;
    }
    const { diffId, content } = await exportLayer(opened, name, layer);
    if (isStdout(output)) {
      for await (const chunk of content) await write(process.stdout, chunk);
      return;
    }
    await replaceFile(output, content).catch(error => {
      throw error instanceof ComposefsError ? error : asFileError(error, { file: output });
    });
    await writeResult(command, { diffId, output }, [`diff_id ${diffId}`]);
  });
}

function layerNumber(text: string): number {
  if (!/^[0-9]{1,4}$/.test(text)) throw new InvalidArgumentError('Use a number from 0.');
  return Number(text);
}

/** Parses `--output` without `--layer`, when an error is no longer reported by commander. */
function layoutOf(output: string, command: Command): ImageSource {
  try {
    return parseOutput(output);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return command.error(`error: --output ${shortened(output)}: ${error.message}`, { exitCode: 2 });
  }
}
