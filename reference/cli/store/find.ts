/**
 * `composefs-oci store find`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { type FoundImage, findImages } from '../../store/find.ts';
import { openStore } from '../../store/store.ts';
import { exitCodes } from '../options.ts';
import { FailureReported } from '../rejection.ts';
import { addStoreCommand, waitingForLock, writeResult } from './shared.ts';

const help = `
Which images have this composefs image? The digest is that in the source of a mount (composefs:DIGEST), on the kernel
command line, or of 'fsverity measure'. Several images can have the same tree, so that the answer is a set. It is what the
store noted when they were imported; --verify makes each of them again from its layers.

Examples:
  $ composefs-oci store find /var/lib/images $(findmnt -no SOURCE / | cut -d: -f2)
${exitCodes('there is such an image', 'there is none, or the digest is malformed')}`;

/** Adds the subcommand. */
export function addStoreFind(store: Command): void {
  const command = addStoreCommand(store, 'find', 'Find the images of a composefs image.', help)
    .addArgument(createArgument('<digest>', 'the fs-verity digest of the composefs image, in hexadecimal'))
    .option('--verify', 'make each composefs image again, and leave out those that differ');
  command.action(async (directory: string, digest: string) => {
    const { verify } = command.opts<{ verify?: boolean }>();
    const images = await findImages(openStore(directory), digest, { verify, ...waitingForLock });
    await writeResult(command, { images }, images.map(lineOf));
    if (images.length === 0) throw new FailureReported();
  });
}

function lineOf({
  manifest,
  platform,
  role,
  format,
  algorithm,
  xattrs,
  names,
  verified,
}: FoundImage): string {
  const name = names.length === 0 ? '' : ` (${names.join(', ')})`;
  const text = [manifest, platform, role, format, algorithm, xattrs].join(' ');
  return `${text} ${verified ? 'verified' : 'unverified'}${name}`;
}
