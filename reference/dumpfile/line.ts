/**
 * Parses a line of a dumpfile into an inode or a hard link (spec/dumpfile.md).
 * @module
 */

import { type ByteString, bytesOf, excerpt, shortened } from '../bytes.ts';
import {
  type Attributes,
  type ExternalFile,
  epoch,
  type InlineFile,
  type Inode,
  kindNames,
  type Leaf,
  type Timestamp,
  TYPE_MASK,
  typeBits,
} from '../tree/inode.ts';
import { type FieldIndex, type Fields, field, fieldName, MAX_NAME, MAX_PATH } from './fields.ts';
import { XattrParser } from './xattrs.ts';

const MAX_TARGET = 4095;
const MAX_INLINE = 5000;
const MAX_EXTERNAL = 2n ** 53n;
const MAX_32 = 2 ** 32 - 1;
const MAX_64 = 2n ** 64n - 1n;

const noContent = new Uint8Array(0);

/** A hard link line. `target` is an absolute path in normal form. */
export interface HardLinkLine {
  readonly kind: 'hardlink';
  readonly target: ByteString;
}

/** Values that lines share. */
export class SharedValues {
  readonly xattrs = new XattrParser();
  /** The mtime of the previous line. */
  mtime: Timestamp = epoch;
}

/** The inode or hard link of the current line of `fields`. Rejects with error codes of stage `dumpfile`. */
export function parseLine(fields: Fields, shared: SharedValues): Inode | HardLinkLine {
  const mode = fields.mode();
  const kind = fileTypeOf(mode, fields);
  const size = fields.number64(field.size, MAX_64);
  if (fields.isHardLink()) return { kind: 'hardlink', target: hardLinkTarget(kind, fields) };
  fields.number32(field.nlink, MAX_32);
  const attributes: Attributes = {
    mode: mode & 0o7777,
    uid: fields.number32(field.uid, MAX_32),
    gid: fields.number32(field.gid, MAX_32),
    mtime: sharedTime(fields, shared),
    xattrs: shared.xattrs.parse(fields),
  };
  return inodeOf(kind, attributes, size, fields);
}

/** A file type; whether a regular file is inline or external is decided later. */
type FileType = 'directory' | 'regular' | Exclude<Leaf['kind'], 'inline' | 'external'>;

/** File types by the four type bits of a mode. */
const fileTypes: (FileType | undefined)[] = new Array(16);
for (const kind of Object.keys(typeBits) as Inode['kind'][]) {
  fileTypes[typeBits[kind] >> 12] = kind === 'inline' || kind === 'external' ? 'regular' : kind;
}

// DUMP-030
function fileTypeOf(mode: number, fields: Fields): FileType {
  const type = fileTypes[(mode & TYPE_MASK) >> 12];
  if (type === undefined)
    throw fields.rejection('DUMPFILE_MODE', `MODE has an unknown file type: ${mode.toString(8)}`);
  return type;
}

function inodeOf(kind: FileType, attributes: Attributes, size: bigint, fields: Fields): Inode {
  const device = kind === 'character' || kind === 'block';
  // DUMP-027
  const rdev = fields.number32(field.rdev, device ? MAX_32 : 0);
  if (kind === 'regular') return regularFile(attributes, size, fields);
  // DUMP-045
  mustBeUnset(field.content, kind, fields);
  mustBeUnset(field.digest, kind, fields);
  const { mode, uid, gid, mtime, xattrs } = attributes;
  if (kind === 'symlink') return { kind, mode, uid, gid, mtime, xattrs, target: symlinkTarget(fields) };
  mustBeUnset(field.payload, kind, fields);
  switch (kind) {
    case 'directory':
      return { kind, mode, uid, gid, mtime, xattrs, children: new Map() };
    case 'character':
    case 'block':
      return { kind, mode, uid, gid, mtime, xattrs, rdev };
    case 'fifo':
    case 'socket':
      return { kind, mode, uid, gid, mtime, xattrs };
  }
}

/** Attributes are copied one by one: spreading one object into another takes longer than reading the line. */
function regularFile(
  { mode, uid, gid, mtime, xattrs }: Attributes,
  size: bigint,
  fields: Fields,
): InlineFile | ExternalFile {
  const payload = objectPath(fields);
  const digest = fields.digest();
  if (fields.isSet(field.content)) {
    mustBeUnset(field.payload, 'inline', fields);
    mustBeUnset(field.digest, 'inline', fields);
    return { kind: 'inline', mode, uid, gid, mtime, xattrs, content: inlineContent(size, fields) };
  }
  // DUMP-045
  if (digest !== undefined && payload === undefined) {
    throw fields.rejection('DUMPFILE_CONTENT', 'DIGEST is set, but PAYLOAD is not');
  }
  // DUMP-040
  if (size === 0n) return { kind: 'inline', mode, uid, gid, mtime, xattrs, content: noContent };
  if (size > MAX_EXTERNAL) {
    throw fields.rejection('DUMPFILE_NUMBER', `SIZE of a regular file is above ${MAX_EXTERNAL}: ${size}`);
  }
  if (payload === undefined) return { kind: 'external', mode, uid, gid, mtime, xattrs, size };
  if (digest === undefined) return { kind: 'external', mode, uid, gid, mtime, xattrs, size, payload };
  return { kind: 'external', mode, uid, gid, mtime, xattrs, size, payload, digest };
}

// DUMP-041, DUMP-043
function inlineContent(size: bigint, fields: Fields): Uint8Array {
  const content = fields.value(field.content);
  if (BigInt(content.length) !== size) {
    throw fields.rejection('DUMPFILE_CONTENT', `CONTENT has ${content.length} bytes, but SIZE is ${size}`);
  }
  if (content.length > MAX_INLINE) {
    throw fields.rejection(
      'DUMPFILE_CONTENT',
      `CONTENT has ${content.length} bytes, more than ${MAX_INLINE}`,
    );
  }
  return bytesOf(content);
}

// DUMP-045
function mustBeUnset(which: FieldIndex, kind: Inode['kind'], fields: Fields): void {
  if (!fields.isSet(which)) return;
  const type = kind === 'inline' ? 'regular file with CONTENT' : kindNames[kind];
  const detail = `${fieldName(which)} must be unset for a ${type}: ${shortened(fields.raw(which))}`;
  throw fields.rejection('DUMPFILE_CONTENT', detail);
}

/** A component that is not allowed in a path: empty, `.` or `..`. */
const invalidComponent = /(?:^|\/)(?:\.{1,2})?(?:\/|$)/;

/** PAYLOAD of a regular file; undefined if it is unset (DUMP-047). */
function objectPath(fields: Fields): ByteString | undefined {
  const path = fields.optional(field.payload);
  if (path === undefined) return undefined;
  checkPayload(path, fields);
  if (invalidComponent.test(path)) {
    const detail = `PAYLOAD is not a relative path in normal form: ${shortened(fields.raw(field.payload))}`;
    throw fields.rejection('DUMPFILE_PAYLOAD', detail);
  }
  return path;
}

// DUMP-048
function symlinkTarget(fields: Fields): ByteString {
  const target = fields.optional(field.payload);
  if (target === undefined)
    throw fields.rejection('DUMPFILE_PAYLOAD', 'the symbolic link has no target: PAYLOAD is unset');
  checkPayload(target, fields);
  return target;
}

// DUMP-047, DUMP-048
function checkPayload(payload: ByteString, fields: Fields): void {
  if (payload.length <= MAX_TARGET && !payload.includes('\0')) return;
  const detail = `PAYLOAD has ${payload.length} bytes (${MAX_TARGET} are allowed), or a NUL: ${shortened(fields.raw(field.payload))}`;
  throw fields.rejection('DUMPFILE_PAYLOAD', detail);
}

// DUMP-038
function hardLinkTarget(kind: FileType, fields: Fields): ByteString {
  if (kind === 'directory') throw fields.rejection('DUMPFILE_HARDLINK', 'a hard link cannot be a directory');
  const target = fields.optional(field.payload);
  if (target === undefined)
    throw fields.rejection('DUMPFILE_HARDLINK', 'the hard link has no target: PAYLOAD is unset');
  checkPath(target, fields);
  return target;
}

/** Rejects with DUMPFILE_PATH if `path` is not absolute, not in normal form, or too long (DUMP-032). */
export function checkPath(path: ByteString, fields: Fields): void {
  if (!path.startsWith('/'))
    throw fields.rejection('DUMPFILE_PATH', `the path is not absolute: ${excerpt(path)}`);
  if (path.length > MAX_PATH) {
    throw fields.rejection('DUMPFILE_PATH', `the path has ${path.length} bytes, more than ${MAX_PATH}`);
  }
  if (path.length === 1) return;
  if (path.includes('\0')) throw fields.rejection('DUMPFILE_PATH', 'the path has a NUL');
  const relative = path.slice(1);
  if (invalidComponent.test(relative) || relative.split('/').some(name => name.length > MAX_NAME)) {
    throw fields.rejection(
      'DUMPFILE_PATH',
      `a component of the path is empty, ".", ".." or longer than ${MAX_NAME} bytes: ${excerpt(path)}`,
    );
  }
}

function sharedTime(fields: Fields, shared: SharedValues): Timestamp {
  const time = fields.time();
  if (time.sec !== shared.mtime.sec || time.nsec !== shared.mtime.nsec) shared.mtime = time;
  return shared.mtime;
}
