/**
 * Manifests and configs in a store.
 * @module
 */

import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { hex } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import { FsVerity } from '../fsverity/digest.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { parseOciDigest } from '../oci/digest.ts';
import { parseJson, quoted } from '../oci/json.ts';
import { JSON_LIMIT } from '../oci/layout.ts';
import { parseManifest } from '../oci/manifest.ts';
import { DOCKER_MANIFEST, isConfigType, OCI_MANIFEST } from '../oci/media-types.ts';
import { config, type ImageConfig, type ImageManifest, manifest, validated } from '../oci/schemas.ts';
import { objectFile, type StreamKind, streamName } from './paths.ts';
import { contentTypes } from './splitstream-layout.ts';
import { SplitStream } from './splitstream-read.ts';
import { damaged, fileSize, inStore, linkedObject, type Store } from './store.ts';

const CHUNK = 256 * 1024;

/** A document, and the named references of its stream. */
export interface StoredDocument<T> {
  readonly bytes: Uint8Array;
  readonly document: T;
  readonly names: ReadonlyMap<string, string>;
  /** The object of its stream. */
  readonly stream: string;
}

/** The bytes of an object, unverified; each chunk is valid until the next one is requested. */
export function* objectChunks(store: Store, digest: string): Generator<Uint8Array> {
  const path = objectFile(digest);
  if (fileSize(store, path) === undefined) throw damaged('the object is missing', path);
  const fd = openSync(inStore(store, path), 'r');
  try {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, fstatSync(fd).size + 1));
    for (let length = readSync(fd, chunk); length > 0; length = readSync(fd, chunk)) {
      yield chunk.subarray(0, length);
    }
  } finally {
    closeSync(fd);
  }
}

/** As {@link objectChunks}; after the last chunk, rejects the object with STORE_DAMAGED if it does not match its digest. */
function* verifiedChunks(store: Store, digest: string): Generator<Uint8Array> {
  const verity = new FsVerity(store.algorithm, nodeSha2);
  for (const chunk of objectChunks(store, digest)) {
    verity.update(chunk);
    yield chunk;
  }
  if (hex(verity.digest()) !== digest)
    throw damaged('the object does not match its digest', objectFile(digest));
}

/** The bytes of an object, verified, or a rejection with STORE_DAMAGED. */
export function readObject(store: Store, digest: string, limit = Number.POSITIVE_INFINITY): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const chunk of verifiedChunks(store, digest)) {
    size += chunk.length;
    if (size > limit) throw damaged(`it has more than ${limit} bytes`, objectFile(digest));
    parts.push(Uint8Array.from(chunk));
  }
  return Buffer.concat(parts, size);
}

/** Opens a stream after its object was verified. The caller closes it. */
export async function openStream(store: Store, digest: string): Promise<SplitStream> {
  verifyObject(store, digest);
  return SplitStream.open(store, digest);
}

/** Rejects an object with STORE_DAMAGED if it does not match its digest. */
export function verifyObject(store: Store, digest: string): void {
  for (const _ of verifiedChunks(store, digest));
}

/** The manifest with an OCI digest; undefined if the store has no link for it. */
export async function readStoredManifest(
  store: Store,
  digest: string,
): Promise<StoredDocument<ImageManifest> | undefined> {
  return readDocument(store, 'manifest', digest, parseStoredManifest);
}

/** The config with an OCI digest; undefined if the store has no link for it. */
export async function readStoredConfig(
  store: Store,
  digest: string,
): Promise<StoredDocument<ImageConfig> | undefined> {
  return readDocument(store, 'config', digest, parseStoredConfig);
}

/** Parses a manifest without its descriptor: if it has no media type, it is read like one of Docker (LAYER-112). */
export function parseStoredManifest(bytes: Uint8Array, digest: string): ImageManifest {
  const { mediaType } = Object(parseJson(bytes, { file: digest }));
  const type = mediaType === OCI_MANIFEST ? OCI_MANIFEST : DOCKER_MANIFEST;
  return parseManifest(bytes, { mediaType: type, digest, size: bytes.length }, manifest);
}

export function parseStoredConfig(bytes: Uint8Array, digest: string): ImageConfig {
  return validated(config, parseJson(bytes, { file: digest }), { file: digest });
}

/** Whether a manifest is that of an image, and not of another artifact. */
export function hasImageConfig({ mediaType = DOCKER_MANIFEST, config }: ImageManifest): boolean {
  return isConfigType(mediaType, config.mediaType);
}

/** The media type for a descriptor of a manifest: one with which the manifest can be selected (LAYER-021). */
export function manifestType({ mediaType, config }: ImageManifest): string {
  return mediaType ?? (isConfigType(OCI_MANIFEST, config.mediaType) ? OCI_MANIFEST : DOCKER_MANIFEST);
}

async function readDocument<T>(
  store: Store,
  kind: 'manifest' | 'config',
  digest: string,
  parse: (bytes: Uint8Array, digest: string) => T,
): Promise<StoredDocument<T> | undefined> {
  const path = `streams/${streamName(kind, digest)}`;
  const streamDigest = linkedObject(store, path);
  if (streamDigest === undefined) return undefined;
  const stream = await openStream(store, streamDigest);
  try {
    const object = await onlyObject(stream);
    checkContentType(stream, kind);
    const bytes = readObject(store, object, JSON_LIMIT);
    if (BigInt(bytes.length) !== stream.size) throw damaged('the total size is wrong', path);
    if (!matchesOciDigest(bytes, digest)) throw damaged('the document does not match its digest', path);
    return { bytes, document: parse(bytes, digest), names: stream.names, stream: streamDigest };
  } catch (error) {
    if (error instanceof ComposefsError && error.stage === 'image') throw damaged(error.detail, path);
    throw error;
  } finally {
    stream.close();
  }
}

/** A rejection because the link of a stream is missing. */
export function missing(kind: StreamKind, digest: string): ComposefsError {
  return damaged(`the ${kind} is missing`, `streams/${streamName(kind, digest)}`);
}

/** Rejects a stream whose content type is not the one for the kind in its name (STORE-117, STORE-118). */
export function checkContentType({ contentType, path }: SplitStream, kind: StreamKind): void {
  if (contentType === contentTypes[kind] || (kind === 'layer' && contentType === contentTypes.blob)) return;
  throw damaged(`the content type is ${quoted(contentType)}, which is not that of a ${kind}`, path);
}

/** The object that is the whole content of a stream (STORE-113). */
export async function onlyObject(stream: SplitStream): Promise<string> {
  const objects: string[] = [];
  for await (const piece of stream.pieces()) {
    if (piece.kind === 'inline' || objects.length > 0)
      throw damaged('the content is not exactly one object', stream.path);
    objects.push(piece.digest);
  }
  const [object] = objects;
  if (object === undefined) throw damaged('the content is not exactly one object', stream.path);
  return object;
}

function matchesOciDigest(bytes: Uint8Array, digest: string): boolean {
  const { hash, hex: expected } = parseOciDigest(digest, {});
  return createHash(hash).update(bytes).digest('hex') === expected;
}
