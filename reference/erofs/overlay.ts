/**
 * What an image contains for overlayfs: `trusted.overlay.` attributes, escaped whiteouts, and the stubs that hide the
 * directories of the object store (spec/erofs.md, "Overlay attributes, whiteouts and stubs").
 * @module
 */

import { ascii, type ByteString, byteString, copyBytes, joinBytes } from '../bytes.ts';
import { objectDigestSize, writeObjectDigest } from '../tree/object-path.ts';

const PREFIX = ascii('trusted.overlay.');
const ESCAPED_PREFIX = ascii('trusted.overlay.overlay.');

export const OPAQUE = ascii('trusted.overlay.opaque');
export const METACOPY = ascii('trusted.overlay.metacopy');
export const REDIRECT = ascii('trusted.overlay.redirect');
export const SELINUX = ascii('security.selinux');
export const ACL_ACCESS = ascii('system.posix_acl_access');
export const ACL_DEFAULT = ascii('system.posix_acl_default');

/** Value of {@link OPAQUE} on the root (EROFS-011). */
export const ROOT_OPAQUE = ascii('y');

const EMPTY = ascii('');

/** Size of the version, length, flags and algorithm that precede the digest in a value of {@link METACOPY}. */
const METACOPY_HEAD = 4;

/** The attributes of the file that represents a whiteout (EROFS-009). */
export const whiteoutMarkers: ReadonlyMap<ByteString, ByteString> = new Map([
  [ascii('trusted.overlay.overlay.whiteout'), EMPTY],
  [ascii('user.overlay.whiteout'), EMPTY],
]);

/** Whether overlayfs interprets the attribute `name` itself, instead of removing an escape from it. */
export function isOverlayName(name: ByteString): boolean {
  return name.startsWith(PREFIX) && !name.startsWith(ESCAPED_PREFIX);
}

/** The name in the image of an attribute of the tree (EROFS-005). */
export function escapeName(name: ByteString): ByteString {
  return name.startsWith(PREFIX) ? joinBytes(ESCAPED_PREFIX, name.slice(PREFIX.length) as ByteString) : name;
}

/** The name in the tree of an attribute of the image (EROFS-074). */
export function unescapeName(name: ByteString): ByteString {
  return name.startsWith(ESCAPED_PREFIX)
    ? joinBytes(PREFIX, name.slice(ESCAPED_PREFIX.length) as ByteString)
    : name;
}

/** Whether `attributes` contains all of `markers`, with their values. */
export function hasMarkers(
  attributes: ReadonlyMap<ByteString, ByteString>,
  markers: ReadonlyMap<ByteString, ByteString>,
): boolean {
  for (const [name, value] of markers) if (attributes.get(name) !== value) return false;
  return true;
}

/** Size of the value of {@link METACOPY} for the object at `path`; 0 if `path` is empty (EROFS-006). */
export function metacopySize(path: ByteString): number {
  return path === EMPTY ? 0 : METACOPY_HEAD + objectDigestSize(path);
}

/** Writes the value of {@link METACOPY} for the object at `path`, which is not empty, starting at `at`. */
export function writeMetacopy(path: ByteString, target: Uint8Array, at: number): void {
  writeMetacopyHead(objectDigestSize(path), target, at);
  writeObjectDigest(path, target, at + METACOPY_HEAD);
}

function writeMetacopyHead(digestSize: number, target: Uint8Array, at: number): void {
  target[at + 1] = METACOPY_HEAD + digestSize;
  target[at + 3] = digestSize === 32 ? 1 : 2;
}

/** The digest in a value of {@link METACOPY}: `none` if it has no digest, undefined if it is malformed (EROFS-075). */
export function metacopyDigest(value: ByteString): ByteString | 'none' | undefined {
  if (value === EMPTY) return 'none';
  if (value.length !== 36 && value.length !== 68) return undefined;
  const head = new Uint8Array(METACOPY_HEAD);
  writeMetacopyHead(value.length - METACOPY_HEAD, head, 0);
  return value.startsWith(byteString(head)) ? copyBytes(value.slice(METACOPY_HEAD) as ByteString) : undefined;
}

const HEX_DIGITS = '0123456789abcdef';

/** Names of the stubs, `00` to `ff`, in order (EROFS-012). */
export const stubNames: readonly ByteString[] = Array.from({ length: 256 }, (_, i) =>
  ascii(`${HEX_DIGITS[i >> 4]}${HEX_DIGITS[i & 15]}`),
);

/** Permission bits of a stub. */
export const STUB_MODE = 0o644;
