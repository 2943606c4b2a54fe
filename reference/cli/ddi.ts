/**
 * `composefs-oci ddi`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { hex } from '../bytes.ts';
import { withDiskFile } from '../ddi/node/disk-file.ts';
import { isSignedDdi, rootHashSigner } from '../ddi/node/signature.ts';
import { type DiskBytes, readDdi } from '../ddi/read.ts';
import { writeDdi } from '../ddi/write.ts';
import { ComposefsError } from '../errors.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { readCertificates } from '../seal/node/signing.ts';
import { readImageFile } from './image-file.ts';
import { addJson, exitCodes } from './options.ts';
import { isStdout, write, writeFile } from './output.ts';
import { progressText, withProgressLine } from './progress.ts';
import { readSignerFiles } from './signer.ts';
import { readSmallFile } from './small-file.ts';

const help = `
A disk image (DDI) has a partition table, the EROFS image, its dm-verity hash tree and, with --sign, a signature of the
root hash. The kernel then verifies every block of the EROFS image, on any file system, or on a disk of its own:

  $ losetup --find --show --partscan image.raw
  $ veritysetup open /dev/loop0p1 image /dev/loop0p2 ROOTHASH
  $ mount -t erofs /dev/mapper/image /mnt

A disk image holds no content of larger files: a machine also needs the object store, and overlayfs with
verity=require. The types of the partitions are not those of root file systems, so that no machine boots from it alone.

The same EROFS image always gives the same disk image, byte for byte; a signed one, too, if the key is an RSA key.
With --verify, every byte of the disk image is compared with what this command writes; the last lines are the root hash
and whether it is signed by a certificate of --cert. A root hash that you trust, or --require-signature, proves where
the image comes from; without them, it is only consistent.

Examples:
  Write the disk image of an EROFS image, and print its root hash:
  $ composefs-oci mkfs oci:./layout:latest --output image.erofs
  $ composefs-oci ddi image.erofs --output image.raw

  Sign it with a key that the keyring of the kernel, or /etc/verity.d, knows:
  $ composefs-oci ddi image.erofs --output image.raw --sign key.pem --cert cert.pem

  Verify a disk image and its signature, and get the EROFS image back:
  $ composefs-oci ddi --verify image.raw --cert cert.pem --require-signature --output image.erofs
${exitCodes(
  'the disk image was written, and its root hash printed; with --verify, the disk image is verified',
  'the image was rejected, and nothing was written: one line on stderr says why',
)}`;

interface DdiFlags {
  readonly verify?: boolean;
  readonly output?: string;
  readonly sign?: string;
  readonly cert?: string;
  readonly requireSignature?: boolean;
  readonly json?: boolean;
}

/** Adds the command. */
export function addDdi(program: Command): void {
  const command = program
    .command('ddi')
    .description('Write or verify a disk image for dm-verity that holds an EROFS image.')
    .addArgument(createArgument('<image>', 'an EROFS image, or - for stdin; with --verify, a disk image'))
    .option('--output <file>', 'write the disk image to this file; with --verify, the EROFS image in it')
    .option('--verify', 'verify a disk image instead of writing one')
    .option('--sign <key.pem>', 'sign the root hash with this private key (PEM); needs --cert')
    .option(
      '--cert <cert.pem>',
      'the certificate of the private key; with --verify, the certificates to trust (PEM)',
    )
    .option('--require-signature', 'with --verify: reject a disk image that no certificate of --cert signed');
  addJson(command)
    .addHelpText('after', help)
    .action(async (file: string) => {
      const flags = command.opts<DdiFlags>();
      const problem = problemOf(flags);
      if (problem !== undefined) command.error(`error: ${problem}`);
      await (flags.verify ? verify(file, flags) : create(file, flags));
    });
}

/** What is wrong with the combination of options. */
function problemOf({ verify, output, sign, cert, requireSignature, json }: DdiFlags): string | undefined {
  if (json && output !== undefined && isStdout(output)) {
    return '--json needs --output FILE, because stdout carries either the image or the JSON object';
  }
  if (verify) {
    if (sign !== undefined) return '--sign is for writing a disk image; --verify needs only --cert';
    if (requireSignature && cert === undefined) {
      return '--require-signature needs --cert, the certificates to trust';
    }
    return undefined;
  }
  if (output === undefined) return 'give --output FILE for the disk image, or --verify to verify one';
  if (requireSignature) return '--require-signature needs --verify';
  if ((sign === undefined) !== (cert === undefined)) {
    return '--sign and --cert must be given together: a private key and its certificate';
  }
  return undefined;
}

async function create(file: string, { output = '-', sign, cert, json }: DdiFlags): Promise<void> {
  const signer = await readSignerFiles(sign, cert);
  const result = await withProgressLine('reading the image', async show => {
    const image = await readImageFile(file).catch(error => {
      throw located(error, file);
    });
    const { rootHash, size, chunks } = written(image, { file, sign: signer && rootHashSigner(signer) });
    await writeFile(
      output,
      counted(chunks, bytes => show?.(`writing ${progressText(bytes, size)}`)),
    );
    return { rootHash: hex(rootHash), signed: signer !== undefined, output, size };
  });
  if (isStdout(output)) return;
  await write(process.stdout, `${json ? JSON.stringify(result) : result.rootHash}\n`);
}

function written(
  image: Uint8Array,
  { file, sign }: { readonly file: string; readonly sign: ReturnType<typeof rootHashSigner> | undefined },
) {
  try {
    return writeDdi(image, { sha2: nodeSha2, sign });
  } catch (error) {
    throw located(error, file);
  }
}

async function verify(file: string, { output, cert, requireSignature, json }: DdiFlags): Promise<void> {
  const trusted = cert === undefined ? [] : readCertificates(await readSmallFile(cert), { file: cert });
  const found = await withProgressLine('reading the image', show =>
    withDiskFile(file, async disk => {
      const read = await readDdi(
        observed(disk, text => show?.(text)),
        nodeSha2,
      );
      return { ...read, size: disk.size, signed: isSignedDdi(read, { trusted, requireSignature }) };
    }),
  );
  if (output !== undefined) await writeFile(output, [found.image]);
  if (output !== undefined && isStdout(output)) return;
  const { size, signed } = found;
  const rootHash = hex(found.rootHash);
  const result = { verdict: 'verified', rootHash, signed, size, imageSize: found.image.length, output };
  const lines = ['verified', `root hash ${rootHash}`];
  if (found.signature === undefined) lines.push('not signed');
  else lines.push(signatureText(signed, cert !== undefined));
  await write(process.stdout, json ? `${JSON.stringify(result)}\n` : `${lines.join('\n')}\n`);
}

function signatureText(signed: boolean, hasCertificates: boolean): string {
  if (signed) return 'signed by a certificate of --cert';
  return hasCertificates
    ? 'the signature was not checked: it is by another certificate (--require-signature rejects such an image)'
    : 'the signature was not checked: give the certificates to trust with --cert';
}

/** `disk`, with a text about each read. */
function observed(disk: DiskBytes, show: (text: string) => void): DiskBytes {
  return {
    size: disk.size,
    read: (at, length) => {
      show(`verifying ${progressText(at, disk.size)}`);
      return disk.read(at, length);
    },
  };
}

/** Passes on `chunks`, and reports the number of bytes so far. */
function* counted(chunks: Iterable<Uint8Array>, report: (bytes: number) => void): Generator<Uint8Array> {
  let bytes = 0;
  for (const chunk of chunks) {
    yield chunk;
    bytes += chunk.length;
    report(bytes);
  }
}

function located(error: unknown, file: string): unknown {
  return error instanceof ComposefsError ? error.at({ file }) : error;
}
