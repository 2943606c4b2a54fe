/**
 * Compares the entries of a table of contents with those of the archive (spec/chunked.md, "Entries").
 * @module
 */

import type { ByteString } from '../bytes.ts';
import type { TarEntry } from '../tar/entry.ts';
import type { Xattrs } from '../tree/inode.ts';
import { present, type RawFields } from './raw-headers.ts';
import type { TocEntry, TocEntryType } from './toc.ts';

const typeOfKind: Readonly<Record<TarEntry['kind'], TocEntryType>> = {
  directory: 'dir',
  file: 'reg',
  symlink: 'symlink',
  hardlink: 'hardlink',
  character: 'char',
  block: 'block',
  fifo: 'fifo',
};

/** The first member of `entry` that differs from the entry of the archive, or undefined (TOC-030, TOC-031, TOC-032). */
export function differingMember(entry: TocEntry, tar: TarEntry, raw: RawFields): string | undefined {
  const pairs: readonly (readonly [name: string, found: unknown, expected: unknown])[] = [
    ['type', entry.type, typeOfKind[tar.kind]],
    ['name', entry.name, tar.name],
    ['mode', entry.mode, raw.mode],
    ['uid', entry.uid, tar.uid],
    ['gid', entry.gid, tar.gid],
    ['modtime', entry.modtime, present(tar.mtime.sec * 1000000000n + BigInt(tar.mtime.nsec))],
    ['accesstime', entry.accesstime, raw.accesstime],
    ['changetime', entry.changetime, raw.changetime],
    ...membersOfKind(entry, tar, raw),
  ];
  for (const [name, found, expected] of pairs) if (found !== expected) return name;
  return equalXattrs(entry.xattrs, tar.xattrs) ? undefined : 'xattrs';
}

/** Members that count only for some types. */
function membersOfKind(
  entry: TocEntry,
  tar: TarEntry,
  raw: RawFields,
): (readonly [name: string, found: unknown, expected: unknown])[] {
  switch (tar.kind) {
    case 'file':
      return [['size', entry.size, tar.size]];
    case 'symlink':
    case 'hardlink':
      return [['linkName', entry.linkName, raw.link]];
    case 'character':
    case 'block':
      return [
        ['devMajor', entry.devMajor, (tar.rdev >>> 8) & 0xfff],
        ['devMinor', entry.devMinor, (tar.rdev & 0xff) | ((tar.rdev >>> 12) & 0xfff00)],
      ];
    case 'directory':
    case 'fifo':
      return [];
  }
}

function equalXattrs(a: Xattrs, b: Xattrs): boolean {
  return (
    a.size === b.size && [...a].every(([name, value]: [ByteString, ByteString]) => b.get(name) === value)
  );
}
