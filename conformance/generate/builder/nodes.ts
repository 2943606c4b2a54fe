/**
 * Inodes as the entries of an archive, in each of the forms that can hold them.
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

/** One entry, before it is written in some form. */
export interface Node {
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
  /** Digits behind the point of the mtime. Default: none. */
  readonly fraction?: string;
  readonly content?: Bytes;
  /** Target of a link. */
  readonly link?: string;
  readonly device?: readonly [major: number, minor: number];
  readonly xattrs?: Readonly<Record<string, Bytes>>;
}

/** How a form writes a node. */
export type Encode = (node: Node) => Uint8Array;

/** A ustar header; a long path is cut in two at a slash. */
export const ustar: Encode = node => {
  const [prefix, name] = split(nameOf(node));
  return entry({ ...fieldsOf(node), magic: USTAR, name, prefix }, node.content);
};

/** A GNU header, behind GNU's headers for what is too long for its fields. */
export const gnu: Encode = node => {
  const name = nameOf(node);
  const { link = '' } = node;
  return concat(
    tooLong(link) ? longLink(link) : '',
    tooLong(name) ? longName(name) : '',
    entry({ ...fieldsOf(node), magic: GNU, name, uid: id(node.uid), gid: id(node.gid) }, node.content),
  );
};

/** A GNU header with every number that can be in base-256. */
export const gnuBinary: Encode = node => {
  const { mode, uid, gid, mtime, size } = { uid: 0, gid: 0, mtime: 0, ...node, size: sizeOf(node) };
  const binary = (value: number, width: number) => base256(BigInt(value), width);
  return entry(
    {
      ...fieldsOf(node),
      magic: GNU,
      name: nameOf(node),
      mode: binary(mode, 8),
      uid: binary(uid, 8),
      gid: binary(gid, 8),
      size: binary(size, 12),
      mtime: binary(mtime, 12),
    },
    node.content,
  );
};

/** A ustar header whose numbers have spaces before and behind. */
export const spaced: Encode = node => {
  const { mode, uid, gid, mtime, size } = { uid: 0, gid: 0, mtime: 0, ...node, size: sizeOf(node) };
  const loose = (value: number, width: number) => `${value.toString(8).padStart(width - 1)} `;
  const fields: Fields = {
    mode: loose(mode, 8),
    uid: loose(uid, 8),
    gid: loose(gid, 8),
    size: loose(size, 12),
    mtime: loose(mtime, 12),
  };
  return entry({ ...fieldsOf(node), ...fields, name: nameOf(node) }, node.content);
};

/** PAX records for everything that a record can hold, before a header that says something else. */
export const paxAlone: Encode = node => {
  const { kind, content, device } = node;
  const [major, minor] = device ?? [0, 0];
  const hidden = { name: 'hidden', link: 'hidden', uid: 7, gid: 7, mtime: 7, type: types[kind] };
  return concat(pax(recordsOf(node)), entry({ ...hidden, mode: node.mode, major, minor }, content));
};

/** As {@link paxAlone}, the records in the other order, and others between. */
export const paxReversed: Encode = node => {
  const records = Object.entries(recordsOf(node)).reverse();
  const between = records.flatMap(([key, value], i) => [
    [`VENDOR.${i}`, 'x'],
    [key, value],
  ]);
  const [major, minor] = node.device ?? [0, 0];
  return concat(
    pax(Object.fromEntries(between)),
    entry(
      { name: 'hidden', type: types[node.kind], mode: node.mode, major, minor, link: 'hidden' },
      node.content,
    ),
  );
};

/** PAX records for what the header can not hold, and the header for the rest, as libarchive and Go write it. */
export const paxWhereNeeded: Encode = node => {
  const name = nameOf(node);
  const { uid = 0, gid = 0, link = '' } = node;
  const records = recordsOf(node);
  const needed: Record<string, Bytes | undefined> = {
    ...Object.fromEntries(Object.entries(records).filter(([key]) => key.startsWith('SCHILY.xattr.'))),
    path: tooLong(name) ? name : undefined,
    linkpath: tooLong(link) ? link : undefined,
    uid: uid > OCTAL_MAX ? String(uid) : undefined,
    gid: gid > OCTAL_MAX ? String(gid) : undefined,
    mtime: node.fraction === undefined ? undefined : records['mtime'],
  };
  const present = Object.entries(needed).filter((pair): pair is [string, Bytes] => pair[1] !== undefined);
  const header = {
    ...fieldsOf(node),
    name: name.slice(0, 100),
    link: link.slice(0, 100),
    uid: uid > OCTAL_MAX ? 0 : uid,
    gid: gid > OCTAL_MAX ? 0 : gid,
  };
  return concat(present.length > 0 ? pax(Object.fromEntries(present)) : '', entry(header, node.content));
};

/** What seven octal digits hold. */
const OCTAL_MAX = 0o7777777;

function fieldsOf({ kind, mode, uid = 0, gid = 0, mtime = 0, link, device }: Node): Fields {
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

function recordsOf(node: Node): Record<string, Bytes> {
  const { uid = 0, gid = 0, mtime = 0, fraction, link, xattrs = {} } = node;
  return {
    path: nameOf(node),
    ...(link === undefined ? {} : { linkpath: link }),
    size: String(sizeOf(node)),
    uid: String(uid),
    gid: String(gid),
    mtime: fraction === undefined ? String(mtime) : `${mtime}.${fraction}`,
    ...Object.fromEntries(Object.entries(xattrs).map(([name, value]) => [`SCHILY.xattr.${name}`, value])),
  };
}

function sizeOf({ content = '' }: Node): number {
  return bytes(content).length;
}

function nameOf({ kind, path }: Node): string {
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
  if (at === undefined || tooLong(name.slice(at + 1))) throw new Error(`ustar can not hold ${name}`);
  return [name.slice(0, at), name.slice(at + 1)];
}
