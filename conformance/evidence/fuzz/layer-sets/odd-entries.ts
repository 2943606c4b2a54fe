/**
 * Changes that make an entry odd: rejected by the standard or by an implementation, or read in different ways.
 * @module
 */

import { ascii, type ByteString, joinBytes } from '../../../../reference/bytes.ts';
import type { RandomBytes } from '../../../generate/random-trees/random-bytes.ts';
import { type Extension, type PaxRecord, spellings, type TarEntry } from './layer-set.ts';
import { linkOf, nameOf } from './outline.ts';

/** Changes the entry in one odd way. */
export function makeOdd(entry: TarEntry, random: RandomBytes): void {
  random.pick(oddities)(entry, random);
}

type Oddity = (entry: TarEntry, random: RandomBytes) => void;

/** The PAX records of an entry, to which more can be added. Adds an extended header if there is none. */
export function recordsOf(entry: TarEntry): PaxRecord[] {
  const found = entry.extensions.find(each => each.kind === 'pax');
  if (found !== undefined && 'records' in found) return found.records;
  const added: Extension = { kind: 'pax', records: [] };
  entry.extensions.push(added);
  return added.records;
}

/** Appends one of the records; keywords and values have one character per byte. */
function adds(...choices: readonly (readonly [key: string, value: string])[]): Oddity {
  return (entry, random) => {
    const [key, value] = random.pick(choices);
    recordsOf(entry).push([key as ByteString, value as ByteString]);
  };
}

/** Gives an entry another name, and removes records and long names that would override it. */
export function rename(entry: TarEntry, name: ByteString): void {
  removeOverrides(entry, 'path', 'name');
  entry.prefix = ascii('');
  if (name.length <= 100 && !name.includes('\0')) entry.name = name;
  else recordsOf(entry).push([ascii('path'), name]);
}

/** Gives an entry another link target, and removes records and long link targets that would override it. */
export function relink(entry: TarEntry, link: ByteString): void {
  removeOverrides(entry, 'linkpath', 'link');
  if (link.length <= 100 && !link.includes('\0')) entry.link = link;
  else recordsOf(entry).push([ascii('linkpath'), link]);
}

function removeOverrides(entry: TarEntry, keyword: string, long: 'name' | 'link'): void {
  entry.extensions = entry.extensions.filter(each => each.kind !== long);
  for (const each of entry.extensions) {
    if (each.kind === 'pax') each.records = each.records.filter(([key]) => key !== keyword);
  }
}

function inDirectoryOf(entry: TarEntry, name: string): ByteString {
  const path = nameOf(entry);
  return `${path.slice(0, path.lastIndexOf('/') + 1)}${name}` as ByteString;
}

const time = (value: string) => ['mtime', value] as const;

const oddities: readonly Oddity[] = [
  // Names.
  (entry, random) => rename(entry, inDirectoryOf(entry, random.pick(['.wh.', '.wh..', '.wh...']))),
  (entry, random) =>
    rename(
      entry,
      inDirectoryOf(entry, random.pick(['.wh..wh.plnk/1', '.wh..wh.aufs', '.wh..wh.opq', '.wh..wh.'])),
    ),
  (entry, random) =>
    rename(entry, inDirectoryOf(entry, random.pick(['.wh.a/b', '.wh..wh..opq/b', 'a.wh.', '.wha']))),
  (entry, random) => rename(entry, joinBytes(nameOf(entry), ascii(random.pick(['/..', '/../a', '/../..'])))),
  (entry, random) => rename(entry, joinBytes(nameOf(entry), ascii(random.pick(['/', '/.'])))),
  (entry, random) => rename(entry, ascii(random.pick(['', '..', './', '.', '/', '../a']))),
  (entry, random) => rename(entry, joinBytes(nameOf(entry), ascii(random.pick(['\0', '\0b'])))),
  (entry, random) => rename(entry, ascii(`${'p'.repeat(random.pick([255, 256, 257]))}/a`)),
  (entry, random) =>
    rename(entry, ascii(`${`${'q'.repeat(254)}/`.repeat(16)}${'r'.repeat(random.pick([14, 15, 16]))}`)),
  (entry, random) => {
    const text = random.pick([`${nameOf(entry)}\0`, '', '\0', `a\0b`, nameOf(entry)]) as ByteString;
    entry.extensions.unshift({ kind: 'name', text });
  },
  // Links.
  entry => {
    entry.type = ascii('1');
    entry.content = ascii('');
    relink(entry, nameOf(entry).replace(/\/+$/, '') as ByteString);
  },
  entry => {
    entry.type = ascii('1');
    entry.content = ascii('');
    relink(entry, joinBytes(nameOf(entry), ascii('/a')));
  },
  (entry, random) =>
    relink(entry, joinBytes(linkOf(entry), ascii(random.pick(['/', '/.', '/..', '/../a', '\0', '\0a'])))),
  (entry, random) =>
    relink(entry, ascii(random.pick(['', '.', '/', '..', 's'.repeat(4095), 's'.repeat(4096)]))),
  (entry, random) => {
    const text = random.pick([linkOf(entry), '', '\0', 'a\0b']) as ByteString;
    entry.extensions.unshift({ kind: 'link', text });
  },
  entry => {
    entry.type = ascii('1');
    entry.content = ascii('');
    rename(entry, inDirectoryOf(entry, '.wh.a'));
    relink(entry, ascii('nowhere'));
  },
  // Types, and fields that depend on them.
  (entry, random) => {
    entry.type = ascii(random.pick(['V', 'M', 'D', 'N', 'S', 'A', 'X', '8', 'x', 'L']));
    // With a magic these would be extended headers, which are generated as such elsewhere.
    if (/[xL]/.test(entry.type)) entry.form = 'v7';
  },
  (entry, random) => {
    entry.type = ascii(random.pick(['0', '1', '2', '3', '4', '5', '6', '7', '\0']));
  },
  (entry, random) => {
    entry.content = ascii('c'.repeat(random.pick([1, 64, 65, 512, 600])));
  },
  (entry, random) => {
    entry.major = random.pick([4095, 4096, 2 ** 20]);
    entry.minor = random.pick([0, 2 ** 20, 2 ** 21 - 1]);
  },
  (entry, random) => {
    entry.type = ascii(random.pick(['0', '3', '4']));
    recordsOf(entry).push([ascii(random.pick(['SCHILY.devmajor', 'SCHILY.devminor'])), ascii('5')]);
  },
  entry => {
    entry.form = 'v7';
  },
  (entry, random) => {
    entry.form = random.pick(['gnu', 'v7', 'ustar']);
    entry.prefix = ascii(random.pick(['a', 'usr', '12345670123\0']));
  },
  // Numbers.
  (entry, random) => {
    entry.spelling = random.pick(spellings);
  },
  (entry, random) => {
    const value = random.pick([-1, -2, 2 ** 32, 2 ** 32 + 5, 2 ** 53]);
    entry[random.pick(['uid', 'gid'] as const)] = value;
  },
  (entry, random) => {
    entry.mtime = random.pick([-1n, -(2n ** 40n), 2n ** 63n, 2n ** 64n + 5n]);
  },
  adds(
    ['uid', '4294967296'],
    ['gid', '4294967297'],
    ['uid', '+5'],
    ['gid', '-1'],
    ['uid', ''],
    ['gid', '0x5'],
    ['uid', ' 5'],
    ['gid', '18446744073709551616'],
    ['uid', '1.0'],
  ),
  adds(['size', '+0'], ['size', ''], ['size', '-1'], ['size', '1'], ['size', '512']),
  adds(
    ...['+5', '-1', '-0.5', '.5', '1.5x', '1.5.5', '1,5', '1e3', '', ' 1', '1.123456789x', '1.+5'].map(time),
    // A two-byte UTF-8 character at the ninth digit of the fraction.
    ...['1.12345678\xc3\xa9', '9223372036854775807', '9223372036854775808', '18446744073709551616'].map(time),
  ),
  entry => {
    const records = recordsOf(entry);
    records.push([ascii('mtime'), ascii('5.25')], [ascii('mtime'), ascii('6.75')]);
  },
  // Records.
  adds(['path', ''], ['linkpath', '']),
  (entry, random) => {
    recordsOf(entry).unshift([ascii(random.pick(['path', 'path', 'linkpath'])), ascii('')]);
    if (random.once(2)) recordsOf(entry).push([ascii('path'), nameOf(entry)]);
  },
  adds(
    ['SCHILY.xattr.user.a', '1'],
    ['SCHILY.xattr.user.a%3Db', '1'],
    ['SCHILY.xattr.user.a%25', '1'],
    ['SCHILY.xattr.', '1'],
    ['SCHILY.xattr.security.capability', '2'],
    [`SCHILY.xattr.user.${'x'.repeat(250)}`, '1'],
    [`SCHILY.xattr.user.${'x'.repeat(251)}`, '1'],
    ['SCHILY.xattr.user.\0', '1'],
  ),
  adds(
    ['GNU.sparse.major', '1'],
    ['GNU.sparse.name', 'sparse'],
    ['GNU.sparse.map', '0,0'],
    ['GNU.sparse.size', '5'],
    ['SCHILY.realsize', '5'],
    ['SUN.holesdata', ' 0'],
    ['SCHILY.filetype', 'sparse'],
  ),
  adds(['', '1'], ['\xff', '1'], ['user.\0', '1']),
  (entry, random) => {
    recordsOf(entry);
    const rest = ascii(
      random.pick(['\0\0', 'x', '5 a\n', '6 a=b\n', '99 a=b\n', '07 a=b\n', '7 a=bc', '+6 a=\n']),
    );
    for (const each of entry.extensions) if (each.kind === 'pax') each.rest = rest;
  },
  // Extended headers.
  (entry, random) => {
    const records: PaxRecord[] = [[ascii('comment'), ascii('x')]];
    const global: Extension = { kind: 'global', records, ...(random.once(3) && { rest: ascii('x') }) };
    entry.extensions.splice(random.below(entry.extensions.length + 1), 0, global);
  },
  entry => {
    entry.extensions.push({ kind: 'pax', records: [[ascii('comment'), ascii('x')]] });
  },
  (entry, random) => {
    entry.extensions.splice(random.below(entry.extensions.length + 1), 0, { kind: 'zeros' });
  },
];
