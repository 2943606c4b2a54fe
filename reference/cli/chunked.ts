/**
 * `composefs-oci chunked`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { readTocAnnotations, type TocAnnotations } from '../chunked/annotations.ts';
import { type TocCheck, type TocSummary, tocChecks } from '../chunked/check.ts';
import { checkLayerToc } from '../chunked/node/layer.ts';
import type { ComposefsError } from '../errors.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { openLayout } from '../oci/layout.ts';
import { readManifest } from '../oci/manifest.ts';
import { layerCompression } from '../oci/media-types.ts';
import type { Descriptor } from '../oci/schemas.ts';
import { manifestsOfPlatforms, selectImages } from '../oci/select.ts';
import { isRejection } from './failure.ts';
import { addJson, exitCodes, imageHelp } from './options.ts';
import { write } from './output.ts';
import { FailureReported, rejectionJson } from './rejection.ts';
import { type ImageSource, layoutFiles, parseImage } from './source.ts';

const help = `
A zstd:chunked layer has a second description of its tree, a table of contents, which some clients use instead of the
archive. For each layer, this prints whether it has one, where it is in the blob, and the result of each check:

  annotations  they are complete, and those of one format
  positions    they are those of frames of the blob, and equal to its footer
  checksum     the compressed table has the digest of its annotation
  format       the table is JSON of version 1 that every reader reads alike
  entries      they are the entries of the archive
  chunks       they cover the files, and are where the table says
  tar-split    the tar-split data rebuilds the archive

'verify' and 'seal' reject an image whose tables of contents do not pass all checks.

Examples:
  Check an image that was pushed with podman push --compression-format zstd:chunked:
  $ composefs-oci chunked oci:./layout:latest
${exitCodes('every table of contents agrees with its layer, or there is none', 'a table of contents does not agree with its layer, or the image was rejected')}`;

/** What was found in one layer. */
interface LayerReport {
  readonly layer: number;
  readonly digest: string;
  readonly positions?: Pick<TocAnnotations, 'toc' | 'tarSplit'> | undefined;
  readonly passed: readonly TocCheck[];
  /** Undefined if the layer has no table of contents, or was rejected. */
  readonly summary?: TocSummary | undefined;
  readonly rejection?: ComposefsError | undefined;
}

/** Adds the command. */
export function addChunked(program: Command): void {
  const command = program
    .command('chunked')
    .description('Check the tables of contents of zstd:chunked layers.')
    .addArgument(createArgument('<image>', imageHelp).argParser(parseImage))
    .option('--platform <os/arch[/variant]>', 'only the image for this platform (default: all platforms)');
  addJson(command)
    .addHelpText('after', help)
    .action(async (image: ImageSource) => {
      const { json, platform } = command.opts<{ json?: boolean; platform?: string }>();
      const layout = await openLayout(await layoutFiles(image), nodeSha2);
      const images: { manifest: string; layers: LayerReport[] }[] = [];
      const request = { ...image.selection, platform };
      const selected = await selectImages(layout, request);
      for (const manifest of await manifestsOfPlatforms(layout, selected, request)) {
        const layers: LayerReport[] = [];
        for (const [layer, descriptor] of (await readManifest(layout, manifest)).layers.entries()) {
          layers.push(await reportOf(layout, descriptor, layer));
        }
        images.push({ manifest: manifest.digest, layers });
      }
      const result = images.map(({ manifest, layers }) => ({ manifest, layers: layers.map(described) }));
      const lines = images.flatMap(({ manifest, layers }) => [
        `image ${manifest}`,
        ...layers.flatMap(linesOf),
      ]);
      await write(process.stdout, json ? `${JSON.stringify({ images: result })}\n` : `${lines.join('\n')}\n`);
      if (images.some(({ layers }) => layers.some(({ rejection }) => rejection !== undefined))) {
        throw new FailureReported();
      }
    });
}

async function reportOf(
  layout: Awaited<ReturnType<typeof openLayout>>,
  descriptor: Descriptor,
  layer: number,
): Promise<LayerReport> {
  const passed: TocCheck[] = [];
  const about = { layer, digest: descriptor.digest, passed };
  const location = { layer };
  let positions: LayerReport['positions'];
  try {
    const compression = layerCompression(descriptor.mediaType, location);
    positions = readTocAnnotations(descriptor.annotations ?? {}, compression, location);
    const summary = await checkLayerToc(layout, descriptor, location, check => passed.push(check));
    return { ...about, positions, summary };
  } catch (rejection) {
    if (!isRejection(rejection)) throw rejection;
    return { ...about, positions, rejection };
  }
}

function linesOf({ layer, digest, positions, passed, summary, rejection }: LayerReport): string[] {
  if (summary === undefined && rejection === undefined)
    return [`layer ${layer} ${digest}: no table of contents`];
  const verdict = summary === undefined ? 'rejected' : 'agrees';
  const failed = tocChecks.find(check => !passed.includes(check));
  const results = tocChecks.map(check => {
    if (passed.includes(check)) return `  ${check.padEnd(11)}  ok`;
    if (summary !== undefined) return `  ${check.padEnd(11)}  none`;
    return `  ${check.padEnd(11)}  ${check === failed ? 'failed' : 'not checked'}`;
  });
  return [
    `layer ${layer} ${digest}: ${verdict}`,
    ...positionLines(positions),
    ...results,
    ...(summary === undefined
      ? []
      : [`  ${summary.entries} entries, ${summary.chunks} chunks, diff_id ${summary.diffId}`]),
    ...(rejection === undefined ? [] : [`  ${rejection.message}`]),
  ];
}

function positionLines(positions: LayerReport['positions']): string[] {
  const text = (name: string, { offset, length, plainLength }: TocAnnotations['toc']) =>
    `  ${name} at offset ${offset}: ${length} bytes, ${plainLength} decompressed`;
  return [
    ...(positions === undefined ? [] : [text('table of contents', positions.toc)]),
    ...(positions?.tarSplit === undefined ? [] : [text('tar-split data', positions.tarSplit)]),
  ];
}

function described({ layer, digest, positions, passed, summary, rejection }: LayerReport): object {
  const verdict = rejection !== undefined ? 'rejected' : summary === undefined ? 'none' : 'agrees';
  return {
    layer,
    digest,
    verdict,
    toc: positions?.toc,
    tarSplit: positions?.tarSplit,
    passed,
    ...summary,
    ...(summary && { binding: summary.tarSplit, tarSplit: positions?.tarSplit }),
    ...(rejection && { error: rejectionJson(rejection) }),
  };
}
