/**
 * A header and the extended headers before it, made one entry (spec/layers.md, Names and paths, Attributes).
 * @module
 */

import type { ByteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import { noXattrs } from '../tree/inode.ts';
import type { TarEntry, TarEntryAttributes } from './entry.ts';
import {
  attributesOf,
  checkPrefix,
  type Form,
  fullName,
  linkField,
  nameField,
  sizeField,
  typeOf,
} from './header.ts';
import { components, namesDirectory, PATH_MAX } from './path.ts';
import type { PaxRecords } from './pax.ts';

/** What the extended headers before an entry say. */
export interface Extensions {
  readonly pax?: PaxRecords;
  readonly longName?: ByteString;
  readonly longLink?: ByteString;
}

type File = Extract<TarEntry, { kind: 'file' }>;
/** An entry before its content is at hand. */
export type ResolvedEntry = Exclude<TarEntry, File> | Omit<File, 'content'>;

/** The kinds by type flag. */
const kinds: ReadonlyMap<number, TarEntry['kind']> = new Map([
  [0x00, 'file'],
  [0x30, 'file'],
  [0x37, 'file'],
  [0x31, 'hardlink'],
  [0x32, 'symlink'],
  [0x33, 'character'],
  [0x34, 'block'],
  [0x35, 'directory'],
  [0x36, 'fifo'],
]);
const GNU_SPARSE = 0x53;

const ID_MAX = 2 ** 32 - 1;
/** Linux has a device number in 32 bits, 12 of them for the major. */
const MAJOR_MAX = 2 ** 12 - 1;
const MINOR_MAX = 2 ** 20 - 1;

/** The entry of `header`, at `at`. Throws the codes of stage tar. */
export function resolveEntry(
  header: Uint8Array,
  form: Form,
  extensions: Extensions,
  at: Location,
): ResolvedEntry {
  const { pax, longName, longLink } = extensions;
  const name = pax?.path ?? longName ?? fullName(header, form);
  const location: Location = { ...at, entry: name };
  // LAYER-063: of two, some readers take the one and some the other.
  if ((pax?.path !== undefined && longName) || (pax?.linkpath !== undefined && longLink)) {
    throw new ComposefsError('TAR_EXTENSION', 'a PAX record and a GNU long name say the same', location);
  }
  const type = typeOf(header);
  if (type === GNU_SPARSE || pax?.sparse)
    throw new ComposefsError('TAR_SPARSE', 'the entry is sparse', location);
  const kind = kinds.get(type);
  if (!kind) {
    throw new ComposefsError('TAR_TYPE', `the type is 0x${type.toString(16).padStart(2, '0')}`, location);
  }
  checkPrefix(header, form, location);
  const { device, ...fields } = attributesOf(header, form, location);
  const size = sizeOf(header, kind, pax, location);
  const attributes: TarEntryAttributes = {
    path: pathOf(header, name, kind, location),
    name,
    offset: Number(at.offset),
    mode: fields.mode,
    uid: identifier('uid', pax?.uid ?? fields.uid, location),
    gid: identifier('gid', pax?.gid ?? fields.gid, location),
    mtime: pax?.mtime ?? fields.mtime,
    xattrs: pax?.xattrs ?? noXattrs,
  };
  switch (kind) {
    case 'file':
      return { ...attributes, kind, size };
    case 'symlink':
      return { ...attributes, kind, target: symlinkTarget(linkOf(header, extensions), location) };
    case 'hardlink':
      return { ...attributes, kind, target: hardlinkTarget(linkOf(header, extensions), location) };
    case 'character':
    case 'block':
      return { ...attributes, kind, rdev: deviceNumber(device, pax, location) };
    case 'directory':
    case 'fifo':
      return { ...attributes, kind };
  }
}

function pathOf(
  header: Uint8Array,
  name: ByteString,
  kind: TarEntry['kind'],
  location: Location,
): ByteString[] {
  // LAYER-080; LAYER-081 for the header's own name, which tells Python of a directory whatever overrides it.
  const old = typeOf(header) === 0 && nameField(header).endsWith('/');
  if (kind !== 'directory' && (namesDirectory(name) || old)) {
    throw new ComposefsError('TAR_NAME', `a ${kind} has the name of a directory`, location);
  }
  return components('TAR_NAME', name, location);
}

/** LAYER-057: whether content follows what has none is read in either way. */
function sizeOf(
  header: Uint8Array,
  kind: TarEntry['kind'],
  pax: PaxRecords | undefined,
  location: Location,
): number {
  const own = sizeField(header, location);
  const size = pax?.size ?? own;
  if (kind !== 'file' && (own !== 0 || size !== 0)) {
    throw new ComposefsError('TAR_SIZE', `a ${kind} has a size of ${size || own}`, location);
  }
  return size;
}

function identifier(what: 'uid' | 'gid', value: number, location: Location): number {
  if (value > ID_MAX) throw new ComposefsError('TAR_RANGE', `the ${what} is ${value}`, location);
  return value;
}

function linkOf(header: Uint8Array, { pax, longLink }: Extensions): ByteString {
  return pax?.linkpath ?? longLink ?? linkField(header);
}

function symlinkTarget(target: ByteString, location: Location): ByteString {
  if (target === '') throw new ComposefsError('TAR_LINK', 'the target of the symlink is empty', location);
  if (target.includes('\0'))
    throw new ComposefsError('TAR_LINK', 'the target of the symlink has a NUL', location);
  if (target.length > PATH_MAX) {
    throw new ComposefsError(
      'TAR_LIMIT',
      `the target of the symlink has more than ${PATH_MAX} bytes`,
      location,
    );
  }
  return target;
}

function hardlinkTarget(target: ByteString, location: Location): ByteString[] {
  // LAYER-087
  if (namesDirectory(target)) {
    throw new ComposefsError('TAR_LINK', 'the target of the hard link has the name of a directory', location);
  }
  return components('TAR_LINK', target, location);
}

function deviceNumber(
  device: { readonly major: number; readonly minor: number } | undefined,
  pax: PaxRecords | undefined,
  location: Location,
): number {
  // LAYER-059
  if (!device)
    throw new ComposefsError('TAR_DEVICE', 'the header has no fields for device numbers', location);
  if (pax?.device) throw new ComposefsError('TAR_DEVICE', 'a PAX record gives device numbers too', location);
  const { major, minor } = device;
  if (major > MAJOR_MAX || minor > MINOR_MAX) {
    throw new ComposefsError('TAR_DEVICE', `the device number is ${major}:${minor}`, location);
  }
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}
