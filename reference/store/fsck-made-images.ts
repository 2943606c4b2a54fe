/**
 * Compares composefs images with what the layers make.
 * @module
 */

import { ComposefsError } from '../errors.ts';
import type { Findings } from './findings.ts';
import type { CheckedObjects } from './fsck-objects.ts';
import type { CheckedStreams } from './fsck-streams.ts';
import { purposeOf } from './image-keys.ts';
import { streamName } from './paths.ts';
import type { Store } from './store.ts';
import { madeImage } from './stored-tree.ts';

/** Checks that the images of each config are those that its layers make (STORE-043). */
export async function checkMadeImages(
  store: Store,
  streams: CheckedStreams,
  objects: CheckedObjects,
  findings: Findings,
): Promise<void> {
  const sizeOf = (digest: string) => objects.sizeOf(digest);
  for (const [name, { config, names }] of streams) {
    if (config === undefined || names === undefined) continue;
    const layers = config.rootfs.diff_ids.map(diffId => streams.get(streamName('layer', diffId)));
    // STORE-042: what a damaged layer makes is not known.
    if (!layers.every(layer => layer?.isRight)) continue;
    const layerStreams = layers.map(layer => layer?.object ?? '');
    for (const [key, digest] of names) {
      const purpose = purposeOf(key);
      if (purpose === undefined) continue;
      const made = await madeImage(store, layerStreams, purpose, sizeOf).catch(error => {
        if (error instanceof ComposefsError) return undefined;
        throw error;
      });
      if (made !== digest) findings.add('image-mismatch', `streams/${name}`);
    }
  }
}
