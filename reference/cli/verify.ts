/**
 * `composefs-oci verify`
 * @module
 */

import { type Command, createArgument, InvalidArgumentError, Option } from 'commander';
import { type Algorithm, algorithms } from '../fsverity/algorithm.ts';
import { isOciDigest } from '../oci/digest.ts';
import type { VerifyOptions } from '../seal/node/verify.ts';
import { addJson, addReadingOfAll, exitCodes, imageHelp, type ReadingFlags } from './options.ts';
import { write } from './output.ts';
import { readSmallFile } from './small-file.ts';
import { type ImageSource, layoutFiles, parseImage } from './source.ts';

const help = `
Computes every digest that the image publishes, in its manifest, in artifacts and under older names, and compares it.
Prints 'verified' if every platform is (or the one given by --platform), or the first reason for rejecting the image.
After 'verified' come the manifest and the keys whose digests were compared, with 'signed' if the signature is by a
certificate of --cert. An image without such a signature is verified, too, unless --require-signature is given; a line
then says that no signature was checked (in JSON, "signatureChecked": false).

Without --manifest-digest, --cert and --cmdline this proves that the image is consistent, but not where it comes from.
An image that the index lists for a platform that contradicts its config is rejected, unless --manifest-digest is the
digest of that index: signatures do not cover an index.

Examples:
  Check what an image publishes about itself:
  $ composefs-oci verify oci:./layout:latest

  Check that an image is the one that was signed, or pinned:
  $ composefs-oci verify oci:./layout --cert trusted.pem --require-signature
  $ composefs-oci verify oci:./layout --manifest-digest sha256:0123…

  Check that an image is the one that this machine was booted with:
  $ composefs-oci verify oci:./layout --role merged.bootable --cmdline /proc/cmdline
${exitCodes('the image is verified')}`;

const unchecked =
  'no signature was checked: the image has none by a certificate of --cert (--require-signature rejects such an image)';

interface VerifyFlags extends ReadingFlags {
  readonly manifestDigest?: string;
  readonly cert?: string;
  readonly requireSignature?: boolean;
  readonly requireManifestSignature?: boolean;
  readonly role: 'merged' | 'merged.bootable' | 'layer';
  readonly algorithm?: Algorithm;
  readonly cmdline?: string;
  readonly json?: boolean;
}

/** Adds the command. */
export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .description('Verify every published digest of an image, and its signatures.')
    .addArgument(createArgument('<image>', imageHelp).argParser(parseImage))
    .addOption(
      new Option(
        '--manifest-digest <digest>',
        'only the image with this digest of its manifest, or of an index that leads to it (default: any)',
      ).argParser(parseDigest),
    )
    .option('--cert <trusted.pem>', 'trusted certificates for signature checks (PEM)')
    .option(
      '--require-signature',
      'reject the image unless digests of the role and of the config are signed by a trusted certificate',
    )
    .option(
      '--require-manifest-signature',
      'as --require-signature, and also unless an artifact with the digest of the manifest is signed by one',
    )
    .addOption(
      new Option('--role <role>', 'the role for which a digest must be published')
        .choices(['merged', 'merged.bootable', 'layer'])
        .default('merged'),
    )
    .addOption(
      new Option('--algorithm <algorithm>', 'the algorithm of that digest (default: any)').choices(
        algorithms,
      ),
    )
    .option(
      '--cmdline <file>',
      'a kernel command line whose digests must be those of the image; needs --platform if there are several',
    );
  addJson(addReadingOfAll(command))
    .addHelpText('after', help)
    .action(async (image: ImageSource) => verify(image, command));
}

/** Parses an OCI digest, for commander. */
function parseDigest(text: string): string {
  if (!isOciDigest(text)) {
    throw new InvalidArgumentError('Write it as sha256: with 64 or sha512: with 128 lower-case hex digits.');
  }
  return text;
}

async function verify(image: ImageSource, command: Command): Promise<void> {
  const { cert, cmdline, json, requireManifestSignature, ...flags } = command.opts<VerifyFlags>();
  if ((flags.requireSignature || requireManifestSignature) && cert === undefined) {
    const option = requireManifestSignature ? '--require-manifest-signature' : '--require-signature';
    command.error(`error: ${option} needs --cert, the certificates to trust`);
  }
  if (flags.manifestDigest !== undefined && image.selection.manifestDigest !== undefined) {
    command.error('error: give the digest once: with --manifest-digest, or as oci:DIR@DIGEST');
  }
  const { verifyImage } = await import('../seal/node/verify.ts');
  const { readCertificates } = await import('../seal/node/signing.ts');
  const { withProgress } = await import('./progress.ts');
  const options: VerifyOptions = {
    ...flags,
    ...image.selection,
    requireSignature: requireManifestSignature ? 'manifest' : flags.requireSignature,
    trusted: cert === undefined ? [] : readCertificates(await readSmallFile(cert), { file: cert }),
    commandLine: cmdline === undefined ? undefined : await readSmallFile(cmdline),
  };
  const files = await layoutFiles(image);
  const verdict = await withProgress(progress => verifyImage(files, { ...options, progress }));
  const lines = verdict.images.flatMap(({ platform, manifest, keys, signed, signatureChecked }) => [
    `image ${manifest}${verdict.images.length > 1 ? ` ${platform}` : ''}`,
    ...(cert === undefined || signatureChecked ? [] : [unchecked]),
    ...keys.map(key => `${key}${signed.includes(key) ? ' signed' : ''}`),
  ]);
  const result = { verdict: 'verified', ...verdict };
  await write(process.stdout, json ? `${JSON.stringify(result)}\n` : `verified\n${lines.join('\n')}\n`);
}
