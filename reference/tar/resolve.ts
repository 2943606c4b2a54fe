/**
 * Forms an entry from its header and its extended headers (spec/layers.md, "Names and paths" and "Attributes").
 * @module
 */

import type { ByteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import { noXattrs } from '../tree/inode.ts';
import { entryKindNames, type FileEntry, type TarEntry, type TarEntryAttributes } from './entry.ts';
import {
  attributesOf,
  checkPrefix,
  fullName,
  type HeaderForm,
  linkField,
  nameField,
  sizeField,
  typeOf,
} from './header.ts';
import { isDirectoryName, PATH_MAX, pathOfName } from './path.ts';
import type { PaxRecords } from './pax.ts';

/** The values in the extended headers of an entry. */
export interface ExtendedHeaders {
  readonly pax?: PaxRecords;
  readonly longName?: ByteString;
  readonly longLink?: ByteString;
}

/** An entry without its content. */
export type EntryWithoutContent = Exclude<TarEntry, FileEntry> | Omit<FileEntry, 'content'>;

/** Kinds of entries by the type in the header (LAYER-054). */
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
/** A device number has 32 bits, 12 of them for the major (LAYER-059). */
const MAJOR_MAX = 2 ** 12 - 1;
const MINOR_MAX = 2 ** 20 - 1;

/** The entry of `header`, which is at location `at`. Rejects with error codes of stage `tar`. */
export function resolveEntry(
  header: Uint8Array,
  form: HeaderForm,
  extended: ExtendedHeaders,
  at: { readonly offset: number },
): EntryWithoutContent {
  const { pax, longName, longLink } = extended;
  const name = pax?.path ?? longName ?? fullName(header, form);
  const location: Location = { entry: name, offset: at.offset };
  // LAYER-063: readers disagree on which of the two counts.
  if ((pax?.path !== undefined && longName) || (pax?.linkpath !== undefined && longLink)) {
    throw new ComposefsError(
      'TAR_EXTENSION',
      'a PAX record and a GNU long name header both give the name or the link target',
      location,
    );
  }
  const type = typeOf(header);
  if (type === GNU_SPARSE || pax?.sparse)
    throw new ComposefsError('TAR_SPARSE', 'the entry is a sparse file', location);
  const kind = kinds.get(type);
  if (!kind) {
    throw new ComposefsError(
      'TAR_TYPE',
      `the type 0x${type.toString(16).padStart(2, '0')} is not supported`,
      location,
    );
  }
  checkPrefix(header, form, location);
  const fields = attributesOf(header, form, location);
  const size = sizeOf(header, kind, pax, location);
  const attributes: TarEntryAttributes = {
    path: pathOf(header, name, kind, location),
    name,
    offset: at.offset,
    mode: fields.mode,
    uid: identifier('uid', pax?.uid ?? fields.uid, location),
    gid: identifier('gid', pax?.gid ?? fields.gid, location),
    mtime: pax?.mtime ?? fields.mtime,
    xattrs: pax?.xattrs ?? noXattrs,
  };
  // The object is not spread into another one, which would take several times its size.
  switch (kind) {
    case 'file':
      return Object.assign(attributes, { kind, size });
    case 'symlink':
      return Object.assign(attributes, { kind, target: symlinkTarget(linkOf(header, extended), location) });
    case 'hardlink':
      return Object.assign(attributes, { kind, target: hardlinkTarget(linkOf(header, extended), location) });
    case 'character':
    case 'block':
      return Object.assign(attributes, { kind, rdev: deviceNumber(fields.device, pax, location) });
    case 'directory':
    case 'fifo':
      return Object.assign(attributes, { kind });
  }
}

function pathOf(
  header: Uint8Array,
  name: ByteString,
  kind: TarEntry['kind'],
  location: Location,
): ByteString[] {
  // LAYER-081: Python reads such an entry as a directory, even if an extended header overrides the name.
  const directoryInOldHeader = typeOf(header) === 0 && nameField(header).endsWith('/');
  // LAYER-080
  if (kind !== 'directory' && (isDirectoryName(name) || directoryInOldHeader)) {
    throw new ComposefsError('TAR_NAME', `a ${entryKindNames[kind]} has the name of a directory`, location);
  }
  return pathOfName('TAR_NAME', name, location);
}

/** Kinds of entries whose size field is checked and has no effect (LAYER-130). */
const kindsWithoutSize: ReadonlySet<TarEntry['kind']> = new Set(['directory', 'hardlink']);

/** The size of the content. LAYER-057: readers disagree on whether content follows an entry that is not a file. */
function sizeOf(
  header: Uint8Array,
  kind: TarEntry['kind'],
  pax: PaxRecords | undefined,
  location: Location,
): number {
  const inHeader = sizeField(header, location);
  const size = pax?.size ?? (kindsWithoutSize.has(kind) ? 0 : inHeader);
  if (kind !== 'file' && size !== 0)
    throw new ComposefsError('TAR_SIZE', `size ${size} on a ${entryKindNames[kind]}`, location);
  return size;
}

// LAYER-090
function identifier(field: 'uid' | 'gid', value: number, location: Location): number {
  if (value > ID_MAX) {
    throw new ComposefsError('TAR_RANGE', `the ${field} is ${value}, more than ${ID_MAX}`, location);
  }
  return value;
}

function linkOf(header: Uint8Array, { pax, longLink }: ExtendedHeaders): ByteString {
  return pax?.linkpath ?? longLink ?? linkField(header);
}

function symlinkTarget(target: ByteString, location: Location): ByteString {
  if (target === '')
    throw new ComposefsError('TAR_LINK', 'the target of the symbolic link is empty', location);
  if (target.includes('\0'))
    throw new ComposefsError('TAR_LINK', 'the target of the symbolic link has a NUL', location);
  if (target.length > PATH_MAX) {
    throw new ComposefsError(
      'TAR_LIMIT',
      `the target of the symbolic link has ${target.length} bytes, more than ${PATH_MAX}`,
      location,
    );
  }
  return target;
}

function hardlinkTarget(target: ByteString, location: Location): ByteString[] {
  // LAYER-087
  if (isDirectoryName(target)) {
    throw new ComposefsError('TAR_LINK', 'the target of the hard link has the name of a directory', location);
  }
  return pathOfName('TAR_LINK', target, location);
}

function deviceNumber(
  device: { readonly major: number; readonly minor: number } | undefined,
  pax: PaxRecords | undefined,
  location: Location,
): number {
  // LAYER-059
  if (!device) throw new ComposefsError('TAR_DEVICE', 'a header of form v7 has no device number', location);
  if (pax?.device)
    throw new ComposefsError('TAR_DEVICE', 'a PAX record gives a device number as well', location);
  const { major, minor } = device;
  if (major > MAJOR_MAX || minor > MINOR_MAX) {
    throw new ComposefsError(
      'TAR_DEVICE',
      `the device number is ${major}:${minor}, and the largest is ${MAJOR_MAX}:${MINOR_MAX}`,
      location,
    );
  }
  // LAYER-058
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}
