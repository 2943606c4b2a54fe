/**
 * Creates stores with test images.
 * @module
 */

import { importImage } from '../../../reference/store/import.ts';
import { initStore } from '../../../reference/store/store.ts';
import { tagOf } from './layouts.ts';

/** Creates a store in `directory` with the first `images` of a layout. */
export async function makeStore(directory: string, layout: string, images: number): Promise<void> {
  const store = await initStore(directory);
  for (let number = 0; number < images; number++)
    await importImage(store, layout, { reference: tagOf(number) });
}
