/**
 * Writes an entry in one of many equivalent ways: its name in the header, with a prefix, as a long name or as a record;
 * numbers in the header or as records; and fields and records that have no effect.
 * @module
 */

import { ascii, type ByteString, joinBytes } from '../../../../reference/bytes.ts';
import type { RandomBytes } from '../../../generate/random-trees/random-bytes.ts';
import { type Extension, type Form, type PaxRecord, plainEntry, type TarEntry } from './layer-set.ts';
import type { Path } from './outline.ts';

/** The meaning of an entry. */
export interface IntendedEntry {
  readonly type: ByteString;
  readonly path: Path;
  /** The target of a symbolic link. */
  readonly link: ByteString;
  /** The target of a hard link. */
  readonly target?: Path;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sec: bigint;
  readonly nsec: number;
  readonly xattrs: readonly PaxRecord[];
  readonly content: ByteString;
  readonly major: number;
  readonly minor: number;
}

type Style = 'ustar' | 'gnu' | 'pax' | 'v7';
const styles: readonly Style[] = ['ustar', 'gnu', 'pax', 'pax', 'pax', 'v7'];

const NAME = 100;
const PREFIX = 155;
/** Numbers from here on do not fit into the octal digits of a field. */
const OCTAL_LIMIT = { id: 8n ** 7n, time: 8n ** 11n };

const harmless: readonly PaxRecord[] = [
  ['comment', 'x'],
  ['atime', '1.5'],
  ['ctime', '-1'],
  ['uname', 'root'],
  ['hdrcharset', 'BINARY'],
  ['charset', 'ISO-IR 8859 1 1998'],
  ['LIBARCHIVE.xattr.user.a', 'dg=='],
  ['RHT.security.selinux', 's'],
  ['SCHILY.acl.access', 'user::rwx'],
  ['SCHILY.fflags', 'nodump'],
  ['SCHILY.dev', '9'],
  ['mtimes', '5'],
].map(([key = '', value = '']) => [ascii(key), ascii(value)]);

/** Records that have no effect in a global header. */
const globals: readonly PaxRecord[] = [
  ['path', 'g'],
  ['uid', '7'],
  ['mtime', '7'],
  ['comment', '0123456789abcdef'],
  ['SCHILY.xattr.user.g', 'g'],
].map(([key = '', value = '']) => [ascii(key), ascii(value)]);

export class EntryWriter {
  readonly #random: RandomBytes;

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  write(intended: IntendedEntry): TarEntry {
    const random = this.#random;
    const { type, mode, content, major, minor, xattrs } = intended;
    const style = this.#style(intended);
    const form: Form = style === 'pax' ? random.pick(['ustar', 'ustar', 'gnu']) : style;
    const entry = { ...plainEntry(type, ascii('')), form, mode, content, major, minor };
    const records: PaxRecord[] = [];
    this.#name(entry, this.#spelledPath(intended), style, records);
    const link = intended.target === undefined ? intended.link : this.#spelledTarget(intended.target);
    this.#link(entry, link, style, records);
    this.#numbers(entry, intended, style, records);
    for (const [name, value] of xattrs) records.push([joinBytes(ascii('SCHILY.xattr.'), name), value]);
    if (records.length > 0 || (style === 'pax' && random.once(4))) this.#pax(entry, records);
    if (random.once(20)) this.#global(entry);
    if (random.once(8)) entry.spelling = random.pick(['spaces', 'base-256']);
    return entry;
  }

  /** The v7 format has no devices, and no extended headers. */
  #style({ type, path, link, target = [], xattrs, nsec }: IntendedEntry): Style {
    const style = this.#random.pick(styles);
    const long = [path.join('/'), link, target.join('/')].some(text => text.length > NAME - 20);
    const device = type === '3' || type === '4';
    return style === 'v7' && (long || device || xattrs.length > 0 || nsec > 0) ? 'ustar' : style;
  }

  #spelledPath({ path, type }: IntendedEntry): ByteString {
    const random = this.#random;
    if (path.length === 0) return ascii(random.pick(['./', '.', '/', './/.']));
    const end = type === '5' ? random.pick(['/', '/', '/', '', '//', '/.']) : '';
    return joinBytes(this.#spelledTarget(path), ascii(end));
  }

  #spelledTarget(path: Path): ByteString {
    const random = this.#random;
    const start = random.pick(['', '', '', './', '/', '//', '/./']);
    const between = random.pick(['/', '/', '/', '/', '//', '/./']);
    return `${start}${path.join(between)}` as ByteString;
  }

  #name(entry: TarEntry, name: ByteString, style: Style, records: PaxRecord[]): void {
    const random = this.#random;
    if (style === 'pax' && (random.once(2) || name.length > NAME)) {
      if (random.once(6)) records.push([ascii('path'), ascii('earlier')]);
      records.push([ascii('path'), name]);
      entry.name = random.pick([ascii('header'), name.slice(0, NAME) as ByteString, ascii('')]);
      // Some implementations read an entry of type NUL as a directory if its name in the header ends with a slash.
      if (entry.type === '\0' && entry.name.endsWith('/')) entry.name = ascii('header');
      return;
    }
    const slash = style === 'ustar' || style === 'pax' ? splitAt(name) : undefined;
    if (slash !== undefined && entry.form === 'ustar' && (name.length > NAME || random.once(3))) {
      entry.prefix = name.slice(0, slash) as ByteString;
      entry.name = name.slice(slash + 1) as ByteString;
    } else if (name.length > NAME || (style === 'gnu' && random.once(6))) {
      entry.extensions.push({ kind: 'name', text: name });
      entry.name = name.slice(0, NAME) as ByteString;
      if (entry.type === '\0' && entry.name.endsWith('/')) entry.name = ascii('long');
    } else {
      entry.name = name;
    }
  }

  #link(entry: TarEntry, link: ByteString, style: Style, records: PaxRecord[]): void {
    const random = this.#random;
    if (link === '') return;
    if (style === 'pax' && (random.once(2) || link.length > NAME)) {
      if (random.once(6)) records.push([ascii('linkpath'), ascii('earlier')]);
      records.push([ascii('linkpath'), link]);
      entry.link = random.pick([ascii(''), ascii('header'), link.slice(0, NAME) as ByteString]);
    } else if (link.length > NAME || (style === 'gnu' && random.once(6))) {
      entry.extensions.push({ kind: 'link', text: link });
      entry.link = link.slice(0, NAME) as ByteString;
    } else {
      entry.link = link;
    }
  }

  #numbers(
    entry: TarEntry,
    { uid, gid, sec, nsec, content }: IntendedEntry,
    style: Style,
    records: PaxRecord[],
  ): void {
    const random = this.#random;
    const record = (large: boolean) =>
      style === 'pax' ? large || random.once(3) : style === 'ustar' && large && random.once(2);
    for (const [key, id] of [
      ['uid', uid],
      ['gid', gid],
    ] as const) {
      if (record(BigInt(id) >= OCTAL_LIMIT.id)) {
        if (random.once(6)) records.push([ascii(key), ascii('4711')]);
        records.push([ascii(key), ascii(`${random.once(8) ? '00' : ''}${id}`)]);
      } else {
        entry[key] = id;
      }
    }
    if (nsec > 0 || record(sec >= OCTAL_LIMIT.time)) records.push([ascii('mtime'), this.#time(sec, nsec)]);
    else entry.mtime = sec;
    if (style === 'pax' && random.once(6)) {
      records.push([ascii('size'), ascii(String(content.length))]);
      entry.size = random.pick([0, content.length, 1000]);
      if (!/[07\0]/.test(entry.type)) entry.size = 0;
    }
  }

  /** Only nine digits of a fraction matter, and trailing zeros do not. */
  #time(sec: bigint, nsec: number): ByteString {
    const random = this.#random;
    const fraction = String(nsec).padStart(9, '0');
    if (nsec === 0)
      return ascii(random.pick([`${sec}`, `${sec}`, `${sec}.`, `${sec}.0`, `0${sec}.000000000`]));
    const short = fraction.replace(/0+$/, '');
    return ascii(`${sec}.${random.pick([fraction, short, `${fraction}9`, `${fraction}000`])}`);
  }

  #pax(entry: TarEntry, records: PaxRecord[]): void {
    const random = this.#random;
    if (random.once(4)) records.push(random.pick(harmless));
    if (random.once(4)) records.unshift(random.pick(harmless));
    const extension: Extension = { kind: 'pax', records };
    if (random.once(2)) entry.extensions.push(extension);
    else entry.extensions.unshift(extension);
  }

  #global(entry: TarEntry): void {
    const records = Array.from({ length: 1 + this.#random.below(3) }, () => this.#random.pick(globals));
    entry.extensions.unshift({ kind: 'global', records });
  }
}

/** The index of a slash at which a name can be split into a prefix and a name. */
function splitAt(name: ByteString): number | undefined {
  for (let at = Math.min(PREFIX, name.length - 2); at > 0; at--) {
    if (name[at] === '/' && name.length - at - 1 <= NAME) return at;
  }
  return undefined;
}
