/**
 * What in an image makes tools in use compute different digests, or refuse it: for whoever makes the image.
 * @module
 */

import { ascii } from '../bytes.ts';
import { imageDigest } from '../erofs/write.ts';
import { ComposefsError } from '../errors.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { type ManifestOptions, manifestTree } from '../oci/image-tree.ts';
import { openLayout } from '../oci/layout.ts';
import type { ImageSelection } from '../oci/select.ts';
import { computeDigests } from '../seal/node/digests.ts';
import { type OpenImage, openImages, readPublications } from '../seal/node/image.ts';
import { comparePublished, publishedRequests } from '../seal/node/verify.ts';
import { labelOf } from '../seal/published.ts';
import { transformBootable } from '../transform/bootable.ts';
import { transformOci } from '../transform/oci.ts';
import type { Directory } from '../tree/inode.ts';
import { lintLayers } from './layers.ts';
import { type LintWarning, WarningCollector } from './warnings.ts';

type Options = ImageSelection & Pick<ManifestOptions, 'maxExpansion' | 'maxSize' | 'progress'>;

/**
 * The warnings about the images of a layout that are meant, one after the other. Throws what the tree builder and
 * the writer throw: what is warned of has a digest.
 */
export async function lintImage(directory: string, options: Options): Promise<LintWarning[]> {
  const layout = await openLayout(directory, nodeSha2);
  const images = await openImages(layout, options);
  const all: LintWarning[] = [];
  for (const image of images) {
    const found = await lintOne(image, options);
    all.push(...found.map(each => (images.length > 1 ? { ...each, platform: image.platform } : each)));
  }
  return all;
}

async function lintOne(image: OpenImage, options: Options): Promise<LintWarning[]> {
  const found = new WarningCollector();
  const algorithm = 'fsverity-sha256-12';
  const reading = { role: 'merged', transform: 'none', xattrs: 'allowlist-only', algorithm } as const;
  const tree = await manifestTree(image.layout, image.descriptor, { ...options, ...reading });
  lintTree(tree, isBootable(image), found);
  transformOci(tree, reading.xattrs);
  imageDigest(tree, { format: 'v1', algorithm });
  if (refusal(() => transformBootable(tree)) === 'TRANSFORM_SELINUX') found.add('selinux-policy');
  await lintDocuments(image, options, found);
  await lintLayers(image.layout, image.parsed.layers, options, found);
  return found.list();
}

/** What the whole tree shows, before it is transformed. */
function lintTree({ children }: Directory, bootable: boolean, found: WarningCollector): void {
  const kindOf = (name: string) => children.get(ascii(name))?.kind;
  if (kindOf('usr') !== 'directory') found.add('no-usr');
  const run = children.get(ascii('run'));
  if (run?.kind === 'directory' && run.children.size > 0) found.add('run-content');
  if (run !== undefined && run.kind !== 'directory') found.add('run-not-directory');
  if (bootable && (kindOf('boot') !== 'directory' || kindOf('sysroot') !== 'directory')) {
    found.add('no-boot-directory');
  }
}

/** Whether the labels of the image say that machines boot it. */
function isBootable({ configValue }: OpenImage): boolean {
  return ['containers.bootc', 'ostree.bootable'].some(name => labelOf(configValue, name) !== undefined);
}

/** The code with which `work` refuses. */
function refusal(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof ComposefsError) return error.code;
    throw error;
  }
}

async function lintDocuments(image: OpenImage, options: Options, found: WarningCollector): Promise<void> {
  const types = [image.descriptor, image.parsed.config, ...image.parsed.layers].map(each => each.mediaType);
  if (types.some(type => type.startsWith('application/vnd.docker.'))) found.add('docker-media-type');
  try {
    const publications = await readPublications(image);
    if (publications.olderNames.length > 0) found.add('older-name');
    const digests = await computeDigests(image, publishedRequests(publications), options);
    comparePublished(publications, digests);
  } catch (error) {
    if (!(error instanceof ComposefsError)) throw error;
    if (error.stage === 'verify') found.add('published-wrong', undefined, error.detail);
    else if (error.code !== 'TRANSFORM_SELINUX') throw error;
  }
}
