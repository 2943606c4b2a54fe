/**
 * Reads the map of an expected image.
 * @module
 */

import { type Case, expectedResult } from './case.ts';
import { wholePath } from './case-file.ts';
import type { ImageMap } from './image-map.ts';
import { schemaCheck } from './json-schema.ts';

const check = schemaCheck('vectors/schema/image-map.schema.json');

/** The path of the expected image that has a map: that of a case of `erofs.write`. */
export function mappedImage(test: Pick<Case, 'op' | 'expect'>): string | undefined {
  return test.op === 'erofs.write' ? wholePath(expectedResult(test)?.files?.['image']) : undefined;
}

/** The path of the map of the image at `path`: `expect/image.map.json` for `expect/image.erofs`. */
export function imageMapPath(path: string): string {
  return path.replace(/\.erofs$/, '.map.json');
}

/** The map of the expected image at `path`; undefined if there is none that is valid and fits the image. */
export async function readImageMap(
  path: string,
  image: Uint8Array,
  readExpected: (path: string) => Promise<Uint8Array>,
): Promise<ImageMap | undefined> {
  if (imageMapPath(path) === path) return undefined;
  let map: unknown;
  try {
    map = JSON.parse(Buffer.from(await readExpected(imageMapPath(path))).toString());
  } catch {
    // Vectors of other versions may have no maps.
    return undefined;
  }
  if (check(map) !== undefined) return undefined;
  const found = map as ImageMap;
  return found.size === image.length ? found : undefined;
}
