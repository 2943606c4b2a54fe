/**
 * Warns producers of an image about everything for which some tool computes a different digest, or rejects the image.
 * @module
 */

import type { TreeSteps } from '../build-tree.ts';
import { ascii, printable } from '../bytes.ts';
import { ESTARGZ } from '../chunked/annotations.ts';
import { checkLayerToc } from '../chunked/node/layer.ts';
import { imageDigest } from '../erofs/write.ts';
import { ComposefsError } from '../errors.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import type { Expansion } from '../oci/expansion.ts';
import { manifestTree } from '../oci/image-tree.ts';
import { openLayout } from '../oci/layout.ts';
import type { LayoutFiles } from '../oci/layout-files.ts';
import type { ImageSelection } from '../oci/select.ts';
import { computeDigests, countedTogether, type LayerReadingOptions } from '../seal/node/digests.ts';
import { type OpenImage, openImages, readPublications } from '../seal/node/image.ts';
import { comparePublished, publishedRequests } from '../seal/node/verify.ts';
import { labelOf } from '../seal/published.ts';
import { labelTree } from '../selinux/label-tree.ts';
import type { Directory } from '../tree/inode.ts';
import { type LayoutListing, lintDocuments, readListing } from './documents.ts';
import { lintLayers } from './layers.ts';
import { type LintWarning, WarningCollector } from './warnings.ts';

type LintOptions = ImageSelection & LayerReadingOptions;
type CountedOptions = LintOptions & { readonly expansion: Expansion };

/**
 * The warnings about the selected images of a layout. Throws as the tree builder and the writer do: an image that they
 * reject has no digest, and gets no warnings.
 */
export async function lintImage(files: LayoutFiles, options: LintOptions): Promise<LintWarning[]> {
  const layout = await openLayout(files, nodeSha2);
  const images = await openImages(layout, options);
  const listing = await readListing(layout, options.reference);
  const counted = countedTogether(options);
  const all: LintWarning[] = [];
  for (const image of images) {
    const warnings = await lintOne(image, listing, counted);
    all.push(...warnings.map(each => (images.length > 1 ? { ...each, platform: image.platform } : each)));
  }
  return all;
}

async function lintOne(
  image: OpenImage,
  listing: LayoutListing,
  options: CountedOptions,
): Promise<LintWarning[]> {
  const warnings = new WarningCollector();
  await lintTrees(image, options, warnings);
  lintDocuments(image, listing, warnings);
  await lintPublications(image, options, warnings);
  await lintTocs(image, warnings);
  await lintLayers(image.layout, image.parsed.layers, options.expansion, warnings);
  return warnings.list();
}

/** Adds the warnings about the trees of roles `merged` and `merged.bootable`. */
async function lintTrees(
  image: OpenImage,
  options: CountedOptions,
  warnings: WarningCollector,
): Promise<void> {
  const algorithm = 'fsverity-sha256-12';
  const steps: TreeSteps = {
    merged: tree => lintTree(tree, isBootable(image), warnings),
    transformed: tree => imageDigest(tree, { format: 'v1', algorithm }),
    label: (tree, policy) => {
      for (const { path } of labelTree(tree, policy))
        warnings.add('label-hard-link', undefined, printable(path));
    },
  };
  const reading = { role: 'merged.bootable', transform: 'oci', xattrs: 'allowlist-only', algorithm } as const;
  try {
    await manifestTree(image.layout, image.descriptor, { ...options, ...reading, steps });
  } catch (error) {
    if (!isPolicyRejection(error)) throw error;
    warnings.add('selinux-policy', undefined, error.message);
  }
}

/** Whether an error rejects only the bootable image, because of its SELinux policy. */
function isPolicyRejection(error: unknown): error is ComposefsError {
  return error instanceof ComposefsError && error.stage === 'transform';
}

/** Adds the warnings about the merged tree, before it is transformed. */
function lintTree({ children }: Directory, bootable: boolean, warnings: WarningCollector): void {
  const kindOf = (name: string) => children.get(ascii(name))?.kind;
  if (kindOf('usr') !== 'directory') warnings.add('no-usr');
  const run = children.get(ascii('run'));
  if (run?.kind === 'directory' && run.children.size > 0) warnings.add('run-content');
  if (run !== undefined && run.kind !== 'directory') warnings.add('run-not-directory');
  if (bootable && (kindOf('boot') !== 'directory' || kindOf('sysroot') !== 'directory')) {
    warnings.add('no-boot-directory');
  }
}

/** Whether the labels of the image say that it is bootable. */
function isBootable({ configValue }: OpenImage): boolean {
  return ['containers.bootc', 'ostree.bootable'].some(name => labelOf(configValue, name) !== undefined);
}

/** Adds the warnings about the tables of contents of the layers. */
async function lintTocs({ layout, parsed }: OpenImage, warnings: WarningCollector): Promise<void> {
  for (const [layer, descriptor] of parsed.layers.entries()) {
    if (Object.hasOwn(descriptor.annotations ?? {}, ESTARGZ)) warnings.add('toc-estargz', layer);
    try {
      await checkLayerToc(layout, descriptor, { layer });
    } catch (error) {
      if (!(error instanceof ComposefsError) || error.stage !== 'toc') throw error;
      warnings.add('toc-wrong', layer, error.detail);
    }
  }
}

/** Adds the warnings about the published digests of an image. */
async function lintPublications(
  image: OpenImage,
  options: LintOptions,
  warnings: WarningCollector,
): Promise<void> {
  try {
    const publications = await readPublications(image);
    if (publications.olderNames.length > 0) warnings.add('older-name');
    const digests = await computeDigests(image, publishedRequests(publications), options);
    comparePublished(publications, digests);
  } catch (error) {
    if (!(error instanceof ComposefsError)) throw error;
    if (error.stage === 'verify') warnings.add('published-wrong', undefined, error.detail);
    else if (!isPolicyRejection(error)) throw error;
  }
}
