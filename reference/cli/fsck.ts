/**
 * `composefs-oci fsck`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { hex, shortened } from '../bytes.ts';
import { type Check, checkErofs } from '../erofs/check.ts';
import { offsetText } from '../erofs/inspect/field-descriptions.ts';
import type { ComposefsError } from '../errors.ts';
import { fsverityDigest } from '../fsverity/digest.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { isRejection } from './failure.ts';
import { readImageFile } from './image-file.ts';
import { addJson, exitCodes } from './options.ts';
import { write } from './output.ts';
import { FailureReported, rejectionJson } from './rejection.ts';

const help = `
Reads each image, writes its tree again in the same format, and compares the two byte for byte. For each image it
prints one of these verdicts, and the digests of the image:

  canonical      the image is exactly what every writer of the standard makes of the tree in it
  not canonical  the tree can be read, but a writer makes different bytes: the first difference is printed, with the
                 names that 'composefs-oci inspect' uses
  rejected       the image does not hold a tree of the standard: stage, location and error code say why

A canonical image is not necessarily the right one: fsck does not know who made it, from which layers, or whether the
store has its objects. To know that, compare its digest with one that you trust.

Attributes replaced by whiteout markers are not stored in the image, so fsck cannot detect their loss:
trusted.overlay.whiteout and user.overlay.whiteout of a whiteout, and trusted.overlay.opaque,
trusted.overlay.whiteouts, user.overlay.opaque and user.overlay.whiteouts of its directory (EROFS-078).
The same is true of nanoseconds in format v2 (EROFS-096).

Examples:
  Check an image:
  $ composefs-oci fsck image.erofs

  Check many:
  $ composefs-oci fsck *.erofs && echo all of them are canonical

  Get the digest of an image in a script:
  $ composefs-oci fsck --json image.erofs | jq -r '.images[0].digests."fsverity-sha512-12"'

With --json, the verdict of each image is "canonical", "not canonical" or "rejected".
${exitCodes('every image is canonical', 'an image is not canonical, or was rejected; the others are checked all the same')}`;

/** The algorithms of the digests that are printed: those by which images are mounted and signed. */
const algorithms = ['fsverity-sha256-12', 'fsverity-sha512-12'] as const;

/** The result of checking one image. */
type ImageResult = {
  readonly file: string;
  /** Undefined if the file cannot be read. */
  readonly image: Uint8Array | undefined;
} & ({ readonly check: Check } | { readonly rejection: ComposefsError });

/** Adds the command. */
export function addFsck(program: Command): void {
  const command = program
    .command('fsck')
    .description('Check that EROFS images are exactly what the standard makes of the trees in them.')
    .addArgument(createArgument('<image...>', 'one or more EROFS images, or - for stdin'));
  addJson(command)
    .addHelpText('after', help)
    .action(async (files: readonly string[]) => {
      const { json } = command.opts<{ json?: boolean }>();
      let allCanonical = true;
      const objects: object[] = [];
      for (const file of files) {
        const result = await check(file);
        if (!('check' in result) || result.check.divergence !== undefined) allCanonical = false;
        if (json) objects.push(describe(result));
        else await write(process.stdout, text(result));
      }
      if (json) await write(process.stdout, `${JSON.stringify({ images: objects })}\n`);
      if (!allCanonical) throw new FailureReported();
    });
}

async function check(file: string): Promise<ImageResult> {
  let image: Uint8Array | undefined;
  try {
    image = await readImageFile(file);
    return { file, image, check: checkErofs(image) };
  } catch (error) {
    if (isRejection(error)) return { file, image, rejection: error };
    throw error;
  }
}

function digestsOf(image: Uint8Array): [name: string, digest: string][] {
  return algorithms.map(name => [name, hex(fsverityDigest(image, name, nodeSha2))]);
}

function text(result: ImageResult): string {
  const { file, image } = result;
  const lines = [`${file}: ${verdictText(result)}`];
  if (image !== undefined) lines.push(...digestsOf(image).map(([name, digest]) => `  ${name}  ${digest}`));
  return `${lines.join('\n')}\n`;
}

function verdictText(result: ImageResult): string {
  if (!('check' in result)) return `rejected: ${result.rejection.message}`;
  const { format, inodes, divergence } = result.check;
  if (divergence === undefined) return `canonical: format ${format}, ${inodes} inodes`;
  const { at, where, field, found, expected } = divergence;
  return `not canonical: @${offsetText(at)} ${shortened(where)}, ${field}: found ${found}, expected ${expected}`;
}

function describe(result: ImageResult): object {
  const { file, image } = result;
  const about = {
    file,
    size: image?.length,
    digests: image === undefined ? undefined : Object.fromEntries(digestsOf(image)),
  };
  if (!('check' in result)) {
    return { ...about, verdict: 'rejected', error: rejectionJson(result.rejection.at({ file })) };
  }
  const { format, inodes, divergence } = result.check;
  const verdict = divergence === undefined ? 'canonical' : 'not canonical';
  if (divergence === undefined) return { ...about, verdict, format, inodes: Number(inodes) };
  const { at, where, field, found, expected } = divergence;
  return {
    ...about,
    verdict,
    format,
    inodes: Number(inodes),
    difference: { at, where, field, found, expected },
  };
}
