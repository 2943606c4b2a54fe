/**
 * The map that lies beside an expected image.
 * @module
 */

import type { ImageMap } from './image-map.ts';
import { schemaCheck } from './json-schema.ts';

let check: ReturnType<typeof schemaCheck> | undefined;

/** The path of the map of the image at `path`: `expect/image.map.json` of `expect/image.erofs`. */
export function mapPath(path: string): string {
  return path.replace(/\.erofs$/, '.map.json');
}

/** The map of the expected image at `path`; undefined where there is none, or none that fits the image. */
export async function readMap(
  path: string,
  image: Uint8Array,
  readExpected: (path: string) => Promise<Uint8Array>,
): Promise<ImageMap | undefined> {
  if (mapPath(path) === path) return undefined;
  let map: unknown;
  try {
    map = JSON.parse(Buffer.from(await readExpected(mapPath(path))).toString());
  } catch {
    // Vectors of another version need not have maps.
    return undefined;
  }
  check ??= schemaCheck('vectors/schema/image-map.schema.json');
  if (check(map) !== undefined) return undefined;
  const found = map as ImageMap;
  return found.size === image.length ? found : undefined;
}
