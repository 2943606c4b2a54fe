/**
 * Layers in stores, as other programs that keep archives can check them: those of the stores in the cases, and those of
 * `layers.tree`, which are imported.
 * @module
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ComposefsError } from '../../../reference/errors.ts';
import { exportLayer } from '../../../reference/store/export.ts';
import { listImages } from '../../../reference/store/images.ts';
import { importImage } from '../../../reference/store/import.ts';
import { objectFile, streamName } from '../../../reference/store/paths.ts';
import { SplitStream } from '../../../reference/store/splitstream-read.ts';
import { fileSize, initStore, linkedObject, openStore, type Store } from '../../../reference/store/store.ts';
import { digestOf, LayoutBuilder, tag } from '../../generate/builder/layout.ts';
import { type Case, expectedResult, type LayerInput } from '../../suite/case.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import { unpackStore } from './parts.ts';

/** A part of an archive that the store keeps as an object. */
export interface StoredObject {
  /** An absolute path. */
  readonly path: string;
  readonly size: number;
}

/** A layer that is in a store. */
export interface StoredLayer {
  /** A case that has it, and its number there, from 0: `store/import 1`. */
  readonly name: string;
  /** What the store exports. */
  readonly archive: Buffer;
  /** The objects of the archive, by their offsets in it. */
  readonly objects: ReadonlyMap<number, StoredObject>;
}

/** All layers that stores of the accepted cases in `suite` have, each archive once. Stores are made in `folder`. */
export async function* storedLayers(suite: Suite, folder: string): AsyncGenerator<StoredLayer> {
  const seen = new Set<string>();
  for (const test of suite.cases) {
    const store = await storeOf(suite, test, join(folder, test.id.replace('/', '-')));
    if (store === undefined) continue;
    for await (const image of listImages(store)) {
      // An image can be imported beside one that is damaged.
      if ('error' in image) continue;
      for (const [number, { diffId }] of image.layers.entries()) {
        if (seen.has(diffId)) continue;
        seen.add(diffId);
        yield await storedLayer(store, image.manifest, number, `${test.id} ${number}`);
      }
    }
  }
}

/** A store with the layers of a case in a new folder; undefined if the case has none. */
async function storeOf(suite: Suite, test: Case, directory: string): Promise<Store | undefined> {
  const expected = expectedResult(test);
  if (expected === undefined) return undefined;
  const { layers, store: before } = test.input;
  const archive = test.op === 'store.import' ? expected.files?.['store'] : before;
  if ((test.op === 'store.import' || test.op === 'store.export') && typeof archive === 'string') {
    unpackStore(readFileSync(join(caseFolder(suite, test), archive)), directory);
    return openStore(directory);
  }
  // The other roles are tested with archives that differ less, and with layers that cannot be imported alone.
  if (test.op === 'layers.tree' && test.params['role'] === 'merged' && Array.isArray(layers)) {
    return importedStore(suite, test, layers as readonly LayerInput[], directory);
  }
  return undefined;
}

/** A store with one image of these layers; undefined if one is compressed, because such a case is about compression. */
async function importedStore(
  suite: Suite,
  test: Case,
  layers: readonly LayerInput[],
  directory: string,
): Promise<Store | undefined> {
  if (layers.some(({ mediaType }) => !mediaType.endsWith('.tar'))) return undefined;
  const layout = new LayoutBuilder();
  const tars = layers.map(({ path }) => ({ tar: readFileSync(join(caseFolder(suite, test), path)) }));
  layout.index({ ...layout.image({ layers: tars }), ...tag('demo') });
  for (const [path, content] of Object.entries(layout.files)) {
    const file = join(directory, 'layout', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  const store = await initStore(join(directory, 'store'), { algorithm: 'fsverity-sha256-12' });
  const xattrs = test.params['xattrs'] === 'keep-user-xattrs' ? 'keep-user-xattrs' : 'allowlist-only';
  try {
    await importImage(store, join(directory, 'layout'), { xattrs });
  } catch (error) {
    // A tree builder accepts the layers, but there is no image of the tree.
    if (error instanceof ComposefsError && error.stage === 'erofs') return undefined;
    throw error;
  }
  return store;
}

async function storedLayer(
  store: Store,
  manifest: string,
  number: number,
  name: string,
): Promise<StoredLayer> {
  const { diffId, content } = await exportLayer(store, `@${manifest}`, number);
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(Uint8Array.from(chunk));
  const archive = Buffer.concat(chunks);
  if (digestOf(archive, diffId.split(':')[0]) !== diffId)
    throw new Error(`${name} is not exported as ${diffId}`);
  return { name, archive, objects: await objectsOf(store, diffId) };
}

async function objectsOf(store: Store, diffId: string): Promise<Map<number, StoredObject>> {
  const digest = linkedObject(store, `streams/${streamName('layer', diffId)}`);
  if (digest === undefined) throw new Error(`the store has no layer ${diffId}`);
  const stream = await SplitStream.open(store, digest);
  const objects = new Map<number, StoredObject>();
  let offset = 0;
  try {
    for await (const piece of stream.pieces()) {
      if (piece.kind === 'inline') offset += piece.bytes.length;
      else {
        const path = objectFile(piece.digest);
        const size = fileSize(store, path) ?? 0;
        objects.set(offset, { path: join(store.directory, path), size });
        offset += size;
      }
    }
  } finally {
    stream.close();
  }
  return objects;
}
