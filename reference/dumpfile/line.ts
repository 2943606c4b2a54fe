/**
 * One line of a dumpfile as the inode or hard link that it describes (spec/dumpfile.md).
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import {
  type Attributes,
  type ExternalFile,
  epoch,
  type InlineFile,
  type Inode,
  type Leaf,
  type Timestamp,
} from '../tree/inode.ts';
import { unescapeField } from './escape.ts';
import { type FieldName, Fields, shown } from './fields.ts';
import { XattrParser } from './xattrs.ts';

const SLASH = 0x2f;
const DOT = 0x2e;

const MAX_PATH = 4096;
const MAX_NAME = 255;
const MAX_TARGET = 4095;
const MAX_INLINE = 5000;
const MAX_EXTERNAL = 2n ** 53n;
const MAX_32 = 2 ** 32 - 1;
const MAX_64 = 2n ** 64n - 1n;

/** What a line says. `path` and `target` are unescaped, absolute and normal. */
export type Line =
  | { readonly kind: 'inode'; readonly path: Uint8Array; readonly inode: Inode }
  | { readonly kind: 'hard link'; readonly path: Uint8Array; readonly target: Uint8Array };

/** What lines share. */
export class Shared {
  readonly xattrs = new XattrParser();
  /** The timestamp of the line before. */
  mtime: Timestamp = epoch;
}

/** `bytes` (without the newline) as line `number`. Refused with the codes of the dumpfile stage. */
export function parseLine(bytes: Uint8Array, number: number, shared: Shared): Line {
  const fields = new Fields(bytes, number);
  const path = unescapeField(fields.raw('PATH'), number);
  checkPath(path, fields);
  const { mode, hardLink } = fields.mode();
  const kind = kindOf(mode, fields);
  const size = fields.number64('SIZE', MAX_64);
  if (hardLink) return { kind: 'hard link', path, target: hardLinkTarget(kind, fields) };
  fields.number32('NLINK', MAX_32);
  const attributes: Attributes = {
    mode: mode & 0o7777,
    uid: fields.number32('UID', MAX_32),
    gid: fields.number32('GID', MAX_32),
    mtime: sharedTime(fields, shared),
    xattrs: shared.xattrs.parse(fields),
  };
  return { kind: 'inode', path, inode: inodeOf(kind, attributes, size, fields) };
}

/** A file type; a regular file's content is told apart later. */
type FileType = 'directory' | 'regular' | Exclude<Leaf['kind'], 'inline' | 'external'>;

// DUMP-030
function kindOf(mode: number, fields: Fields): FileType {
  switch (mode & 0o170000) {
    case 0o040000:
      return 'directory';
    case 0o100000:
      return 'regular';
    case 0o120000:
      return 'symlink';
    case 0o020000:
      return 'character';
    case 0o060000:
      return 'block';
    case 0o010000:
      return 'fifo';
    case 0o140000:
      return 'socket';
    default:
      throw fields.refuse('DUMPFILE_MODE', `no file type: ${mode.toString(8)}`);
  }
}

function inodeOf(kind: FileType, attributes: Attributes, size: bigint, fields: Fields): Inode {
  const device = kind === 'character' || kind === 'block';
  // DUMP-027
  const rdev = fields.number32('RDEV', device ? MAX_32 : 0);
  switch (kind) {
    case 'regular':
      return regularFile(attributes, size, fields);
    case 'symlink':
      mustBeUnset(['CONTENT', 'DIGEST'], kind, fields);
      return { kind, ...attributes, target: symlinkTarget(fields) };
    case 'directory':
      mustBeUnset(['PAYLOAD', 'CONTENT', 'DIGEST'], kind, fields);
      return { kind, ...attributes, children: new Map() };
    case 'character':
    case 'block':
      mustBeUnset(['PAYLOAD', 'CONTENT', 'DIGEST'], kind, fields);
      return { kind, ...attributes, rdev };
    case 'fifo':
    case 'socket':
      mustBeUnset(['PAYLOAD', 'CONTENT', 'DIGEST'], kind, fields);
      return { kind, ...attributes };
  }
}

function regularFile(attributes: Attributes, size: bigint, fields: Fields): InlineFile | ExternalFile {
  const payload = objectPath(fields);
  const digest = fields.digest();
  const content = fields.optional('CONTENT');
  if (content !== undefined) {
    mustBeUnset(['PAYLOAD', 'DIGEST'], 'file with content', fields);
    return { kind: 'inline', ...attributes, content: inlineContent(content, size, fields) };
  }
  // DUMP-045
  if (digest !== undefined && payload === undefined) {
    throw fields.refuse('DUMPFILE_CONTENT', 'DIGEST is set, and PAYLOAD is not');
  }
  // DUMP-040
  if (size === 0n) return { kind: 'inline', ...attributes, content: new Uint8Array(0) };
  if (size > MAX_EXTERNAL) {
    throw fields.refuse('DUMPFILE_NUMBER', `a file of ${size} bytes, and ${MAX_EXTERNAL} is the most`);
  }
  return {
    kind: 'external',
    ...attributes,
    size,
    ...(payload === undefined ? {} : { payload }),
    ...(digest === undefined ? {} : { digest }),
  };
}

// DUMP-041, DUMP-043
function inlineContent(field: Uint8Array, size: bigint, fields: Fields): Uint8Array {
  // A copy: the field is a view of the chunk it came in.
  const content = unescapeField(field, fields.number).slice();
  if (BigInt(content.length) !== size) {
    throw fields.refuse('DUMPFILE_CONTENT', `CONTENT has ${content.length} bytes, and SIZE is ${size}`);
  }
  if (content.length > MAX_INLINE) {
    throw fields.refuse(
      'DUMPFILE_CONTENT',
      `CONTENT has ${content.length} bytes, and ${MAX_INLINE} is the most`,
    );
  }
  return content;
}

// DUMP-045
function mustBeUnset(names: readonly FieldName[], what: string, fields: Fields): void {
  for (const name of names) {
    if (fields.optional(name) !== undefined) {
      throw fields.refuse('DUMPFILE_CONTENT', `a ${what} has no ${name}: ${shown(fields.raw(name))}`);
    }
  }
}

/** PAYLOAD of a regular file: a relative path without empty, `.` and `..` components (DUMP-047). */
function objectPath(fields: Fields): ByteString | undefined {
  const field = fields.optional('PAYLOAD');
  if (field === undefined) return undefined;
  const path = limitedPayload(field, fields);
  if (path.split('/').some(component => component === '' || component === '.' || component === '..')) {
    throw fields.refuse('DUMPFILE_PAYLOAD', `not a relative path in normal form: ${shown(field)}`);
  }
  return path;
}

function symlinkTarget(fields: Fields): ByteString {
  const field = fields.optional('PAYLOAD');
  if (field === undefined) throw fields.refuse('DUMPFILE_PAYLOAD', 'a symlink has no target');
  return limitedPayload(field, fields);
}

// DUMP-047, DUMP-048
function limitedPayload(field: Uint8Array, fields: Fields): ByteString {
  const payload = byteString(unescapeField(field, fields.number));
  if (payload.length > MAX_TARGET || payload.includes('\0')) {
    throw fields.refuse('DUMPFILE_PAYLOAD', `${payload.length} bytes, or a NUL among them: ${shown(field)}`);
  }
  return payload;
}

// DUMP-038
function hardLinkTarget(kind: FileType, fields: Fields): Uint8Array {
  if (kind === 'directory') throw fields.refuse('DUMPFILE_HARDLINK', 'a directory has one name');
  const field = fields.optional('PAYLOAD');
  if (field === undefined) throw fields.refuse('DUMPFILE_HARDLINK', 'no target');
  const target = unescapeField(field, fields.number);
  checkPath(target, fields);
  return target;
}

/** Refused with DUMPFILE_PATH where `path` is not absolute and normal, or too long (DUMP-032). */
function checkPath(path: Uint8Array, fields: Fields): void {
  if (path[0] !== SLASH) throw fields.refuse('DUMPFILE_PATH', `not absolute: ${shown(path)}`);
  if (path.length > MAX_PATH) throw fields.refuse('DUMPFILE_PATH', `${path.length} bytes`);
  if (path.length === 1) return;
  let from = 1;
  for (let at = 1; at <= path.length; at++) {
    const byte = path[at] ?? SLASH;
    if (byte === 0) throw fields.refuse('DUMPFILE_PATH', 'a NUL in the path');
    if (byte !== SLASH) continue;
    const length = at - from;
    const dots = path[from] === DOT && (length === 1 || (length === 2 && path[from + 1] === DOT));
    if (length === 0 || length > MAX_NAME || dots) {
      throw fields.refuse(
        'DUMPFILE_PATH',
        `a component is empty, "." or "..", or above 255 bytes: ${shown(path)}`,
      );
    }
    from = at + 1;
  }
}

function sharedTime(fields: Fields, shared: Shared): Timestamp {
  const time = fields.time();
  if (time.sec !== shared.mtime.sec || time.nsec !== shared.mtime.nsec) shared.mtime = time;
  return shared.mtime;
}
