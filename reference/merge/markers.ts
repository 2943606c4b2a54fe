/**
 * Markers: entries of a layer whose names delete something from the layers below (spec/merge.md, "Names").
 * @module
 */

import { ascii, type ByteString, copyBytes } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import type { TarEntry } from '../tar/entry.ts';
import { joinPath } from '../tree/directory.ts';

const PREFIX = ascii('.wh.');
const RESERVED_PREFIX = ascii('.wh..wh.');
const OPAQUE_NAME = ascii('.wh..wh..opq');

/** An entry that deletes something from the layers below. A path is one string; that of the root is empty. */
export type Marker =
  /** Deletes `deletedName` in the directory at `parentPath`. */
  | {
      readonly kind: 'whiteout';
      readonly parentPath: ByteString;
      readonly deletedName: ByteString;
      readonly location: Location;
    }
  /** Deletes everything in the directory at `parentPath`. */
  | { readonly kind: 'opaque'; readonly parentPath: ByteString; readonly location: Location };

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
  const parentPath = joinPath(path.slice(0, index));
  // MERGE-018
  // The name can be much longer than the path, which is what is held.
  const held: Location = { entry: joinPath(path), offset };
  if (opaque) return { kind: 'opaque', parentPath, location: held };
  const deletedName = copyBytes(name.slice(PREFIX.length) as ByteString);
  // MERGE-025
  if (deletedName === '' || deletedName === '.' || deletedName === '..') {
    throw new ComposefsError(
      'MERGE_WHITEOUT_NAME',
      `a whiteout marker cannot delete the name "${deletedName}"`,
      location,
    );
  }
  // MERGE-017
  return { kind: 'whiteout', parentPath, deletedName, location: held };
}
