/**
 * Paths and link targets in a store (spec/storage.md, "The repository layout"). All are relative to the store, and
 * bytes: names that other programs chose may not be UTF-8.
 * @module
 */

import { isOciDigest } from '../oci/digest.ts';

/** Start of the name of a temporary file or link in `objects` (STORE-072). */
export const TEMPORARY = '.tmp-object-';

/** The path of a temporary file or link; `name` is one that nobody else uses. */
export function temporaryPath(name: string): string {
  return `objects/${TEMPORARY}${name}`;
}

/** The directory of tags. */
export const TAGS = 'streams/refs/oci';

/** What the streams of images hold. */
export type StreamKind = 'manifest' | 'config' | 'layer' | 'blob';

/** The path of the object with a digest in hexadecimal. */
export function objectFile(digest: string): string {
  return `objects/${digest.slice(0, 2)}/${digest.slice(2)}`;
}

/** The target of the link of a stream or an image to its object. */
export function objectTarget(digest: string): string {
  return `../${objectFile(digest)}`;
}

/** The digest in the target of the link of a stream or an image, or undefined if the target has another form. */
export function digestOfTarget(target: string, digestSize: number): string | undefined {
  const match = /^\.\.\/objects\/([0-9a-f]{2})\/([0-9a-f]+)$/.exec(target);
  if (match === null) return undefined;
  const digest = `${match[1]}${match[2]}`;
  return isHexDigest(digest, digestSize) ? digest : undefined;
}

/** Whether `text` is a digest of this many bytes in hexadecimal. */
export function isHexDigest(text: string, digestSize: number): boolean {
  return text.length === 2 * digestSize && /^[0-9a-f]*$/.test(text);
}

/** The name of a stream in `streams`. */
export function streamName(kind: StreamKind, digest: string): string {
  return `oci-${kind}-${digest}`;
}

/** What a name in `streams` says about the stream. */
export type NamedStream =
  | { readonly kind: StreamKind; readonly digest: string }
  /** A stream of another program. */
  | { readonly kind: 'other' }
  /** A name that only streams of images have, and that none of them can have. */
  | { readonly kind: 'stray' };

/** Reads a name in `streams`. */
export function parseStreamName(name: string): NamedStream {
  if (!name.startsWith('oci-')) return { kind: 'other' };
  const match = /^oci-(manifest|config|layer|blob)-(.*)$/s.exec(name);
  const [, kind, digest = ''] = match ?? [];
  return isOciDigest(digest) ? { kind: kind as StreamKind, digest } : { kind: 'stray' };
}

/** The target of a link below `refs`, `depth` directories below `streams` or `images` (STORE-071). */
export function rootTarget(depth: number, name: string): string {
  return `${'../'.repeat(depth)}${name}`;
}
