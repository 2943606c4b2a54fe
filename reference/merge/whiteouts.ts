/**
 * What the names of a layer entry say: `.wh.` marks what is deleted in the layers below.
 * @module
 */

import { ascii, type ByteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import type { Entry } from '../tar/entry.ts';

const PREFIX = ascii('.wh.');
const RESERVED = ascii('.wh..wh.');
const OPAQUE = ascii('.wh..wh..opq');

/** A deletion in the layers below. */
export type Marker =
  /** `name` in `directory` is deleted. */
  | {
      readonly kind: 'whiteout';
      readonly directory: readonly ByteString[];
      readonly name: ByteString;
      readonly location: Location;
    }
  /** Everything in `directory` is deleted. */
  | { readonly kind: 'opaque'; readonly directory: readonly ByteString[]; readonly location: Location };

/**
 * The marker that an entry is, by its path alone (MERGE-017); `ordinary` for what enters the tree, `reserved`
 * for what has no effect at all.
 */
export function markerOf({ path, name: entry, offset }: Entry): Marker | 'ordinary' | 'reserved' {
  const at = path.findIndex(component => component.startsWith(PREFIX));
  const marker = path[at];
  if (marker === undefined) return 'ordinary';
  const opaque = marker === OPAQUE;
  const location: Location = { entry, offset };
  // MERGE-026
  if (!opaque && marker.startsWith(RESERVED)) return 'reserved';
  // MERGE-027
  if (at < path.length - 1) {
    throw new ComposefsError('MERGE_WHITEOUT_PATH', 'a path leads through the name of a whiteout', location);
  }
  const directory = path.slice(0, at);
  if (opaque) return { kind: 'opaque', directory, location };
  const name = marker.slice(PREFIX.length) as ByteString;
  // MERGE-025
  if (name === '' || name === '.' || name === '..') {
    throw new ComposefsError('MERGE_WHITEOUT_NAME', `a whiteout of "${name}" names nothing`, location);
  }
  return { kind: 'whiteout', directory, name, location };
}
