/**
 * `composefs-oci seal`
 * @module
 */

import { type Command, createArgument, Option } from 'commander';
import { type Algorithm, algorithms } from '../fsverity/algorithm.ts';
import type { ExtraRole } from '../seal/keys.ts';
import type { DigestChange } from '../seal/node/indexes.ts';
import type { ArtifactImage, InlineImage, SealedArtifact, SealedInline } from '../seal/node/seal.ts';
import type { Signer } from '../seal/node/signing.ts';
import { addJson, addReadingOfAll, type ReadingFlags } from './options.ts';
import { write } from './output.ts';
import { readSmallFile } from './small-file.ts';
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

Of an image of several platforms all are sealed, or the one that --platform names.
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
        .default(['fsverity-sha512-12'], 'fsverity-sha512-12'),
    )
    .addOption(
      new Option('--role <role...>', 'digests besides the one of role merged')
        .choices(['merged', 'merged.bootable', 'layer'])
        .default([], 'no others'),
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
  addJson(addReadingOfAll(command))
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
  const result = report(mode, steps);
  await write(process.stdout, flags.json ? `${JSON.stringify(result)}\n` : text(result));
}

async function readSigner(
  key: string | undefined,
  certificate: string | undefined,
): Promise<Signer | undefined> {
  if (key === undefined || certificate === undefined) return undefined;
  const signing = await import('../seal/node/signing.ts');
  return signing.readSigner(await readSmallFile(key), await readSmallFile(certificate), {
    key: { file: key },
    certificate: { file: certificate },
  });
}

/** What was done with one image, for all algorithms. */
interface ImageReport {
  readonly platform: string;
  readonly manifest: string;
  /** Inline: the digest of the manifest as it was. */
  readonly before?: string;
  readonly artifacts?: readonly { readonly digest: string; readonly added: boolean }[];
  readonly digests: Readonly<Record<string, string>>;
  readonly layersLeftOut?: readonly number[];
}

/** All steps as one object: each step has the same images, in the same order. */
function report(mode: string, steps: readonly (SealedInline | SealedArtifact)[]) {
  const images = steps[0]?.images.map((_, i) => imageReport(steps.flatMap(step => step.images[i] ?? [])));
  const indexes = joinedChanges(steps.flatMap(step => ('indexes' in step ? [step.indexes] : [])));
  return { mode, images: images ?? [], ...(mode === 'inline' ? { indexes } : {}) };
}

function imageReport(steps: readonly (InlineImage | ArtifactImage)[]): ImageReport {
  const inline = steps.flatMap(step => ('before' in step ? [step] : []));
  const beside = steps.flatMap(step => ('added' in step ? [step] : []));
  const [first] = inline;
  const last = inline.at(-1);
  const common = {
    platform: steps[0]?.platform ?? '',
    digests: Object.fromEntries(steps.flatMap(step => [...step.digests])),
  };
  if (first === undefined || last === undefined) {
    const artifacts = beside.map(({ artifact, added }) => ({ digest: artifact.digest, added }));
    return { ...common, manifest: beside[0]?.manifest ?? '', artifacts };
  }
  const { leftOut: layersLeftOut, manifest } = last;
  return { ...common, before: first.before, manifest: manifest.digest, layersLeftOut };
}

/** Changes one after the other as one: from what a document was at first to what it is at last. */
function joinedChanges(steps: readonly (readonly DigestChange[])[]): DigestChange[] {
  const all: DigestChange[] = [];
  for (const { before, after } of steps.flat()) {
    const earlier = all.findIndex(each => each.after === before);
    if (earlier === -1) all.push({ before, after });
    else all[earlier] = { before: all[earlier]?.before ?? before, after };
  }
  return all;
}

function text({ images, indexes = [] }: ReturnType<typeof report>): string {
  const lines: string[] = [];
  for (const { platform, manifest, before, artifacts, digests, layersLeftOut = [] } of images) {
    if (images.length > 1) lines.push(`platform ${platform}`);
    for (const [key, digest] of Object.entries(digests)) lines.push(`${key} ${digest}`);
    for (const layer of layersLeftOut) {
      lines.push(
        `layer ${layer} has no digest: a hard link or a device in it has no meaning without lower layers`,
      );
    }
    // SEAL-021
    if (before === undefined) lines.push(`image ${manifest}`);
    else if (before === manifest) lines.push(`image ${before} (was sealed)`);
    else lines.push(`image before ${before}`, `image sealed ${manifest}`);
    for (const { digest, added } of artifacts ?? []) {
      lines.push(`artifact ${digest}${added ? '' : ' (was there)'}`);
    }
  }
  for (const { before, after } of indexes) lines.push(`index before ${before}`, `index sealed ${after}`);
  return `${lines.join('\n')}\n`;
}
