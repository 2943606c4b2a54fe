/**
 * `composefs-oci fsck`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { hex } from '../bytes.ts';
import { type Check, checkErofs } from '../erofs/check.ts';
import { offsetText } from '../erofs/inspect/layouts.ts';
import { ComposefsError } from '../errors.ts';
import { fsverityDigest } from '../fsverity/digest.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { addJson } from './options.ts';
import { write } from './output.ts';
import { FailureReported, rejectionJson } from './rejection.ts';
import { readWhole } from './source.ts';

const help = `
Reads each image, writes its tree again in the same format, and compares byte for byte.

  canonical      the image is exactly what every writer of the standard makes of the tree in it
  not canonical  the tree can be read, but a writer makes other bytes: the first one is named as 'inspect' names it
  refused        no tree of the standard is in the image: stage, location and code say why

It says nothing about the tree itself: not who made it, not whether objects are there, not which layers it is of.
To know that an image is the right one, compare its digest with one that you trust.
What whiteouts replaced is in no image, and so it can't be missed: attributes trusted.overlay.whiteout and
user.overlay.whiteout of a whiteout, and trusted.overlay.opaque, trusted.overlay.whiteouts, user.overlay.opaque and
user.overlay.whiteouts of its directory (EROFS-078). Format v2 has no nanoseconds either (EROFS-096).

Examples:
  $ composefs-oci fsck image.erofs
  $ composefs-oci fsck *.erofs && echo all of them are canonical
  $ composefs-oci fsck --json image.erofs | jq -r '.images[0].digests."fsverity-sha512-12"'

Exit codes:
  0  every image is canonical
  1  some image is not, or is refused
  2  the command line was wrong
`;

/** Those that images are mounted and signed by. */
const algorithms = ['fsverity-sha256-12', 'fsverity-sha512-12'] as const;

/** What became of one image. */
type Result = {
  readonly file: string;
  /** Undefined where the file can't be read. */
  readonly image: Uint8Array | undefined;
} & ({ readonly check: Check } | { readonly refusal: ComposefsError });

/** Adds the command. */
export function addFsck(program: Command): void {
  const command = program
    .command('fsck')
    .description('Tell whether EROFS images are exactly what the standard makes of the trees in them.')
    .addArgument(createArgument('<image...>', 'EROFS images, - for stdin'));
  addJson(command)
    .addHelpText('after', help)
    .action(async (files: readonly string[]) => {
      const { json } = command.opts<{ json?: boolean }>();
      let well = true;
      const objects: object[] = [];
      for (const file of files) {
        const result = await check(file);
        if (!('check' in result) || result.check.divergence !== undefined) well = false;
        if (json) objects.push(describe(result));
        else await write(process.stdout, text(result));
      }
      if (json) await write(process.stdout, `${JSON.stringify({ images: objects })}\n`);
      if (!well) throw new FailureReported();
    });
}

async function check(file: string): Promise<Result> {
  let image: Uint8Array | undefined;
  try {
    image = await readWhole(file);
    return { file, image, check: checkErofs(image) };
  } catch (error) {
    if (error instanceof ComposefsError) return { file, image, refusal: error };
    throw error;
  }
}

function digestsOf(image: Uint8Array): [name: string, digest: string][] {
  return algorithms.map(name => [name, hex(fsverityDigest(image, name, nodeSha2))]);
}

function text(result: Result): string {
  const { file, image } = result;
  const lines = [`${file}: ${verdictText(result)}`];
  if (image !== undefined) lines.push(...digestsOf(image).map(([name, digest]) => `  ${name}  ${digest}`));
  return `${lines.join('\n')}\n`;
}

function verdictText(result: Result): string {
  if (!('check' in result)) return `refused: ${result.refusal.message}`;
  const { format, inodes, divergence } = result.check;
  if (divergence === undefined) return `canonical: format ${format}, ${inodes} inodes`;
  const { at, where, field, found, expected } = divergence;
  return `not canonical: @${offsetText(at)} ${where}, ${field}: found ${found}, expected ${expected}`;
}

function describe(result: Result): object {
  const { file, image } = result;
  const about = {
    file,
    size: image?.length,
    digests: image === undefined ? undefined : Object.fromEntries(digestsOf(image)),
  };
  if (!('check' in result)) {
    return { ...about, verdict: 'refused', error: rejectionJson(result.refusal.at({ file })) };
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
