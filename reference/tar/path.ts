/**
 * Forms paths from the names of entries (spec/layers.md, "Names and paths").
 * @module
 */

import type { ByteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';

/** Length of the longest part of a path in bytes (LAYER-082). */
const PART_MAX = 255;
/** Length of the longest path, or target of a symbolic link, in bytes (LAYER-082). */
export const PATH_MAX = 4095;

/**
 * The parts of the path that `name`, or the target of a hard link, names; none for the root (LAYER-078). Rejects with
 * `code` (LAYER-079, LAYER-086, LAYER-087) and with TAR_LIMIT (LAYER-083).
 */
export function pathOfName(
  code: 'TAR_NAME' | 'TAR_LINK',
  name: ByteString,
  location: Location,
): ByteString[] {
  const subject = code === 'TAR_LINK' ? 'the target of the hard link' : 'the name';
  if (name === '') throw new ComposefsError(code, `${subject} is empty`, location);
  if (name.includes('\0')) throw new ComposefsError(code, `${subject} has a NUL`, location);
  const parts = (name.split('/') as ByteString[]).filter(part => part !== '' && part !== '.');
  let length = parts.length - 1;
  for (const part of parts) {
    if (part === '..') throw new ComposefsError(code, `${subject} has a part ".."`, location);
    if (part.length > PART_MAX) {
      throw new ComposefsError(
        'TAR_LIMIT',
        `a part of ${subject} has ${part.length} bytes, more than ${PART_MAX}`,
        location,
      );
    }
    length += part.length;
  }
  if (length > PATH_MAX)
    throw new ComposefsError(
      'TAR_LIMIT',
      `the path in ${subject} has ${length} bytes, more than ${PATH_MAX}`,
      location,
    );
  return parts;
}

/** Whether only a directory can have the name `name`, as `a/`, `a/.`, `.` and `/` (LAYER-080). */
export function isDirectoryName(name: ByteString): boolean {
  return name.endsWith('/') || name === '.' || name.endsWith('/.');
}
