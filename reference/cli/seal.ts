/**
 * `composefs-oci seal`
 * @module
 */

import { type Command, createArgument, Option } from 'commander';
import { type Algorithm, algorithms } from '../fsverity/algorithm.ts';
import type { LayoutFiles } from '../oci/layout-files.ts';
import type { ExtraRole } from '../seal/keys.ts';
import type { ComputedDigests } from '../seal/node/digests.ts';
import type { DigestChange } from '../seal/node/indexes.ts';
import type { ArtifactImage, InlineImage, SealedArtifact, SealedInline } from '../seal/node/seal.ts';
import { addListOption } from './list-option.ts';
import { addJson, addReadingOfAll, exitCodes, imageHelp, type ReadingFlags } from './options.ts';
import { write } from './output.ts';
import { readSignerFiles } from './signer.ts';
import { type ImageSource, layoutFiles, parseImage, parseOutput } from './source.ts';

const help = `
Publishes the digest of the merged image and of the config, and prints what was published. For a multi-platform image,
every platform is sealed, or only the one given by --platform.

  --mode inline    writes the digests into the manifest, so that every copy of the image has them. This changes the
                   digest of the manifest, which is printed: sign the image, and pin its digest, after sealing it.
  --mode artifact  writes the digests into a separate manifest in the same layout, which refers to the image. The image
                   does not change.

Everything else stays the same, byte for byte. Sealing an image again with the same options changes nothing. An image
that publishes a wrong digest is rejected; inline, --replace removes what is published first.

Examples:
  Publish the digests in the manifest, in a copy of the layout:
  $ composefs-oci seal oci:./layout:latest --mode inline --output oci:./sealed:latest

  Create a key and a certificate, and publish a signed artifact in the same layout:
  $ openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 365 -subj '/CN=me'
  $ composefs-oci seal oci:./layout:latest --mode artifact --sign key.pem --cert cert.pem --output oci:./layout

  Publish digests with two algorithms, and also those that a machine boots with:
  $ composefs-oci seal oci:./layout --mode inline --algorithm fsverity-sha256-12 fsverity-sha512-12 \\
      --role merged.bootable --output oci:./sealed
${exitCodes('the sealed image is in the layout of --output', 'the image, a key or the layout of --output was rejected: one line on stderr says why')}`;

/** The options of the command line. */
interface SealFlags extends ReadingFlags {
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
    .description('Publish the digests of an image: in its manifest, or in an artifact.')
    .addArgument(createArgument('<image>', imageHelp).argParser(parseImage))
    .addOption(
      new Option(
        '--mode <mode>',
        'where to publish: in the manifest, which changes its digest, or in an artifact',
      )
        .choices(['inline', 'artifact'])
        .makeOptionMandatory(),
    )
    .option('--sign <key.pem>', 'sign every digest with this private key (PEM); needs --cert')
    .option('--cert <cert.pem>', 'the certificate of the private key (PEM)')
    .option('--replace', 'inline mode: drop digests already published instead of rejecting wrong ones')
    .option('--convert', 'inline mode: convert a Docker manifest to an OCI manifest')
    .addOption(
      new Option(
        '--output <oci:DIR[:TAG]>',
        'the layout to write: that of the image, or a new one, which becomes a copy; inline mode: with the tag TAG',
      )
        .argParser(parseOutput)
        .makeOptionMandatory(),
    );
  addListOption(command, '--algorithm', {
    description: 'one or more fs-verity algorithms',
    choices: algorithms,
    default: ['fsverity-sha512-12'],
    defaultText: 'fsverity-sha512-12',
  });
  addListOption(command, '--role', {
    description: 'one or more roles to publish in addition to merged; layer: every layer, only inline',
    choices: ['merged', 'merged.bootable', 'layer'],
    default: [],
    defaultText: 'merged only',
  });
  addJson(addReadingOfAll(command))
    .addHelpText('after', help)
    .action(async (image: ImageSource) => seal(image, command));
}

async function seal(image: ImageSource, command: Command): Promise<void> {
  const flags = command.opts<SealFlags>();
  const { mode, output, sign, cert } = flags;
  const { reference, manifestDigest } = image.selection;
  if ((sign === undefined) !== (cert === undefined)) {
    command.error('error: --sign and --cert must be given together: a private key and its certificate');
  }
  if (mode === 'artifact' && (flags.replace || flags.convert)) {
    command.error(
      'error: --replace and --convert need --mode inline, because an artifact does not change the image',
    );
  }
  if (
    mode === 'artifact' &&
    output.selection.reference !== undefined &&
    output.selection.reference !== reference
  ) {
    command.error(
      'error: a different tag needs --mode inline, because an artifact does not change the image',
    );
  }
  const { sealArtifact, sealInline } = await import('../seal/node/seal.ts');
  const { sealTo } = await import('../seal/node/write-layout.ts');
  const { Expansion } = await import('../oci/expansion.ts');
  const { withProgress } = await import('./progress.ts');
  const signer = await readSignerFiles(sign, cert);
  const { platform, maxExpansion, maxSize, replace, convert } = flags;
  const roles = [...new Set(flags.role)].filter(role => role !== 'merged');
  // If another process changes the layout meanwhile, the layers are not read again.
  const computed = new Map<string, ComputedDigests>();
  const expansion = new Expansion({ maxExpansion, maxSize });
  const reading = { platform, expansion, computed };
  // One algorithm after the other: each step seals the result of the previous one, which can have another digest.
  let digest = manifestDigest;
  const steps = await sealTo(
    await layoutFiles(image),
    output.path,
    [...new Set(flags.algorithm)].map((algorithm, i) => async (from: LayoutFiles) => {
      const tag = i === 0 ? reference : (output.selection.reference ?? reference);
      return withProgress<SealedInline | SealedArtifact>(async progress => {
        const options = {
          ...reading,
          reference: tag,
          manifestDigest: digest,
          algorithm,
          roles,
          signer,
          progress,
        };
        if (mode === 'artifact') return sealArtifact(from, options);
        const inline = { ...options, convert, tag: output.selection.reference, replace: replace && i === 0 };
        const sealed = await sealInline(from, inline);
        digest = digestAfter(digest, sealed);
        return sealed;
      });
    }),
  );
  const result = report(mode, steps);
  await write(process.stdout, flags.json ? `${JSON.stringify(result)}\n` : text(result));
}

/** The digest that the manifest or index which the request names by its digest has after a step of sealing. */
function digestAfter(before: string | undefined, { images, indexes }: SealedInline): string | undefined {
  const [only, ...others] = images;
  if (before === undefined || (only !== undefined && others.length === 0 && indexes.length === 0)) {
    return before && only?.manifest.digest;
  }
  const manifest = images.find(each => each.before === before)?.manifest.digest;
  return manifest ?? indexes.find(each => each.before === before)?.after ?? before;
}

/** The result for one image, for all algorithms. */
interface SealReport {
  readonly platform: string;
  readonly manifest: string;
  /** Inline mode: the digest of the manifest before sealing. */
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

function imageReport(steps: readonly (InlineImage | ArtifactImage)[]): SealReport {
  const inline = steps.flatMap(step => ('before' in step ? [step] : []));
  const withArtifact = steps.flatMap(step => ('added' in step ? [step] : []));
  const [first] = inline;
  const last = inline.at(-1);
  const common = {
    platform: steps[0]?.platform ?? '',
    digests: Object.fromEntries(steps.flatMap(step => [...step.digests])),
  };
  if (first === undefined || last === undefined) {
    const artifacts = withArtifact.map(({ artifact, added }) => ({ digest: artifact.digest, added }));
    return { ...common, manifest: withArtifact[0]?.manifest ?? '', artifacts };
  }
  const { leftOut: layersLeftOut, manifest } = last;
  return { ...common, before: first.before, manifest: manifest.digest, layersLeftOut };
}

/** Joins successive changes of a document: from its first digest to its last. */
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
        `layer ${layer} omitted: it has no image of its own, because of a hard link or device that needs lower layers`,
      );
    }
    // SEAL-021
    if (before === undefined) lines.push(`image ${manifest}`);
    else if (before === manifest) lines.push(`image ${before} (already sealed)`);
    else lines.push(`image before ${before}`, `image sealed ${manifest}`);
    for (const { digest, added } of artifacts ?? []) {
      lines.push(`artifact ${digest}${added ? '' : ' (already present)'}`);
    }
  }
  for (const { before, after } of indexes) lines.push(`index before ${before}`, `index sealed ${after}`);
  return `${lines.join('\n')}\n`;
}
