/**
 * What the adapter for composefs-rs asks `cfsctl oci` about layers and images.
 *
 * - `layers.tree` is `oci pull` of an image with these layers, then `oci dump`, spelled canonically;
 * - `image.digest` is `oci pull`, then `oci compute-id`.
 * @module
 */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunMessage } from '../runner/protocol/messages.ts';
import { canonicalSpelling } from './composefs-rs-dump.ts';
import { type Layer, writeLayout } from './composefs-rs-layout.ts';
import { failure, lacksUsr } from './composefs-rs-messages.ts';
import { inRepository, type Repository } from './composefs-rs-repository.ts';
import { hasOtherXattrs, untransformed, usrLayer, withoutUsr } from './composefs-rs-untransformed.ts';
import { digestIn, type Program } from './run-program.ts';
import { inputPath, type Outcome } from './serve.ts';

/** Features of the operations. */
export const imageFeatures: readonly string[] = [
  ...['digest.sha512-12', 'compression.gzip', 'compression.zstd'],
  ...['role.merged.bootable', 'xattrs.keep-user-xattrs'],
];

/** The operations, with what `cfsctl` gives when there is a request. */
export function imageOperations(cfsctl: () => Program) {
  return {
    'layers.tree': (request: RunMessage) => tree(cfsctl(), request),
    'image.digest': (request: RunMessage) => digest(cfsctl(), request),
  };
}

async function tree(cfsctl: Program, request: RunMessage): Promise<Outcome> {
  const { role = '', transform = '', algorithm = '' } = request.params;
  const plain = role === 'merged' && transform === 'none';
  const lacking = plain ? lackingAlgorithm(algorithm) : lackingParameter(request);
  if (lacking !== undefined) return unsupported(lacking);
  const layers = await readLayers(request);
  return inRepository(cfsctl, algorithm, async repository => {
    const dump = plain
      ? await untransformedTree(repository, layers)
      : await transformedTree(repository, layers, view(request));
    if (typeof dump !== 'string') return dump;
    const dumpfile = 'tree.dump';
    await writeFile(join(request.outDir, dumpfile), dump, 'latin1');
    return { status: 'ok', files: { dumpfile } };
  });
}

async function transformedTree(
  repository: Repository,
  layers: readonly Layer[],
  options: readonly string[],
): Promise<string | Outcome> {
  const { pulled } = await pull(repository, layers);
  if (pulled.code !== 0) return failure(pulled);
  const dumped = await repository.ask('oci', 'dump', ...options, 'image');
  return dumped.code === 0 ? canonicalSpelling(dumped.stdout) : failure(dumped);
}

async function untransformedTree(
  repository: Repository,
  layers: readonly Layer[],
): Promise<string | Outcome> {
  let { pulled, diffIds } = await pull(repository, layers);
  const usrMissing = lacksUsr(pulled);
  if (usrMissing) ({ pulled } = await pull(repository, [...layers, usrLayer]));
  const lacking = unsupported('transform.none');
  if (pulled.code !== 0) {
    const answer = failure(pulled);
    return answer.status === 'rejected' && answer.stage === 'transform' ? lacking : answer;
  }
  for (const diffId of diffIds) {
    const entries = await repository.ask('oci', 'layer', '--dumpfile', diffId);
    if (entries.code !== 0) return failure(entries);
    if (hasOtherXattrs(entries.stdout)) return lacking;
  }
  const dumped = await repository.ask('oci', 'dump', '--xattrs', 'keep-user-xattrs', 'image');
  if (dumped.code !== 0) return failure(dumped);
  const dump = canonicalSpelling(dumped.stdout);
  return untransformed(usrMissing ? withoutUsr(dump) : dump) ?? lacking;
}

/** Pulls an image with `layers`. */
async function pull({ folder, ask }: Repository, layers: readonly Layer[]) {
  const layout = join(folder, `layout-of-${layers.length}`);
  const diffIds = await writeLayout(layout, layers);
  return { diffIds, pulled: await ask('oci', 'pull', `oci:${layout}`, 'image') };
}

async function digest(cfsctl: Program, request: RunMessage): Promise<Outcome> {
  const { algorithm = '', format = '', platform, reference } = request.params;
  const version = formats[format];
  if (version === undefined) return unsupported(`format.${format}`);
  // It takes the one that it runs on.
  if (platform !== undefined) return unsupported('platform');
  const lacking = lackingParameter(request);
  if (lacking !== undefined) return unsupported(lacking);
  return inRepository(cfsctl, algorithm, async ({ ask }) => {
    const tag = reference === undefined ? '' : `:${reference}`;
    const pulled = await ask('oci', 'pull', `oci:${inputPath(request, 'layout')}${tag}`, 'image');
    if (pulled.code !== 0) return failure(pulled);
    const computed = await ask('--erofs-version', version, 'oci', 'compute-id', ...view(request), 'image');
    const digest = digestIn(computed);
    return digest === undefined ? failure(computed) : { status: 'ok', values: { digest } };
  });
}

/** Formats of the standard, and what cfsctl calls them. */
const formats: Readonly<Record<string, string>> = { v0: '0', v1: '1' };

/** Options for the role and the policy. */
function view({ params }: RunMessage): readonly string[] {
  return [
    ...['--xattrs', params['xattrs'] ?? ''],
    ...(params['role'] === 'merged.bootable' ? ['--bootable'] : []),
  ];
}

function lackingParameter({ params }: RunMessage): string | undefined {
  const { role = '', transform = '', algorithm = '' } = params;
  if (role !== 'merged' && role !== 'merged.bootable') return `role.${role}`;
  return transform === 'oci' ? lackingAlgorithm(algorithm) : `transform.${transform}`;
}

function lackingAlgorithm(algorithm: string): string | undefined {
  const known = /^fsverity-sha(?:256|512)-12$/.test(algorithm);
  return known ? undefined : `digest.${algorithm.replace(/^fsverity-/, '')}`;
}

function unsupported(feature: string): Outcome {
  return { status: 'unsupported', feature };
}

function readLayers({ input }: RunMessage): Promise<Layer[]> {
  const { layers } = input;
  if (layers === undefined || typeof layers === 'string') throw new Error('the request has no layers');
  return Promise.all(
    layers.map(async ({ path, mediaType }) => ({ content: await readFile(path), mediaType })),
  );
}
