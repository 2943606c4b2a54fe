/**
 * `composefs-oci seal`
 * @module
 */

import { type Command, createArgument, Option } from 'commander';
import { type Algorithm, algorithms } from '../fsverity/algorithm.ts';
import type { ExtraRole } from '../seal/keys.ts';
import type { SealedArtifact, SealedInline } from '../seal/node/seal.ts';
import type { Signer } from '../seal/node/signing.ts';
import { addJson, addReading, type ReadingFlags } from './options.ts';
import { write } from './output.ts';
import { readSmall } from './small-file.ts';
import { type ImageSource, parseImage } from './source.ts';

const help = `
Examples:
  Put the digests into the manifest, in a copy of the layout:
  $ composefs-oci seal oci:./layout:latest --mode inline --output oci:./sealed:latest

  Leave the image as it is, and put a signed artifact beside it:
  $ composefs-oci seal oci:./layout:latest --mode artifact --sign key.pem --cert cert.pem --output oci:./layout

  Both algorithms, and the digest that a machine boots with:
  $ composefs-oci seal oci:./layout --mode inline --algorithm fsverity-sha256-12 fsverity-sha512-12 \\
      --role merged.bootable --output oci:./sealed

Inline sealing changes the digest of the manifest: sign the image, and pin its digest, after. Sealing what is sealed
already changes nothing. Whatever else the image holds stays byte for byte.
`;

/** What the command line says. */
interface Flags extends ReadingFlags {
  readonly mode: 'inline' | 'artifact';
  readonly algorithm: readonly Algorithm[];
  readonly role: readonly (ExtraRole | 'merged')[];
  readonly sign?: string;
  readonly cert?: string;
  readonly replace?: boolean;
  readonly convert?: boolean;
  readonly output: ImageSource;
  readonly json?: boolean;
}

/** Adds the command. */
export function addSeal(program: Command): void {
  const command = program
    .command('seal')
    .description('Publish the digests of an image: in its manifest, or in an artifact beside it.')
    .addArgument(createArgument('<image>', 'oci:DIR[:TAG]').argParser(parseImage))
    .addOption(
      new Option('--mode <mode>', 'in the manifest, which changes its digest, or beside it')
        .choices(['inline', 'artifact'])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--algorithm <algorithm...>', 'fs-verity digests')
        .choices(algorithms)
        .default(['fsverity-sha512-12']),
    )
    .addOption(
      new Option('--role <role...>', 'digests besides the one of role merged')
        .choices(['merged', 'merged.bootable', 'layer'])
        .default([]),
    )
    .option('--sign <key.pem>', 'sign every digest with this private key')
    .option('--cert <cert.pem>', 'the certificate of that key')
    .option('--replace', 'inline: remove what is published already, instead of refusing what is wrong of it')
    .option('--convert', 'inline: make an OCI manifest of a Docker manifest')
    .addOption(
      new Option('--output <oci:DIR[:TAG]>', 'the same layout, or a new one, which becomes a copy of it')
        .argParser(parseImage)
        .makeOptionMandatory(),
    );
  addJson(addReading(command))
    .addHelpText('after', help)
    .action(async (image: ImageSource) => seal(image, command));
}

async function seal({ directory, reference }: ImageSource, command: Command): Promise<void> {
  const flags = command.opts<Flags>();
  const { mode, output, sign, cert } = flags;
  if ((sign === undefined) !== (cert === undefined)) command.error('error: --sign and --cert go together');
  if (mode === 'artifact' && (flags.replace || flags.convert)) {
    command.error(
      'error: --replace and --convert go with --mode inline: an artifact leaves the image as it is',
    );
  }
  if (mode === 'artifact' && output.reference !== undefined && output.reference !== reference) {
    command.error('error: another tag goes with --mode inline: an artifact belongs to the image as it is');
  }
  const { sealArtifact, sealInline } = await import('../seal/node/seal.ts');
  const { writeLayout } = await import('./write-layout.ts');
  const { withProgress } = await import('./progress.ts');
  const signer = await readSigner(sign, cert);
  const { platform, maxExpansion, maxSize, replace, convert } = flags;
  const roles = [...new Set(flags.role)].filter(role => role !== 'merged');
  const steps: (SealedInline | SealedArtifact)[] = [];
  // One algorithm after the other: each step seals what the step before has written.
  let from = { directory, reference };
  for (const [i, algorithm] of [...new Set(flags.algorithm)].entries()) {
    const sealed = await withProgress(async progress => {
      const options = { ...from, platform, maxExpansion, maxSize, algorithm, roles, signer, progress };
      return mode === 'artifact'
        ? sealArtifact(from.directory, options)
        : sealInline(from.directory, {
            ...options,
            convert,
            tag: output.reference,
            replace: replace && i === 0,
          });
    });
    await writeLayout(from.directory, output.directory, sealed);
    from = {
      directory: output.directory,
      reference: mode === 'inline' ? (output.reference ?? reference) : reference,
    };
    steps.push(sealed);
  }
  await write(process.stdout, flags.json ? `${JSON.stringify(report(steps))}\n` : text(steps));
}

async function readSigner(
  key: string | undefined,
  certificate: string | undefined,
): Promise<Signer | undefined> {
  if (key === undefined || certificate === undefined) return undefined;
  const signing = await import('../seal/node/signing.ts');
  return signing.readSigner(await readSmall(key), await readSmall(certificate), { file: certificate });
}

/** All steps as one object. */
function report(steps: readonly (SealedInline | SealedArtifact)[]) {
  const [first] = steps;
  const last = steps.at(-1);
  if (first === undefined || last === undefined) return {};
  const digests = Object.fromEntries(steps.flatMap(step => [...step.digests]));
  if ('artifact' in first) {
    const artifacts = steps.flatMap(step =>
      'artifact' in step ? [{ digest: step.artifact.digest, added: step.added }] : [],
    );
    return { mode: 'artifact', manifest: first.manifest, artifacts, digests };
  }
  if ('artifact' in last) return {};
  return {
    mode: 'inline',
    before: first.before,
    manifest: last.manifest.digest,
    digests,
    layersLeftOut: last.leftOut,
  };
}

function text(steps: readonly (SealedInline | SealedArtifact)[]): string {
  const lines: string[] = [];
  for (const step of steps) {
    for (const [key, digest] of step.digests) lines.push(`${key} ${digest}`);
    if ('artifact' in step) {
      lines.push(
        `image ${step.manifest}`,
        `artifact ${step.artifact.digest}${step.added ? '' : ' (was there)'}`,
      );
      continue;
    }
    for (const layer of step.leftOut) {
      lines.push(
        `layer ${layer} has no digest: a hard link or a device in it has no meaning without lower layers`,
      );
    }
    // SEAL-021
    if (step.before === step.manifest.digest) lines.push(`image ${step.before} (was sealed)`);
    else lines.push(`image before ${step.before}`, `image sealed ${step.manifest.digest}`);
  }
  return `${lines.join('\n')}\n`;
}
