/**
 * `composefs-oci store list`
 * @module
 */

import type { Command } from 'commander';
import { type ListedImage, listImages, type UnreadableImage } from '../../store/images.ts';
import { whileLocked } from '../../store/lock.ts';
import { openStore } from '../../store/store.ts';
import { exitCodes } from '../options.ts';
import { FailureReported, rejectionJson } from '../rejection.ts';
import { addStoreCommand, imageLine, waitingForLock, writeResult } from './shared.ts';

const help = `
For each image: the digest of its manifest, its names, its platform, how many of its layers are kept as they were
published, and its composefs images. An image without a name is removed by 'store gc'.

Examples:
  $ composefs-oci store list /var/lib/images
  $ composefs-oci store list --json /var/lib/images | jq -r '.images[].names[]'
${exitCodes('all images were listed', 'an image is damaged: run store fsck; the others are listed all the same')}`;

/** Adds the subcommand. */
export function addStoreList(store: Command): void {
  const command = addStoreCommand(store, 'list', 'List the images of a store.', help);
  command.action(async (directory: string) => {
    const opened = openStore(directory);
    const images: (ListedImage | UnreadableImage)[] = [];
    const read = async () => {
      for await (const image of listImages(opened)) images.push(image);
    };
    await whileLocked(directory, 'shared', read, waitingForLock);
    const described = images.map(image =>
      'error' in image ? { ...image, error: rejectionJson(image.error) } : image,
    );
    await writeResult(command, { images: described }, images.flatMap(linesOf));
    if (images.some(image => 'error' in image)) throw new FailureReported();
  });
}

function linesOf(image: ListedImage | UnreadableImage): string[] {
  const { manifest, names } = image;
  const lines = [`image ${manifest}`, ...names.map(name => `  name ${name}`)];
  if ('error' in image) return [...lines, `  damaged: ${image.error.message}`];
  const kept = image.layers.filter(layer => layer.kept).length;
  return [
    ...lines,
    `  platform ${image.platform}`,
    `  layers ${image.layers.length}, ${kept} of them kept as published`,
    ...image.images.map(each => `  ${imageLine(each)}`),
  ];
}
