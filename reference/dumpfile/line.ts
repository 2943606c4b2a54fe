/**
 * One line of a dumpfile as the inode or hard link that it describes (spec/dumpfile.md).
 * @module
 */

import { type ByteString, bytesOf } from '../bytes.ts';
import {
  type Attributes,
  type ExternalFile,
  epoch,
  type InlineFile,
  type Inode,
  type Leaf,
  type Timestamp,
  TYPE_MASK,
  typeBits,
} from '../tree/inode.ts';
import { shown } from './escape.ts';
import { type Field, type Fields, field, fieldName, MAX_NAME, MAX_PATH } from './fields.ts';
import { XattrParser } from './xattrs.ts';

const MAX_TARGET = 4095;
const MAX_INLINE = 5000;
const MAX_EXTERNAL = 2n ** 53n;
const MAX_32 = 2 ** 32 - 1;
const MAX_64 = 2n ** 64n - 1n;

const noContent = new Uint8Array(0);

/** What a line says that is no inode of its own. `target` is absolute and normal. */
export interface HardLink {
  readonly kind: 'hard link';
  readonly target: ByteString;
}

/** What lines share. */
export class Shared {
  readonly xattrs = new XattrParser();
  /** The timestamp of the line before. */
  mtime: Timestamp = epoch;
}

/** What the line that `fields` is at says about its path. Refused with the codes of the dumpfile stage. */
export function parseLine(fields: Fields, shared: Shared): Inode | HardLink {
  const mode = fields.mode();
  const kind = fileTypeOf(mode, fields);
  const size = fields.number64(field.size, MAX_64);
  if (fields.isHardLink()) return { kind: 'hard link', target: hardLinkTarget(kind, fields) };
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
  if (type === undefined) throw fields.refuse('DUMPFILE_MODE', `no file type: ${mode.toString(8)}`);
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

/** The objects are written out: to spread one into another takes longer than to read the line. */
function regularFile(
  { mode, uid, gid, mtime, xattrs }: Attributes,
  size: bigint,
  fields: Fields,
): InlineFile | ExternalFile {
  const payload = objectPath(fields);
  const digest = fields.digest();
  if (fields.isSet(field.content)) {
    mustBeUnset(field.payload, 'file with content', fields);
    mustBeUnset(field.digest, 'file with content', fields);
    return { kind: 'inline', mode, uid, gid, mtime, xattrs, content: inlineContent(size, fields) };
  }
  // DUMP-045
  if (digest !== undefined && payload === undefined) {
    throw fields.refuse('DUMPFILE_CONTENT', 'DIGEST is set, and PAYLOAD is not');
  }
  // DUMP-040
  if (size === 0n) return { kind: 'inline', mode, uid, gid, mtime, xattrs, content: noContent };
  if (size > MAX_EXTERNAL) {
    throw fields.refuse('DUMPFILE_NUMBER', `a file of ${size} bytes, and ${MAX_EXTERNAL} is the most`);
  }
  if (payload === undefined) return { kind: 'external', mode, uid, gid, mtime, xattrs, size };
  if (digest === undefined) return { kind: 'external', mode, uid, gid, mtime, xattrs, size, payload };
  return { kind: 'external', mode, uid, gid, mtime, xattrs, size, payload, digest };
}

// DUMP-041, DUMP-043
function inlineContent(size: bigint, fields: Fields): Uint8Array {
  const content = fields.value(field.content);
  if (BigInt(content.length) !== size) {
    throw fields.refuse('DUMPFILE_CONTENT', `CONTENT has ${content.length} bytes, and SIZE is ${size}`);
  }
  if (content.length > MAX_INLINE) {
    throw fields.refuse(
      'DUMPFILE_CONTENT',
      `CONTENT has ${content.length} bytes, and ${MAX_INLINE} is the most`,
    );
  }
  return bytesOf(content);
}

// DUMP-045
function mustBeUnset(which: Field, what: string, fields: Fields): void {
  if (!fields.isSet(which)) return;
  const detail = `a ${what} has no ${fieldName(which)}: ${shown(fields.raw(which))}`;
  throw fields.refuse('DUMPFILE_CONTENT', detail);
}

/** A component of a path that leads nowhere or back: empty, `.` or `..`. */
const strayComponent = /(?:^|\/)(?:\.{1,2})?(?:\/|$)/;

/** PAYLOAD of a regular file: a relative path without empty, `.` and `..` components (DUMP-047). */
function objectPath(fields: Fields): ByteString | undefined {
  const path = fields.optional(field.payload);
  if (path === undefined) return undefined;
  checkPayload(path, fields);
  if (strayComponent.test(path)) {
    const detail = `not a relative path in normal form: ${shown(fields.raw(field.payload))}`;
    throw fields.refuse('DUMPFILE_PAYLOAD', detail);
  }
  return path;
}

function symlinkTarget(fields: Fields): ByteString {
  const target = fields.optional(field.payload);
  if (target === undefined) throw fields.refuse('DUMPFILE_PAYLOAD', 'a symlink has no target');
  checkPayload(target, fields);
  return target;
}

// DUMP-047, DUMP-048
function checkPayload(payload: ByteString, fields: Fields): void {
  if (payload.length <= MAX_TARGET && !(fields.escaped && payload.includes('\0'))) return;
  const detail = `${payload.length} bytes, or a NUL among them: ${shown(fields.raw(field.payload))}`;
  throw fields.refuse('DUMPFILE_PAYLOAD', detail);
}

// DUMP-038
function hardLinkTarget(kind: FileType, fields: Fields): ByteString {
  if (kind === 'directory') throw fields.refuse('DUMPFILE_HARDLINK', 'a directory has one name');
  const target = fields.optional(field.payload);
  if (target === undefined) throw fields.refuse('DUMPFILE_HARDLINK', 'no target');
  checkPath(target, fields);
  return target;
}

/** Refused with DUMPFILE_PATH where `path` is not absolute and normal, or too long (DUMP-032). */
export function checkPath(path: ByteString, fields: Fields): void {
  if (!path.startsWith('/')) throw fields.refuse('DUMPFILE_PATH', `not absolute: ${shown(path)}`);
  if (path.length > MAX_PATH) throw fields.refuse('DUMPFILE_PATH', `${path.length} bytes`);
  if (path.length === 1) return;
  if (path.includes('\0')) throw fields.refuse('DUMPFILE_PATH', 'a NUL in the path');
  const relative = path.slice(1);
  if (strayComponent.test(relative) || relative.split('/').some(name => name.length > MAX_NAME)) {
    throw fields.refuse(
      'DUMPFILE_PATH',
      `a component is empty, "." or "..", or above 255 bytes: ${shown(path)}`,
    );
  }
}

function sharedTime(fields: Fields, shared: Shared): Timestamp {
  const time = fields.time();
  if (time.sec !== shared.mtime.sec || time.nsec !== shared.mtime.nsec) shared.mtime = time;
  return shared.mtime;
}
