/**
 * The operations on stores that the adapter for composefs-rs implements with `cfsctl`, whose repositories have the
 * layout of the standard.
 *
 * - `store.import` is `oci pull`;
 * - `store.export` is `oci inspect`, and `oci layer` for each layer;
 * - `store.gc` is `gc`.
 *
 * `fsck` has no codes, and no path for most of what it finds, and `oci linked-erofs-images` names no manifests, so the
 * other two operations are not declared. `npm run stores` compares what `fsck` finds.
 * @module
 */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isUncompressed } from '../../reference/oci/media-types.ts';
import type { RunMessage } from '../runner/protocol/messages.ts';
import { failureOutcome } from './composefs-rs-messages.ts';
import { inRepository, type Repository } from './composefs-rs-repository.ts';
import { type Program, type ProgramResult, runProgram } from './run-program.ts';
import { inputPath, type OperationOutcome } from './serve.ts';

/** The features that the operations add. */
export const storeFeatures: readonly string[] = ['store.repository'];

/** The operations; `cfsctl` is called for each request, and gives the program to run. */
export function storeOperations(cfsctl: () => Program) {
  return {
    'store.import': (request: RunMessage) => importImage(cfsctl(), request),
    'store.export': (request: RunMessage) => exportImage(cfsctl(), request),
    'store.gc': (request: RunMessage) => collectGarbage(cfsctl(), request),
  };
}

async function importImage(program: Program, request: RunMessage): Promise<OperationOutcome> {
  const { name, reference, bootable, xattrs = '', platform, manifestDigest } = request.params;
  // cfsctl always takes the platform that it runs on.
  if (platform !== undefined) return { status: 'unsupported', feature: 'platform' };
  if (manifestDigest !== undefined) return { status: 'unsupported', feature: 'manifestDigest' };
  if (xattrs !== 'allowlist-only') return { status: 'unsupported', feature: `xattrs.${xattrs}` };
  return inStore(program, request, async repository => {
    const layout = inputPath(request, 'layout');
    // Without a name, cfsctl takes the text of the source.
    const tag = reference ?? (await onlyTag(layout));
    const source = reference === undefined ? `oci:${layout}` : `oci:${layout}:${reference}`;
    const pulled = await repository.cfsctl(
      ...['oci', 'pull', ...(bootable === 'true' ? ['--bootable'] : [])],
      ...[source, ...(name === undefined && tag === undefined ? [] : [name ?? tag ?? ''])],
    );
    if (pulled.code !== 0) return failureOutcome(pulled);
    const [manifest = '', config = ''] = ['manifest', 'config'].map(
      word => new RegExp(`^${word} +(\\S+)$`, 'm').exec(pulled.stdout)?.[1],
    );
    const keptBlobs = await keptBlobsOf(repository, manifest);
    const files = { store: await pack(request, repository) };
    return { status: 'ok', values: { manifest, config, keptBlobs }, files };
  });
}

async function exportImage(program: Program, request: RunMessage): Promise<OperationOutcome> {
  const { name = '', manifestDigest, layout } = request.params;
  return inStore(program, request, async repository => {
    const image = manifestDigest === undefined ? name : `@${manifestDigest}`;
    const files: Record<string, string> = {};
    const put = async (file: string, content: string) => {
      files[file] = file;
      await writeFile(join(request.outDir, file), content, 'latin1');
    };
    const described = await repository.cfsctl('oci', 'inspect', image);
    if (described.code !== 0) return storeFailure(described);
    for (const document of ['manifest', 'config']) {
      const read = await repository.cfsctl('oci', 'inspect', `--${document}`, image);
      if (read.code !== 0) return storeFailure(read);
      // cfsctl prints a line feed behind the document.
      await put(document, read.stdout.replace(/\n$/, ''));
    }
    const manifest = manifestDigest ?? (await manifestNamed(repository, name));
    const keptBlobs = await keptBlobsOf(repository, manifest);
    const config = JSON.parse(await text(repository, image, 'config'));
    for (const [number, diffId] of config.rootfs.diff_ids.entries()) {
      const layer = await repository.cfsctl('oci', 'layer', diffId);
      if (layer.code !== 0) return storeFailure(layer);
      await put(`layer-${number}`, layer.stdout);
      if (layout !== 'true') continue;
      // The blob of a layer that is not compressed is the archive, and cfsctl keeps no others.
      if (!keptBlobs.split(',').includes(`${number}`))
        return { status: 'rejected', stage: 'store', message: `layer ${number} was compressed` };
      await put(`blob-${number}`, layer.stdout);
    }
    return { status: 'ok', values: { manifest, keptBlobs }, files };
  });
}

async function collectGarbage(program: Program, request: RunMessage): Promise<OperationOutcome> {
  const { dryRun } = request.params;
  return inStore(program, request, async repository => {
    const collected = await repository.cfsctl('gc', ...(dryRun === 'true' ? ['--dry-run'] : []));
    const [, objects = '', bytes = ''] =
      /^Objects: ([0-9]+) removed \(([0-9]+) bytes\)$/m.exec(collected.stdout) ?? [];
    if (collected.code !== 0) return storeFailure(collected);
    const files = { store: await pack(request, repository) };
    return { status: 'ok', values: { objects, bytes }, files };
  });
}

/** A failure on the store itself: cfsctl has no codes for these. */
function storeFailure({ code, stderr }: ProgramResult): OperationOutcome {
  if (code !== 1) return { status: 'error', message: `exit code ${code}: ${stderr.trim()}` };
  return { status: 'rejected', stage: 'store', message: stderr.trim() };
}

/** Calls `use` with the store of a request as a repository. */
function inStore<T>(
  program: Program,
  request: RunMessage,
  use: (repository: Repository) => Promise<T>,
): Promise<T> {
  const algorithm = request.params['algorithm'] ?? 'fsverity-sha256-12';
  return inRepository(program, algorithm, async repository => {
    if (typeof request.input['store'] === 'string') {
      await mkdir(repository.path, { recursive: true });
      await tar(
        '--extract',
        `--file=${request.input['store']}`,
        `--directory=${repository.path}`,
        '--no-same-owner',
        '--absolute-names',
      );
    }
    return use(repository);
  });
}

async function pack({ outDir }: RunMessage, { path }: Repository): Promise<string> {
  const name = 'store.tar';
  await tar('--create', `--file=${join(outDir, name)}`, `--directory=${path}`, '--format=pax', '.');
  return name;
}

async function tar(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await runProgram({ name: 'tar', command: ['tar'] }, args);
  if (code !== 0) throw new Error(`tar failed: ${stderr.trim()}`);
}

/** The tag in a layout with one entry; undefined if there are others, or none. */
async function onlyTag(layout: string): Promise<string | undefined> {
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'));
  const [entry, ...others] = index.manifests;
  return others.length > 0 ? undefined : entry?.annotations?.['org.opencontainers.image.ref.name'];
}

async function manifestNamed({ cfsctl }: Repository, name: string): Promise<string> {
  const { stdout } = await cfsctl('oci', 'images', '--json');
  const { images } = JSON.parse(Buffer.from(stdout, 'latin1').toString());
  const found = images.find((image: { name: string }) => image.name === Buffer.from(name).toString());
  return found?.manifest_digest ?? '';
}

async function text({ cfsctl }: Repository, image: string, document: string): Promise<string> {
  return (await cfsctl('oci', 'inspect', `--${document}`, image)).stdout;
}

/** The layers that are not compressed: cfsctl keeps no blobs. */
async function keptBlobsOf(repository: Repository, manifest: string): Promise<string> {
  const { layers } = JSON.parse(await text(repository, `@${manifest}`, 'manifest'));
  const kept = layers.flatMap(({ mediaType }: { mediaType: string }, number: number) =>
    isUncompressed(mediaType) ? [`${number}`] : [],
  );
  return kept.length === 0 ? 'none' : kept.join(',');
}
