/**
 * Known differences on how layers are merged, and how the merged tree is transformed.
 *
 * Their order matters: markers are moved to the front before missing directories are added, and these are added before
 * the directories that the transforms need.
 * @module
 */

import { ascii, type ByteString } from '../../../../reference/bytes.ts';
import type { KnownDifference } from '../../../generate/random-trees/known-differences.ts';
import { type LayerSet, plainEntry, type TarEntry, type TarLayer } from '../layer-sets/layer-set.ts';
import { rename } from '../layer-sets/odd-entries.ts';
import {
  deletedName,
  entryKindOf,
  linkOf,
  nameOf,
  type Outline,
  type Path,
  pathOf,
} from '../layer-sets/outline.ts';
import { addingLayer, eachEntry, eachLayer, implementations, source } from './changes.ts';

export const mergeDifferences: readonly KnownDifference<LayerSet>[] = [
  {
    name: 'whiteout-names',
    about: 'whiteouts of an empty name, of "." and of ".." are rejected',
    implementations,
    link: source.image,
    cases: ['merge/whiteout-bare', 'merge/whiteout-dot', 'merge/whiteout-dot-dot'],
    remove: eachEntry(entry => {
      const path = pathOf(nameOf(entry));
      return entryKindOf(path) === 'whiteout' && ['', '.', '..'].includes(deletedName(path)) && 'remove';
    }),
  },
  {
    name: 'reserved-names',
    about: 'entries with a reserved name in their path have no effect',
    implementations,
    link: source.image,
    cases: ['merge/reserved-names'],
    remove: eachEntry(entry => entryKindOf(pathOf(nameOf(entry))) === 'reserved' && 'remove'),
  },
  {
    name: 'marker-as-link',
    about: 'the target of a marker that is a hard link is not looked up',
    implementations,
    link: source.image,
    cases: ['merge/whiteout-any-type'],
    remove: eachEntry(entry => {
      const kind = entryKindOf(pathOf(nameOf(entry)));
      if (entry.type !== '1' || kind === 'ordinary' || kind === 'rejected') return false;
      entry.type = ascii('0');
      return true;
    }),
  },
  {
    name: 'link-to-itself',
    about: 'a hard link to its own path, or to a path below it, is rejected',
    implementations,
    link: source.image,
    cases: ['merge/link-itself', 'merge/link-into-itself'],
    remove: eachEntry(entry => {
      if (entry.type !== '1') return false;
      const path = pathOf(nameOf(entry));
      const target = pathOf(linkOf(entry));
      return path.length > 0 && path.every((part, i) => part === target[i]) && 'remove';
    }),
  },
  {
    name: 'device-zero-linked',
    about: 'a character device 0:0 with several names is valid in a tree, and only the writer rejects it',
    implementations,
    link: source.writer,
    cases: ['merge/device-zero'],
    remove: ({ layers }) => {
      const entries = layers.flatMap(layer => layer.entries);
      const linked = new Set(
        entries.filter(({ type }) => type === '1').map(entry => pathOf(linkOf(entry)).join('/')),
      );
      const zeros = entries.filter(
        entry =>
          entry.type === '3' &&
          entry.major + entry.minor === 0 &&
          linked.has(pathOf(nameOf(entry)).join('/')),
      );
      for (const entry of zeros) entry.minor = 1;
      return zeros.length > 0;
    },
  },
  {
    name: 'marker-without-directory',
    about: 'a marker whose directory does not exist has no effect',
    implementations,
    link: source.image,
    cases: ['merge/whiteout-of-nothing', 'merge/whiteout-before-its-directory'],
    remove: eachLayer((layer, lower) => {
      const upper = lower.copy();
      upper.apply(layer.entries);
      return filterEntries(layer, entry => {
        const path = markerPath(entry);
        if (path === undefined) return true;
        const directory = path.slice(0, -1);
        if (reaches(lower, directory) === 'directory') return true;
        // A marker that is rejected stays.
        const outcomes = [reaches(lower, directory), reaches(upper, directory)];
        return outcomes[1] === 'blocked' || (outcomes[1] === 'missing' && outcomes[0] === 'blocked');
      });
    }),
  },
  {
    name: 'marker-order',
    about: 'markers apply only to lower layers, whatever their position in the archive',
    implementations,
    link: source.order,
    cases: [
      ...['merge/whiteout-after-entry', 'merge/opaque-last', 'merge/whiteout-directory-anew'],
      ...['merge/link-deleted-after', 'merge/link-target-anew'],
    ],
    remove: eachLayer(layer => {
      const markers = layer.entries.filter(entry => markerPath(entry) !== undefined);
      const others = layer.entries.filter(entry => markerPath(entry) === undefined);
      const depth = (entry: TarEntry) => markerPath(entry)?.length ?? 0;
      const ordered = [...markers.sort((a, b) => depth(b) - depth(a)), ...others];
      const moved = ordered.some((each, i) => each !== layer.entries[i]);
      layer.entries = ordered;
      return moved;
    }),
  },
  {
    name: 'implied-parents',
    about: 'parent directories without an entry are implied',
    implementations,
    link: source.parents,
    cases: ['merge/implied-parents', 'merge/implied-then-explicit', 'merge/link-implies-parent'],
    remove: eachLayer((layer, lower) => {
      const now = lower.copy();
      for (const entry of layer.entries) now.mark(pathOf(nameOf(entry)));
      const entries: TarEntry[] = [];
      for (const entry of layer.entries) {
        const path = pathOf(nameOf(entry));
        entries.push(...missingParents(now, path), entry);
        now.add(entry);
      }
      const added = entries.length > layer.entries.length;
      layer.entries = entries;
      return added;
    }),
  },
  {
    name: 'usr-no-directory',
    about: 'an image does not need a directory /usr',
    implementations,
    link: source.tree,
    cases: ['transform/usr-missing', 'transform/usr-symlink'],
    remove: addingLayer(tree =>
      tree.kind([ascii('usr')]) === 'directory' ? [] : [directoryEntry([ascii('usr')])],
    ),
  },
  {
    name: 'run-no-directory',
    about: 'a /run that is not a directory is kept',
    implementations,
    link: source.tree,
    cases: ['transform/run-symlink', 'transform/run-file'],
    remove: addingLayer(tree =>
      tree.kind([ascii('run')]) === 'leaf' ? [directoryEntry([ascii('run')])] : [],
    ),
  },
  {
    name: 'boot-no-directory',
    about: 'a bootable image does not need the directories /boot and /sysroot',
    implementations,
    link: source.tree,
    cases: ['transform/bootable-missing', 'transform/bootable-no-directories'],
    remove: addingLayer((tree, role) =>
      ['boot', 'sysroot']
        .map(name => [ascii(name)])
        .filter(path => role === 'merged.bootable' && tree.kind(path) !== 'directory')
        .map(directoryEntry),
    ),
  },
  {
    name: 'selinux-policy',
    about: 'a bootable image is rejected if its SELinux configuration is not read alike by other programs',
    implementations,
    link: source.tree,
    cases: ['selinux/config-nul', 'selinux/config-not-ascii', 'selinux/config-twice'],
    remove: addingLayer((tree, role) => {
      const config = ['etc', 'selinux', 'config'].map(ascii);
      if (role !== 'merged.bootable' || tree.kind(config) !== 'leaf') return [];
      return [plainEntry('0', ascii('etc/selinux/.wh.config'))];
    }),
  },
];

/** Entries for the missing parent directories of an ordinary entry, if it can be applied. */
function missingParents(tree: Outline, path: Path): TarEntry[] {
  const broken = tree.brokenAt(path);
  if (broken === undefined || entryKindOf(path) !== 'ordinary') return [];
  if (tree.kind(path.slice(0, broken)) === 'leaf') return [];
  const lengths = Array.from({ length: path.length - broken }, (_, i) => broken + i);
  return lengths.map(length => directoryEntry(path.slice(0, length)));
}

function directoryEntry(path: Path): TarEntry {
  const entry = plainEntry('5', ascii(''));
  rename(entry, `${path.join('/')}/` as ByteString);
  return entry;
}

function filterEntries(layer: TarLayer, keeps: (entry: TarEntry) => boolean): boolean {
  const kept = layer.entries.filter(keeps);
  const removed = kept.length < layer.entries.length;
  layer.entries = kept;
  return removed;
}

/** The path of a marker; undefined if the entry is not a marker. */
function markerPath(entry: TarEntry): Path | undefined {
  const path = pathOf(nameOf(entry));
  const kind = entryKindOf(path);
  return kind === 'whiteout' || kind === 'opaque' ? path : undefined;
}

/** Whether a path leads to a directory, does not exist, or is blocked by a leaf. */
function reaches(tree: Outline, path: Path): 'directory' | 'missing' | 'blocked' {
  const broken = tree.brokenAt(path);
  const kind = tree.kind(path.slice(0, broken ?? path.length));
  if (kind === 'leaf') return 'blocked';
  return broken === undefined && kind === 'directory' ? 'directory' : 'missing';
}
