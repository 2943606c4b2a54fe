/**
 * Known differences on tar headers: names, numbers, contents, and the end of the archive.
 * @module
 */

import { ascii, type ByteString } from '../../../../reference/bytes.ts';
import type { KnownDifference } from '../../../generate/random-trees/known-differences.ts';
import type { Extension, LayerSet, TarEntry } from '../layer-sets/layer-set.ts';
import { relink, rename } from '../layer-sets/odd-entries.ts';
import { linkOf, nameOf, type Path, pathOf } from '../layer-sets/outline.ts';
import {
  changeRecords,
  dropRecords,
  eachEntry,
  eachLayer,
  implementations,
  isDevice,
  source,
} from './changes.ts';

export const headerDifferences: readonly KnownDifference<LayerSet>[] = [
  {
    name: 'type-bits',
    about: 'only the lower 12 bits of a mode are used',
    implementations,
    link: source.dumpfile,
    cases: ['layers/type-bits-in-the-mode'],
    remove: eachEntry(entry => {
      const had = entry.mode > 0o7777;
      entry.mode &= 0o7777;
      return had;
    }),
  },
  {
    name: 'number-forms',
    about: 'a number in a header is octal digits, with leading spaces allowed, or base-256, and not negative',
    implementations,
    link: source.header,
    cases: [
      'layers/number-plus',
      'layers/number-tab',
      'layers/number-nul-first',
      'layers/number-blank',
      'layers/number-rest',
      'layers/mtime-negative',
      'layers/uid-negative',
    ],
    remove: eachEntry(entry => {
      const odd = !['octal', 'spaces', 'base-256'].includes(entry.spelling);
      if (odd) entry.spelling = 'octal';
      const changed = [
        ...(['uid', 'gid'] as const).map(key => replaceNegativeId(entry, key)),
        replaceOddTime(entry),
      ];
      return changed.includes(true) || odd;
    }),
  },
  {
    name: 'ids-above-32-bits',
    about: 'an owner or group of 2^32 or more is rejected',
    implementations,
    link: source.tar,
    cases: ['layers/uid-too-large', 'layers/gid-too-large'],
    remove: eachEntry(entry => {
      const records = changeRecords(entry, /^[ug]id$/, (_, value) =>
        /^\d+$/.test(value) && Number(value) >= 2 ** 32 ? '5' : value,
      );
      return (['uid', 'gid'] as const).map(key => replaceLargeId(entry, key)).includes(true) || records;
    }),
  },
  {
    name: 'device-numbers',
    about: 'a device number that does not fit into 32 bits is rejected',
    implementations,
    link: source.tar,
    cases: ['layers/major-too-large', 'layers/minor-too-large'],
    remove: eachEntry(entry => {
      if (!isDevice(entry) || (entry.major < 2 ** 12 && entry.minor < 2 ** 20)) return false;
      Object.assign(entry, { major: 1, minor: 1 });
      return true;
    }),
  },
  {
    name: 'name-from-both',
    about: 'a record together with a long name or a long link target is rejected',
    implementations,
    link: source.parser,
    cases: ['layers/two-sources-of-name', 'layers/two-sources-of-target'],
    remove: eachEntry(entry =>
      dropLong(entry, each => hasRecord(entry, each.kind === 'name' ? 'path' : 'linkpath')),
    ),
  },
  {
    name: 'long-name-nul',
    about: 'a long name or link target that is empty or contains a NUL is rejected',
    implementations,
    link: source.parser,
    cases: ['layers/long-name-inner-nul', 'layers/long-name-two-nuls', 'layers/long-link-inner-nul'],
    remove: eachEntry(entry => dropLong(entry, each => each.text.includes('\0') || each.text === '')),
  },
  {
    name: 'nul-in-names',
    about: 'a name or target that contains a NUL is rejected',
    implementations,
    link: source.parser,
    cases: ['layers/name-nul', 'layers/target-nul'],
    remove: eachEntry(entry => {
      const name = nameOf(entry);
      const link = linkOf(entry);
      if (name.includes('\0')) rename(entry, name.replaceAll('\0', 'N') as ByteString);
      if (isLink(entry) && link.includes('\0')) relink(entry, link.replaceAll('\0', 'N') as ByteString);
      return name.includes('\0') || (isLink(entry) && link.includes('\0'));
    }),
  },
  {
    name: 'prefix-elsewhere',
    about: 'a GNU or v7 header with a prefix is rejected',
    implementations,
    link: source.header,
    cases: ['layers/gnu-prefix', 'layers/magic-with-digit-prefix', 'layers/star-prefix'],
    remove: eachEntry(entry => {
      if (entry.form === 'ustar' || entry.prefix === '') return false;
      entry.prefix = ascii('');
      return true;
    }),
  },
  {
    name: 'content-of-no-file',
    about: 'an entry that is not a regular file has no content; its size is ignored or rejected',
    implementations,
    link: source.parser,
    cases: ['layers/size-of-directory-content'],
    remove: eachEntry(entry => {
      if (!/[1-6]/.test(entry.type)) return false;
      const records = dropRecords(entry, (key, value) => key === 'size' && value !== '0');
      const had = entry.content !== '' || (entry.size ?? 0) !== 0;
      entry.content = ascii('');
      if (had) delete entry.size;
      return had || records;
    }),
  },
  {
    name: 'link-targets',
    about: 'the target of a symbolic link must have 1 to 4095 bytes',
    implementations,
    link: source.parser,
    cases: ['layers/target-empty', 'layers/target-too-long'],
    remove: eachEntry(entry => {
      const link = linkOf(entry);
      if (entry.type !== '2' || (link !== '' && link.length < 4096)) return false;
      relink(entry, ascii('t'));
      return true;
    }),
  },
  {
    name: 'hard-link-slash',
    about: 'a hard link whose target ends with a slash or "." is rejected',
    implementations,
    link: source.tar,
    cases: ['layers/link-slash'],
    remove: eachEntry(entry => {
      const link = linkOf(entry);
      const path = pathOf(link);
      if (entry.type !== '1' || path.length === 0 || !/(?:^|\/)\.?$/.test(link)) return false;
      relink(entry, path.join('/') as ByteString);
      return true;
    }),
  },
  {
    name: 'name-slash',
    about: 'an entry that is not a directory, but has a name that ends with a slash or ".", is rejected',
    implementations,
    link: source.tar,
    cases: ['layers/file-slash', 'layers/file-slash-nul', 'layers/file-dot', 'layers/old-directory-renamed'],
    remove: eachEntry(entry => {
      if (entry.type === '5' || pathOf(nameOf(entry)).length === 0) return false;
      const old = entry.type === '\0' && entry.name.endsWith('/');
      if (!old && !/(?:^|\/)\.?$/.test(nameOf(entry))) return false;
      if (old) entry.name = ascii('n');
      rename(entry, pathOf(nameOf(entry)).join('/') as ByteString);
      return true;
    }),
  },
  {
    name: 'name-dot-dot',
    about: 'a directory whose name ends with ".." is rejected',
    implementations,
    link: source.image,
    cases: ['layers/name-parent-last'],
    remove: eachEntry(entry => entry.type === '5' && pathOf(nameOf(entry)).at(-1) === '..' && 'remove'),
  },
  {
    name: 'long-parts',
    about: 'a name in a path may have at most 255 bytes, and a path at most 4095',
    implementations,
    link: source.parser,
    cases: ['layers/part-too-long', 'layers/path-too-long'],
    remove: eachEntry(entry => {
      const long = (path: Path) => path.some(part => part.length > 255) || path.join('/').length > 4095;
      const target = entry.type === '1' && long(pathOf(linkOf(entry)));
      return (long(pathOf(nameOf(entry))) || target) && 'remove';
    }),
  },
  {
    name: 'global-between',
    about: 'a global header between another extended header and its entry is rejected',
    implementations,
    link: source.tar,
    cases: ['layers/global-in-between'],
    remove: eachEntry(({ extensions }) => {
      const globals = extensions.filter(each => each.kind === 'global');
      const others = extensions.filter(each => each.kind !== 'global');
      const ordered: Extension[] = [...globals, ...others];
      const moved = ordered.some((each, i) => each !== extensions[i]);
      extensions.splice(0, extensions.length, ...ordered);
      return moved;
    }),
  },
  {
    name: 'zero-block',
    about: 'a single block of zeros inside an archive is not skipped',
    implementations,
    link: source.parser,
    cases: ['layers/zero-block-inside'],
    remove: eachEntry(entry => {
      const kept = entry.extensions.filter(each => each.kind !== 'zeros');
      const had = kept.length < entry.extensions.length;
      entry.extensions = kept;
      return had;
    }),
  },
  {
    name: 'end-of-archive',
    about: 'an archive may end with a single block of zeros, or without one',
    implementations,
    link: source.parser,
    cases: ['layers/end-of-one-block', 'layers/end-missing-after-directory'],
    remove: eachLayer(layer => {
      if (layer.end !== 'one' && layer.end !== 'none') return false;
      layer.end = 'two';
      return true;
    }),
  },
];

function isLink({ type }: TarEntry): boolean {
  return type === '1' || type === '2';
}

function replaceNegativeId(entry: TarEntry, key: 'uid' | 'gid'): boolean {
  if (entry[key] >= 0) return false;
  entry[key] = 1;
  return true;
}

function replaceOddTime(entry: TarEntry): boolean {
  if (entry.mtime >= 0n && entry.mtime < 2n ** 63n) return false;
  entry.mtime = 1n;
  return true;
}

function replaceLargeId(entry: TarEntry, key: 'uid' | 'gid'): boolean {
  if (entry[key] < 2 ** 32) return false;
  entry[key] = 1;
  return true;
}

function hasRecord({ extensions }: TarEntry, keyword: string): boolean {
  return extensions.some(each => each.kind === 'pax' && each.records.some(([key]) => key === keyword));
}

function dropLong(
  entry: TarEntry,
  drops: (each: Extract<Extension, { text: ByteString }>) => boolean,
): boolean {
  const kept = entry.extensions.filter(each => !('text' in each) || !drops(each));
  const dropped = kept.length < entry.extensions.length;
  entry.extensions = kept;
  return dropped;
}
