/**
 * Limits on what the layers of one tree make a builder hold in memory (spec/layers.md, "Size of the tree").
 * @module
 */

import type { ByteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import type { Xattrs } from '../tree/inode.ts';

/** The entries and implied directories of all layers (LAYER-106). */
const INODES_MAX = 2 ** 21;
/** The bytes of metadata of all layers (LAYER-108). */
const METADATA_MAX = 2 ** 28;
/** What an extended attribute counts, besides its name and value: much of what it takes in memory. */
const XATTR_EACH = 64;

/** Counts the entries, implied directories and metadata of the layers of one tree, and rejects with TAR_LIMIT. */
export class TreeSize {
  #inodes = 0;
  #metadata = 0;

  /** Counts an entry. `target` is that of a link. Attributes that are not held need not be counted. */
  addEntry(path: ByteString, target: ByteString | undefined, xattrs: Xattrs, location: Location): void {
    this.addInode(location);
    this.#metadata += path.length + (target?.length ?? 0);
    for (const [name, value] of xattrs) this.#metadata += XATTR_EACH + name.length + value.length;
    // LAYER-109
    if (this.#metadata > METADATA_MAX) {
      const detail = `the layers have more than ${METADATA_MAX} bytes of paths, link targets and extended attributes`;
      throw new ComposefsError('TAR_LIMIT', detail, location);
    }
  }

  /** Counts an entry, or a directory that one implies. */
  addInode(location: Location): void {
    // LAYER-107
    if (++this.#inodes > INODES_MAX) {
      const detail = `the layers have more than ${INODES_MAX} entries and implied directories`;
      throw new ComposefsError('TAR_LIMIT', detail, location);
    }
  }
}
