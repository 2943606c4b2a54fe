/**
 * Markers: entries of a layer whose names delete something from the layers below (spec/merge.md, "Names").
 * @module
 */

import { ascii, type ByteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import type { TarEntry } from '../tar/entry.ts';

const PREFIX = ascii('.wh.');
const RESERVED_PREFIX = ascii('.wh..wh.');
const OPAQUE_NAME = ascii('.wh..wh..opq');

/** An entry that deletes something from the layers below. */
export type Marker =
  /** Deletes `deletedName` in the directory at `parentPath`. */
  | {
      readonly kind: 'whiteout';
      readonly parentPath: readonly ByteString[];
      readonly deletedName: ByteString;
      readonly location: Location;
    }
  /** Deletes everything in the directory at `parentPath`. */
  | { readonly kind: 'opaque'; readonly parentPath: readonly ByteString[]; readonly location: Location };

/**
 * The marker that an entry is by the names in its path; or `ordinary`, or `reserved` for an entry that is ignored.
 * Rejects with MERGE_WHITEOUT_PATH and MERGE_WHITEOUT_NAME.
 */
export function classifyEntry({ path, name: entry, offset }: TarEntry): Marker | 'ordinary' | 'reserved' {
  const index = path.findIndex(name => name.startsWith(PREFIX));
  const name = path[index];
  if (name === undefined) return 'ordinary';
  const location: Location = { entry, offset };
  const opaque = name === OPAQUE_NAME;
  // MERGE-026
  if (!opaque && name.startsWith(RESERVED_PREFIX)) return 'reserved';
  // MERGE-027
  if (index < path.length - 1) {
    throw new ComposefsError('MERGE_WHITEOUT_PATH', 'the path leads through the name of a marker', location);
  }
  const parentPath = path.slice(0, index);
  // MERGE-018
  if (opaque) return { kind: 'opaque', parentPath, location };
  const deletedName = name.slice(PREFIX.length) as ByteString;
  // MERGE-025
  if (deletedName === '' || deletedName === '.' || deletedName === '..') {
    throw new ComposefsError(
      'MERGE_WHITEOUT_NAME',
      `a whiteout marker cannot delete the name "${deletedName}"`,
      location,
    );
  }
  // MERGE-017
  return { kind: 'whiteout', parentPath, deletedName, location };
}
