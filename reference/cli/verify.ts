/**
 * `composefs-oci verify`
 * @module
 */

import { type Command, createArgument, Option } from 'commander';
import { type Algorithm, algorithms } from '../fsverity/algorithm.ts';
import type { VerifyOptions } from '../seal/node/verify.ts';
import { addJson, addReadingOfAll, type ReadingFlags } from './options.ts';
import { write } from './output.ts';
import { readSmallFile } from './small-file.ts';
import { type ImageSource, parseImage } from './source.ts';

const help = `
Examples:
  Is what the image says of itself true?
  $ composefs-oci verify oci:./layout:latest

  Is it the image that was signed, or pinned?
  $ composefs-oci verify oci:./layout --cert trusted.pem --require-signature
  $ composefs-oci verify oci:./layout --manifest-digest sha256:0123…

  Would this machine boot it?
  $ composefs-oci verify oci:./layout --role merged.bootable --cmdline /proc/cmdline

It answers 'verified', of all platforms or of the one that --platform names, or refuses with the first reason why not.
Without --manifest-digest and --cert it says that an image is consistent, and nothing about where it comes from.
`;

interface Flags extends ReadingFlags {
  readonly manifestDigest?: string;
  readonly cert?: string;
  readonly requireSignature?: boolean;
  readonly role: 'merged' | 'merged.bootable' | 'layer';
  readonly algorithm?: Algorithm;
  readonly cmdline?: string;
  readonly json?: boolean;
}

/** Adds the command. */
export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .description('Compare every published digest of an image with the image.')
    .addArgument(createArgument('<image>', 'oci:DIR[:TAG]').argParser(parseImage))
    .option('--manifest-digest <digest>', 'the digest of the manifest, or of an index that leads to it')
    .option('--cert <trusted.pem>', 'certificates that signatures are believed by')
    .option('--require-signature', 'refuse an image whose digests are not signed by one of them')
    .addOption(
      new Option('--role <role>', 'what a digest must be published for')
        .choices(['merged', 'merged.bootable', 'layer'])
        .default('merged'),
    )
    .addOption(new Option('--algorithm <algorithm>', 'by which algorithm (default: any)').choices(algorithms))
    .option('--cmdline <file>', 'a kernel command line whose digests must be those of the image');
  addJson(addReadingOfAll(command))
    .addHelpText('after', help)
    .action(async (image: ImageSource) => verify(image, command));
}

async function verify({ directory, reference }: ImageSource, command: Command): Promise<void> {
  const { cert, cmdline, json, ...flags } = command.opts<Flags>();
  if (flags.requireSignature && cert === undefined) {
    command.error('error: --require-signature goes with --cert: a signature is believed by a certificate');
  }
  const { verifyImage } = await import('../seal/node/verify.ts');
  const { readCertificates } = await import('../seal/node/signing.ts');
  const { withProgress } = await import('./progress.ts');
  const options: VerifyOptions = {
    ...flags,
    reference,
    trusted: cert === undefined ? [] : readCertificates(await readSmallFile(cert), { file: cert }),
    commandLine: cmdline === undefined ? undefined : await readSmallFile(cmdline),
  };
  const verdict = await withProgress(progress => verifyImage(directory, { ...options, progress }));
  const lines = verdict.images.flatMap(({ platform, manifest, keys, signed }) => [
    `image ${manifest}${verdict.images.length > 1 ? ` ${platform}` : ''}`,
    ...keys.map(key => `${key}${signed.includes(key) ? ' signed' : ''}`),
  ]);
  const result = { verdict: 'verified', ...verdict };
  await write(process.stdout, json ? `${JSON.stringify(result)}\n` : `verified\n${lines.join('\n')}\n`);
}
