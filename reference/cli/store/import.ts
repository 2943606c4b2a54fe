/**
 * `composefs-oci store import`
 * @module
 */

import { type Command, createArgument, Option } from 'commander';
import { importImage } from '../../store/import.ts';
import { openStore } from '../../store/store.ts';
import { type XattrPolicy, xattrPolicies } from '../../tree/options.ts';
import { addReading, exitCodes, expansionLimits, imageHelp } from '../options.ts';
import { withProgress } from '../progress.ts';
import { type ImageSource, layoutFiles, parseImage } from '../source.ts';
import { addStoreCommand, imageLine, waitingForLock, writeResult } from './shared.ts';

const help = `
The whole image is checked before anything gets a name: the digests of all blobs, and the diff_id of each layer. Then
the store has its manifest and config as published, each layer as an archive, and its composefs image. An import that
is interrupted leaves nothing but temporary files, which 'store gc' removes.

An image that was compressed can be exported under its manifest digest only if the store also keeps the compressed
blobs, which takes about a third more space: --keep-blobs.

Examples:
  $ composefs-oci store import /var/lib/images oci:./layout:latest
  $ composefs-oci store import /var/lib/images oci:./layout:latest --name registry.example/os:42 --bootable --keep-blobs
${exitCodes('the image is in the store', 'the image was rejected, and the store is as it was: one line on stderr says why')}`;

/** Adds the subcommand. */
export function addStoreImport(store: Command): void {
  const command = addReading(
    addStoreCommand(store, 'import', 'Import an image of an OCI image layout.', help)
      .addArgument(createArgument('<image>', imageHelp).argParser(parseImage))
      .option('--name <name>', 'the name in the store (default: the tag in the layout)')
      .option('--bootable', 'also make the composefs image for a machine to boot')
      .option('--keep-blobs', 'keep compressed layers as they were published, for an export')
      .addOption(
        new Option(
          '--xattrs <policy>',
          'extended attributes to keep: only security.capability, or also user.*',
        )
          .choices(xattrPolicies)
          .default('allowlist-only'),
      ),
  );
  command.action(async (directory: string, image: ImageSource) => {
    const flags = command.opts<ImportFlags>();
    const opened = openStore(directory);
    const layout = await layoutFiles(image);
    const result = await withProgress(progress =>
      importImage(opened, layout, {
        ...image.selection,
        ...flags,
        ...expansionLimits(command),
        ...waitingForLock,
        progress,
      }),
    );
    await writeResult(command, result, [
      `name ${result.name}`,
      `manifest ${result.manifest}`,
      ...result.images.map(imageLine),
      `objects ${result.added} new (${result.addedBytes} bytes), ${result.present} already there`,
    ]);
  });
}

interface ImportFlags {
  readonly name?: string;
  readonly platform?: string;
  readonly bootable?: boolean;
  readonly keepBlobs?: boolean;
  readonly xattrs: XattrPolicy;
}
