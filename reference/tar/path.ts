/**
 * Names in the archive to paths in the tree (spec/layers.md, Names and paths).
 * @module
 */

import type { ByteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';

const COMPONENT_MAX = 255;
/** Linux' PATH_MAX without its NUL. */
export const PATH_MAX = 4095;

/** The components of `name`, none for the root. Throws `code` and TAR_LIMIT. */
export function components(
  code: 'TAR_NAME' | 'TAR_LINK',
  name: ByteString,
  location: Location,
): ByteString[] {
  if (name === '') throw new ComposefsError(code, 'the path is empty', location);
  if (name.includes('\0')) throw new ComposefsError(code, 'the path has a NUL', location);
  const parts = (name.split('/') as ByteString[]).filter(part => part !== '' && part !== '.');
  let length = parts.length - 1;
  for (const part of parts) {
    if (part === '..') throw new ComposefsError(code, 'the path has a component ".."', location);
    if (part.length > COMPONENT_MAX) {
      throw new ComposefsError(
        'TAR_LIMIT',
        `a component of the path has more than ${COMPONENT_MAX} bytes`,
        location,
      );
    }
    length += part.length;
  }
  if (length > PATH_MAX)
    throw new ComposefsError('TAR_LIMIT', `the path has more than ${PATH_MAX} bytes`, location);
  return parts;
}

/** Whether `name` names a directory by its end: `a/`, `a/.`, `.`, `/`. */
export function namesDirectory(name: ByteString): boolean {
  return name.endsWith('/') || name === '.' || name.endsWith('/.');
}
