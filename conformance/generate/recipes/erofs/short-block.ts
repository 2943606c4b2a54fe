/**
 * A directory whose last data block is not full, which no writer makes.
 * @module
 */

import { bytes } from '../dumpfile/lines.ts';
import { sameAs, set, startOf, withBlock } from './changes.ts';
import { directory, file, imageOf, type Read } from './parts.ts';

/** A directory whose entries are a tail of {@link SIZE} bytes: those of `.`, `..`, `a` and `b`. */
export const twoFiles = directory('/', { nlink: '3' }) + directory('/d') + file('/d/a') + file('/d/b');
const SIZE = 4 * 12 + 5;

/** What turns the tail of {@link twoFiles} into the first bytes of a data block, followed there by `after`. */
export function shortDirectoryBlock(after: string): Required<Pick<Read, 'changes' | 'cut'>> {
  return {
    changes: [set('inode /d', 'i_format', 0), set('inode /d', 'i_u', sameAs('superblock', 'blocks'))],
    cut: image => {
      const entries = startOf(imageOf(twoFiles), 'inode /d, entry .', 'nid');
      const longer = withBlock(image);
      longer.set(image.subarray(entries, entries + SIZE), image.length);
      longer.set(bytes(after), image.length + SIZE);
      return longer;
    },
  };
}
