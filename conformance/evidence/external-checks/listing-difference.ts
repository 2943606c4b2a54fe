/**
 * What was seen of a mounted image, and the first thing in it that was not expected.
 * @module
 */

import { isDeepStrictEqual } from 'node:util';
import type { Entry, Hole, Unseen } from './expected-listing.ts';
import { type LimitName, type Shown, shownByLinux, type View } from './linux.ts';

/** What could not be read, and why. */
interface Unreadable {
  readonly errno: string;
}

/** One name that was seen. */
export interface SeenEntry extends Omit<Entry, 'xattrs' | 'content'> {
  readonly xattrs: Readonly<Record<string, string | Unreadable>>;
  readonly content?: string | Hole | Unreadable;
}

/** Everything that was seen, in the order in which it was. */
export type Seen = readonly (SeenEntry | Unseen)[];

/** The first difference between what is expected and what was `seen`, one line; undefined where there is none. */
export function listingDifference(
  expected: readonly (Entry | Unseen)[],
  seen: Seen,
  view: View,
  met: (limit: LimitName) => void,
): string | undefined {
  for (let i = 0; i < Math.max(expected.length, seen.length); i++) {
    const [want, got] = [expected[i], seen[i]];
    if (want === undefined) return `${shown(got?.path)} is not expected`;
    if (got === undefined) return `${shown(want.path)} is not there`;
    if (want.path !== got.path) return `expected ${shown(want.path)}, and ${shown(got.path)} is there`;
    const difference = entryDifference('errno' in want ? want : shownByLinux(want, view, met), got);
    if (difference !== undefined) return `${shown(want.path)}, ${difference}`;
  }
  return undefined;
}

function entryDifference(want: Shown | Unseen, got: SeenEntry | Unseen): string | undefined {
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

function attributesDifference(want: Shown['xattrs'], got: SeenEntry['xattrs']): string | undefined {
  for (const name of Object.keys(got)) {
    if (!want.has(name)) return `xattr ${shown(name)} is not expected`;
  }
  for (const [name, value] of want) {
    const found = Object.hasOwn(got, name) ? got[name] : undefined;
    if (found === undefined) return `xattr ${shown(name)} is not there`;
    if (value !== null && found !== value) {
      return `xattr ${shown(name)}: expected ${shown(value)}, got ${shown(found)}`;
    }
  }
  return undefined;
}

function errnoOf(entry: Shown | SeenEntry | Unseen): string | undefined {
  return 'errno' in entry ? entry.errno : undefined;
}

/** ASCII for a line, shortened. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  const ascii = text.replace(/[^ -~]/g, byte => `\\u${byte.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return ascii.length > 200 ? `${ascii.slice(0, 200)}… (${ascii.length} characters)` : ascii;
}
