/**
 * The operations on stores, which are tar archives in requests and answers (conformance/README.md, "Stores").
 * @module
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ByteString, printable } from '../../bytes.ts';
import { replaceFile } from '../../files/replace.ts';
import { algorithm } from '../../fsverity/algorithm.ts';
import { nodeSha2 } from '../../hash/node/sha2.ts';
import { blobPath } from '../../oci/digest.ts';
import { openLayout } from '../../oci/layout.ts';
import { selectManifest } from '../../oci/select.ts';
import { exportImage, exportLayer } from '../../store/export.ts';
import { findImages } from '../../store/find.ts';
import { checkStore } from '../../store/fsck.ts';
import { collectGarbage } from '../../store/gc.ts';
import { type ImageDocuments, publishedStream, readImage } from '../../store/images.ts';
import { importImage } from '../../store/import.ts';
import { type StoreAlgorithm, storeAlgorithms } from '../../store/metadata.ts';
import { runProgram } from '../../store/programs.ts';
import { resolveImage } from '../../store/roots.ts';
import { initStore, openStore, type Store } from '../../store/store.ts';
import { xattrPolicies } from '../../tree/options.ts';
import { writeFile } from '../output.ts';
import type { OperationAnswer, RunRequest } from './protocol.ts';
import { joinItems, oneOf, optionalPath, param, path, selection, UnsupportedFeature } from './request.ts';
import { unpackStore } from './unpack-store.ts';

export const storeOperations: Readonly<Record<string, (request: RunRequest) => Promise<OperationAnswer>>> = {
  'store.import': async request => {
    const { params } = request;
    const layout = path(request, 'layout');
    return withStore(request, async store => {
      const { manifest, config } = await importImage(store, layout, {
        ...selection(request),
        name: params['name'],
        bootable: params['bootable'] === 'true',
        keepBlobs: params['blobs'] === 'true',
        xattrs: oneOf(request, 'xattrs', xattrPolicies),
      });
      const keptBlobs = keptBlobsOf(store, await readImage(store, manifest));
      const files = { store: await packed(request, store) };
      return { status: 'ok', values: { manifest, config, keptBlobs }, files };
    });
  },

  'store.export': request =>
    withStore(request, async store => {
      const { name, manifestDigest, layout } = request.params;
      const image = name ?? `@${manifestDigest ?? param(request, 'name')}`;
      const manifest = resolveImage(store, image);
      const documents = await readImage(store, manifest);
      const files: Record<string, string> = { manifest: 'manifest.json', config: 'config.json' };
      await writeFile(join(request.outDir, 'manifest.json'), [documents.manifest.bytes]);
      await writeFile(join(request.outDir, 'config.json'), [documents.config.bytes]);
      for (const number of documents.manifest.document.layers.keys()) {
        files[`layer-${number}`] = `layer-${number}.tar`;
        const { content } = await exportLayer(store, image, number);
        await replaceFile(join(request.outDir, `layer-${number}.tar`), content);
      }
      if (layout === 'true') {
        const directory = join(request.outDir, 'layout');
        await exportImage(store, image, directory);
        // As a reader of the layout finds them.
        const selected = await selectManifest(await openLayout(directory, nodeSha2), { reference: name });
        const inLayout = (digest: string) => join('layout', blobPath(digest));
        files['manifest'] = inLayout(selected.digest);
        files['config'] = inLayout(documents.manifest.document.config.digest);
        for (const [number, { digest }] of documents.manifest.document.layers.entries())
          files[`blob-${number}`] = inLayout(digest);
      }
      return { status: 'ok', values: { manifest, keptBlobs: keptBlobsOf(store, documents) }, files };
    }),

  'store.fsck': request =>
    withStore(request, async store => {
      const { findings } = await checkStore(store);
      return {
        status: 'ok',
        files: await list(
          request,
          'findings',
          findings.map(f => [f.code, f.path]),
        ),
      };
    }),

  'store.gc': request =>
    withStore(request, async store => {
      const dryRun = request.params['dryRun'] === 'true';
      const { objects, bytes } = await collectGarbage(store, { dryRun });
      const files = { store: await packed(request, store) };
      return { status: 'ok', values: { objects: `${objects}`, bytes: `${bytes}` }, files };
    }),

  'store.find': request =>
    withStore(request, async store => {
      const verify = request.params['verify'] === 'true';
      const found = await findImages(store, param(request, 'digest'), { verify });
      const lines = found.map(({ manifest, platform, role, format, algorithm, xattrs, verified }) => [
        ...[manifest, platform, role, format, algorithm, xattrs],
        verified ? 'verified' : 'unverified',
      ]);
      return { status: 'ok', files: await list(request, 'images', lines) };
    }),
};

/** Runs `work` on the store of the request, or on a new one, in a folder that is removed afterwards. */
async function withStore<T>(request: RunRequest, work: (store: Store) => Promise<T>): Promise<T> {
  const directory = join(request.outDir, 'store');
  try {
    const archive = optionalPath(request, 'store');
    if (archive === undefined) await initStore(directory, { algorithm: storeAlgorithm(request) });
    else await unpackStore(archive, directory);
    return await work(openStore(directory));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function storeAlgorithm(request: RunRequest): StoreAlgorithm {
  const name = algorithm(param(request, 'algorithm'));
  const found = storeAlgorithms.find(each => each === name);
  if (found === undefined) throw new UnsupportedFeature(`store.${name}`);
  return found;
}

/** Writes the store as an archive into the folder of the answer, and returns its name there. */
async function packed({ outDir }: RunRequest, { directory }: Store): Promise<string> {
  const name = 'store.tar';
  const args = ['--create', `--file=${join(outDir, name)}`, `--directory=${directory}`, '--format=pax', '.'];
  const result = await runProgram('tar', args);
  if (result === undefined) throw new Error('the program tar is missing: install it');
  if (result.status !== 0) throw new Error(`tar failed: ${result.stderr}`);
  return name;
}

/** The numbers of the layers that the store can return as they were published. */
function keptBlobsOf(store: Store, { manifest }: ImageDocuments): string {
  const kept = manifest.document.layers.flatMap((layer, number) =>
    publishedStream(store, layer) === undefined ? [] : [`${number}`],
  );
  return joinItems(kept);
}

/** Writes a list with a line for each item, and fields separated by tabs. */
async function list(
  { outDir }: RunRequest,
  name: string,
  items: readonly (readonly string[])[],
): Promise<Record<string, string>> {
  const lines = items.map(fields => `${fields.map(escaped).join('\t')}\n`);
  await writeFile(join(outDir, name), [Buffer.from(lines.join(''), 'latin1')]);
  return { [name]: name };
}

/** Bytes in a list, in which a space is not printable. */
function escaped(bytes: string): string {
  return printable(bytes as ByteString).replaceAll(' ', '\\x20');
}
