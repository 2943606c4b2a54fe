/**
 * The actual listing of a mounted image, and its first difference from the expected listing.
 * @module
 */

import { isDeepStrictEqual } from 'node:util';
import type { Hole, ListedEntry, UnreadableEntry } from './expected-listing.ts';
import { type MountKind, type VisibilityLimitName, type VisibleEntry, visibleOnLinux } from './linux.ts';

/** A value that could not be read, and why. */
interface UnreadableValue {
  readonly errno: string;
}

/** One name in a mounted image, as the kernel shows it. */
export interface SeenEntry extends Omit<ListedEntry, 'xattrs' | 'content'> {
  readonly xattrs: Readonly<Record<string, string | UnreadableValue>>;
  readonly content?: string | Hole | UnreadableValue;
}

/** All entries, in the order of the kernel. */
export type SeenListing = readonly (SeenEntry | UnreadableEntry)[];

/** The first difference between the expected listing and the one that was `seen`, on one line; undefined if none. */
export function listingDifference(
  expected: readonly (ListedEntry | UnreadableEntry)[],
  seen: SeenListing,
  mountKind: MountKind,
  met: (limit: VisibilityLimitName) => void,
): string | undefined {
  for (let i = 0; i < Math.max(expected.length, seen.length); i++) {
    const [want, got] = [expected[i], seen[i]];
    if (want === undefined) return `${shown(got?.path)} is not expected`;
    if (got === undefined) return `${shown(want.path)} is missing`;
    if (want.path !== got.path) return `expected ${shown(want.path)}, got ${shown(got.path)}`;
    const difference = entryDifference('errno' in want ? want : visibleOnLinux(want, mountKind, met), got);
    if (difference !== undefined) return `${shown(want.path)}, ${difference}`;
  }
  return undefined;
}

function entryDifference(
  want: VisibleEntry | UnreadableEntry,
  got: SeenEntry | UnreadableEntry,
): string | undefined {
  if ('errno' in want || 'errno' in got) {
    const [a, b] = [errnoOf(want), errnoOf(got)];
    return a === b ? undefined : `expected ${a ?? 'an inode'}, got ${b ?? 'an inode'}`;
  }
  const { xattrs, content, ...rest } = want;
  for (const [field, value] of Object.entries(rest)) {
    const found = got[field as keyof typeof rest];
    if (!isDeepStrictEqual(found, value)) return `${field}: expected ${shown(value)}, got ${shown(found)}`;
  }
  if (content !== undefined && !isDeepStrictEqual(got.content, content)) {
    return `content: expected ${shown(content)}, got ${shown(got.content)}`;
  }
  return attributesDifference(xattrs, got.xattrs);
}

function attributesDifference(want: VisibleEntry['xattrs'], got: SeenEntry['xattrs']): string | undefined {
  for (const name of Object.keys(got)) {
    if (!want.has(name)) return `xattr ${shown(name)} is not expected`;
  }
  for (const [name, value] of want) {
    const found = Object.hasOwn(got, name) ? got[name] : undefined;
    if (found === undefined) return `xattr ${shown(name)} is missing`;
    if (value !== null && found !== value) {
      return `xattr ${shown(name)}: expected ${shown(value)}, got ${shown(found)}`;
    }
  }
  return undefined;
}

function errnoOf(entry: VisibleEntry | SeenEntry | UnreadableEntry): string | undefined {
  return 'errno' in entry ? entry.errno : undefined;
}

/** A value as JSON in ASCII, shortened if it is long. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  const ascii = text.replace(/[^ -~]/g, byte => `\\u${byte.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return ascii.length > 200 ? `${ascii.slice(0, 200)}… (${ascii.length} characters)` : ascii;
}
