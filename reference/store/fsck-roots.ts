/**
 * The check of names and other roots (STORE-130).
 * @module
 */

import type { ByteString } from '../bytes.ts';
import type { Findings } from './findings.ts';
import type { CheckedImages } from './fsck-images.ts';
import type { CheckedStreams } from './fsck-streams.ts';
import { isHexDigest, parseStreamName, rootTarget, TAGS } from './paths.ts';
import { linkTarget, type Store } from './store.ts';
import { tagOfFile } from './tags.ts';
import { type RefEntry, refsOf } from './walk.ts';

/** Checks all links below `refs`. */
export function checkRoots(
  store: Store,
  streams: CheckedStreams,
  images: CheckedImages,
  findings: Findings,
): void {
  for (const top of ['images', 'streams'] as const) {
    for (const entry of refsOf(store, top)) {
      const { path, kind, depth } = entry;
      if (kind !== 'link') {
        findings.add('stray', path);
        continue;
      }
      if (!hasValidName(entry)) findings.add('name-invalid', path);
      const target = linkTarget(store, path) ?? '';
      const name = target.slice(3 * depth);
      const hasForm = top === 'images' ? isHexDigest(name, store.digestSize) : canLeadTo(name, path);
      if (target !== rootTarget(depth, name) || !hasForm) findings.add('link-target', path);
      else if (!(top === 'images' ? images.has(name) : streams.has(name)))
        findings.add('link-dangling', path);
    }
  }
}

/** Whether `name` is that of a stream, and of a manifest if the link `path` is a name. */
function canLeadTo(name: string, path: string): boolean {
  const { kind } = parseStreamName(name);
  if (path.startsWith(`${TAGS}/`)) return kind === 'manifest';
  return kind !== 'stray' && !name.includes('/') && !['', '.', '..', 'refs'].includes(name);
}

function hasValidName({ path }: RefEntry): boolean {
  if (!path.startsWith(`${TAGS}/`)) return true;
  return tagOfFile(path.slice(TAGS.length + 1) as ByteString) !== undefined;
}
