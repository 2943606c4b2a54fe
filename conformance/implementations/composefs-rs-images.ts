/**
 * The operations on layers and images that the adapter for composefs-rs implements with `cfsctl oci`.
 *
 * - `layers.tree` is `oci pull` of an image with these layers, then `oci dump`, turned into a canonical dumpfile;
 * - `image.digest` is `oci pull`, then `oci compute-id`.
 * @module
 */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunMessage } from '../runner/protocol/messages.ts';
import { toCanonicalDumpfile } from './composefs-rs-dump.ts';
import { type LayerBlob, writeLayout } from './composefs-rs-layout.ts';
import { failureOutcome, isMissingUsr } from './composefs-rs-messages.ts';
import { inRepository, type Repository } from './composefs-rs-repository.ts';
import {
  hasDroppedXattrs,
  usrLayer,
  withoutUsr,
  withUntransformedRoot,
} from './composefs-rs-untransformed.ts';
import { type Program, printedDigest } from './run-program.ts';
import { inputPath, type OperationOutcome } from './serve.ts';

/** The features that the operations add. */
export const imageFeatures: readonly string[] = [
  ...['digest.sha512-12', 'compression.gzip', 'compression.zstd'],
  ...['role.merged.bootable', 'xattrs.keep-user-xattrs'],
];

/** The operations; `cfsctl` is called for each request, and gives the program to run. */
export function imageOperations(cfsctl: () => Program) {
  return {
    'layers.tree': (request: RunMessage) => buildTree(cfsctl(), request),
    'image.digest': (request: RunMessage) => computeDigest(cfsctl(), request),
  };
}

async function buildTree(cfsctl: Program, request: RunMessage): Promise<OperationOutcome> {
  const { role = '', transform = '', algorithm = '' } = request.params;
  const plain = role === 'merged' && transform === 'none';
  const missing = plain ? missingAlgorithm(algorithm) : missingFeature(request);
  if (missing !== undefined) return unsupported(missing);
  const layers = await readLayers(request);
  return inRepository(cfsctl, algorithm, async repository => {
    const dump = plain
      ? await untransformedTree(repository, layers)
      : await transformedTree(repository, layers, treeOptions(request));
    if (typeof dump !== 'string') return dump;
    const dumpfile = 'tree.dump';
    await writeFile(join(request.outDir, dumpfile), dump, 'latin1');
    return { status: 'ok', files: { dumpfile } };
  });
}

async function transformedTree(
  repository: Repository,
  layers: readonly LayerBlob[],
  options: readonly string[],
): Promise<string | OperationOutcome> {
  const { pulled } = await pull(repository, layers);
  if (pulled.code !== 0) return failureOutcome(pulled);
  const dumped = await repository.cfsctl('oci', 'dump', ...options, 'image');
  return dumped.code === 0 ? toCanonicalDumpfile(dumped.stdout) : failureOutcome(dumped);
}

async function untransformedTree(
  repository: Repository,
  layers: readonly LayerBlob[],
): Promise<string | OperationOutcome> {
  let { pulled, diffIds } = await pull(repository, layers);
  const usrMissing = isMissingUsr(pulled);
  if (usrMissing) ({ pulled } = await pull(repository, [...layers, usrLayer]));
  const cannotUndo = unsupported('transform.none');
  if (pulled.code !== 0) {
    const outcome = failureOutcome(pulled);
    return outcome.status === 'rejected' && outcome.stage === 'transform' ? cannotUndo : outcome;
  }
  for (const diffId of diffIds) {
    const entries = await repository.cfsctl('oci', 'layer', '--dumpfile', diffId);
    if (entries.code !== 0) return failureOutcome(entries);
    if (hasDroppedXattrs(entries.stdout)) return cannotUndo;
  }
  const dumped = await repository.cfsctl('oci', 'dump', '--xattrs', 'keep-user-xattrs', 'image');
  if (dumped.code !== 0) return failureOutcome(dumped);
  const dump = toCanonicalDumpfile(dumped.stdout);
  return withUntransformedRoot(usrMissing ? withoutUsr(dump) : dump) ?? cannotUndo;
}

/** Pulls an image with `layers`. */
async function pull({ folder, cfsctl }: Repository, layers: readonly LayerBlob[]) {
  const layout = join(folder, `layout-of-${layers.length}`);
  const diffIds = await writeLayout(layout, layers);
  return { diffIds, pulled: await cfsctl('oci', 'pull', `oci:${layout}`, 'image') };
}

async function computeDigest(program: Program, request: RunMessage): Promise<OperationOutcome> {
  const { algorithm = '', format = '', platform, reference, manifestDigest } = request.params;
  const version = formats[format];
  if (version === undefined) return unsupported(`format.${format}`);
  // cfsctl always takes the platform that it runs on.
  if (platform !== undefined) return unsupported('platform');
  if (manifestDigest !== undefined) return unsupported('manifestDigest');
  const missing = missingFeature(request);
  if (missing !== undefined) return unsupported(missing);
  return inRepository(program, algorithm, async ({ cfsctl }) => {
    const tag = reference === undefined ? '' : `:${reference}`;
    const pulled = await cfsctl('oci', 'pull', `oci:${inputPath(request, 'layout')}${tag}`, 'image');
    if (pulled.code !== 0) return failureOutcome(pulled);
    const options = treeOptions(request);
    const computed = await cfsctl('--erofs-version', version, 'oci', 'compute-id', ...options, 'image');
    const digest = printedDigest(computed);
    return digest === undefined ? failureOutcome(computed) : { status: 'ok', values: { digest } };
  });
}

/** Formats of the standard, and their names in cfsctl. */
const formats: Readonly<Record<string, string>> = { v0: '0', v1: '1' };

/** Options for the role and the xattr policy. */
function treeOptions({ params }: RunMessage): readonly string[] {
  return [
    ...['--xattrs', params['xattrs'] ?? ''],
    ...(params['role'] === 'merged.bootable' ? ['--bootable'] : []),
  ];
}

/** The feature that a request needs and cfsctl lacks; undefined if it lacks none. */
function missingFeature({ params }: RunMessage): string | undefined {
  const { role = '', transform = '', algorithm = '' } = params;
  if (role !== 'merged' && role !== 'merged.bootable') return `role.${role}`;
  return transform === 'oci' ? missingAlgorithm(algorithm) : `transform.${transform}`;
}

function missingAlgorithm(algorithm: string): string | undefined {
  const known = /^fsverity-sha(?:256|512)-12$/.test(algorithm);
  return known ? undefined : `digest.${algorithm.replace(/^fsverity-/, '')}`;
}

function unsupported(feature: string): OperationOutcome {
  return { status: 'unsupported', feature };
}

function readLayers({ input }: RunMessage): Promise<LayerBlob[]> {
  const { layers } = input;
  if (layers === undefined || typeof layers === 'string') throw new Error('the request has no layers');
  return Promise.all(
    layers.map(async ({ path, mediaType }) => ({ content: await readFile(path), mediaType })),
  );
}
