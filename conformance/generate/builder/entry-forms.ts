/**
 * Entry forms: equivalent ways to write one entry of a tar archive, each with the extended headers that it needs.
 * @module
 */

import {
  type Bytes,
  base256,
  bytes,
  concat,
  entry,
  type Field,
  type Fields,
  GNU,
  longLink,
  longName,
  octal,
  pax,
  USTAR,
} from './tar.ts';

const types = { file: '0', hardlink: '1', symlink: '2', character: '3', directory: '5', fifo: '6' } as const;

/** One entry, independent of its form. */
export interface EntrySpec {
  readonly kind: keyof typeof types;
  /** Without a slash at either end. */
  readonly path: string;
  readonly mode: number;
  /** Default: 0. */
  readonly uid?: number;
  /** Default: 0. */
  readonly gid?: number;
  /** Seconds. Default: 0. */
  readonly mtime?: number;
  /** Digits of the fraction of the mtime. Default: none. */
  readonly fraction?: string;
  readonly content?: Bytes;
  /** Target of a link. */
  readonly link?: string;
  readonly device?: readonly [major: number, minor: number];
  readonly xattrs?: Readonly<Record<string, Bytes>>;
}

/** Writes an entry in one form: its extended headers, header and content. */
export type EntryForm = (spec: EntrySpec) => Uint8Array;

/** A ustar header; a long name is split at a slash into prefix and name. */
export const ustar: EntryForm = spec => {
  const [prefix, name] = split(nameOf(spec));
  return entry({ ...fieldsOf(spec), magic: USTAR, name, prefix }, spec.content);
};

/** A GNU header, after `L` and `K` headers for names and targets that are too long for its fields. */
export const gnu: EntryForm = spec => {
  const name = nameOf(spec);
  const { link = '' } = spec;
  return concat(
    tooLong(link) ? longLink(link) : '',
    tooLong(name) ? longName(name) : '',
    entry({ ...fieldsOf(spec), magic: GNU, name, uid: id(spec.uid), gid: id(spec.gid) }, spec.content),
  );
};

/** A GNU header with all its numbers in base-256, except those of devices. */
export const gnuBase256: EntryForm = spec => {
  const { mode, uid, gid, mtime, size } = { uid: 0, gid: 0, mtime: 0, ...spec, size: sizeOf(spec) };
  const binary = (value: number, width: number) => base256(BigInt(value), width);
  return entry(
    {
      ...fieldsOf(spec),
      magic: GNU,
      name: nameOf(spec),
      mode: binary(mode, 8),
      uid: binary(uid, 8),
      gid: binary(gid, 8),
      size: binary(size, 12),
      mtime: binary(mtime, 12),
    },
    spec.content,
  );
};

/** A ustar header whose numbers have leading spaces and a trailing one. */
export const spaced: EntryForm = spec => {
  const { mode, uid, gid, mtime, size } = { uid: 0, gid: 0, mtime: 0, ...spec, size: sizeOf(spec) };
  const loose = (value: number, width: number) => `${value.toString(8).padStart(width - 1)} `;
  const fields: Fields = {
    mode: loose(mode, 8),
    uid: loose(uid, 8),
    gid: loose(gid, 8),
    size: loose(size, 12),
    mtime: loose(mtime, 12),
  };
  return entry({ ...fieldsOf(spec), ...fields, name: nameOf(spec) }, spec.content);
};

/** PAX records for everything that a record can express, before a header with different values. */
export const paxOnly: EntryForm = spec => {
  const { kind, content, device } = spec;
  const [major, minor] = device ?? [0, 0];
  const hidden = { name: 'hidden', link: 'hidden', uid: 7, gid: 7, mtime: 7, type: types[kind] };
  return concat(pax(recordsOf(spec)), entry({ ...hidden, mode: spec.mode, major, minor }, content));
};

/** As {@link paxOnly}, with the records in reverse order and unknown records between them. */
export const paxReversed: EntryForm = spec => {
  const records = Object.entries(recordsOf(spec)).reverse();
  const between = records.flatMap(([key, value], i) => [
    [`VENDOR.${i}`, 'x'],
    [key, value],
  ]);
  const [major, minor] = spec.device ?? [0, 0];
  return concat(
    pax(Object.fromEntries(between)),
    entry(
      { name: 'hidden', type: types[spec.kind], mode: spec.mode, major, minor, link: 'hidden' },
      spec.content,
    ),
  );
};

/** PAX records only for what the header cannot express, as libarchive and Go write them. */
export const paxWhereNeeded: EntryForm = spec => {
  const name = nameOf(spec);
  const { uid = 0, gid = 0, link = '' } = spec;
  const records = recordsOf(spec);
  const needed: Record<string, Bytes | undefined> = {
    ...Object.fromEntries(Object.entries(records).filter(([key]) => key.startsWith('SCHILY.xattr.'))),
    path: tooLong(name) ? name : undefined,
    linkpath: tooLong(link) ? link : undefined,
    uid: uid > OCTAL_MAX ? String(uid) : undefined,
    gid: gid > OCTAL_MAX ? String(gid) : undefined,
    mtime: spec.fraction === undefined ? undefined : records['mtime'],
  };
  const present = Object.entries(needed).filter((pair): pair is [string, Bytes] => pair[1] !== undefined);
  const header = {
    ...fieldsOf(spec),
    name: name.slice(0, 100),
    link: link.slice(0, 100),
    uid: uid > OCTAL_MAX ? 0 : uid,
    gid: gid > OCTAL_MAX ? 0 : gid,
  };
  return concat(present.length > 0 ? pax(Object.fromEntries(present)) : '', entry(header, spec.content));
};

/** The largest number in seven octal digits. */
const OCTAL_MAX = 0o7777777;

function fieldsOf({ kind, mode, uid = 0, gid = 0, mtime = 0, link, device }: EntrySpec): Fields {
  return {
    type: types[kind],
    mode,
    uid: uid > OCTAL_MAX ? 0 : uid,
    gid: gid > OCTAL_MAX ? 0 : gid,
    mtime,
    ...(link === undefined ? {} : { link }),
    ...(device === undefined ? {} : { major: device[0], minor: device[1] }),
  };
}

function recordsOf(spec: EntrySpec): Record<string, Bytes> {
  const { uid = 0, gid = 0, mtime = 0, fraction, link, xattrs = {} } = spec;
  return {
    path: nameOf(spec),
    ...(link === undefined ? {} : { linkpath: link }),
    size: String(sizeOf(spec)),
    uid: String(uid),
    gid: String(gid),
    mtime: fraction === undefined ? String(mtime) : `${mtime}.${fraction}`,
    ...Object.fromEntries(Object.entries(xattrs).map(([name, value]) => [`SCHILY.xattr.${name}`, value])),
  };
}

function sizeOf({ content = '' }: EntrySpec): number {
  return bytes(content).length;
}

function nameOf({ kind, path }: EntrySpec): string {
  return kind === 'directory' ? `${path}/` : path;
}

function id(value = 0): Field {
  return value > OCTAL_MAX ? base256(BigInt(value), 8) : octal(value, 8);
}

function tooLong(text: string): boolean {
  return bytes(text).length > 100;
}

function split(name: string): [prefix: string, name: string] {
  if (!tooLong(name)) return ['', name];
  const at = [...name.matchAll(/\//g)]
    .map(match => match.index)
    .findLast(i => i <= 155 && i < name.length - 1);
  if (at === undefined || tooLong(name.slice(at + 1)))
    throw new Error(`a ustar header cannot hold the name ${name}`);
  return [name.slice(0, at), name.slice(at + 1)];
}
