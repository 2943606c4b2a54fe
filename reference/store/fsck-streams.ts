/**
 * The check of streams, and of the documents in them.
 * @module
 */

import { createHash } from 'node:crypto';
import { ComposefsError } from '../errors.ts';
import { parseOciDigest } from '../oci/digest.ts';
import { JSON_LIMIT } from '../oci/layout.ts';
import { isUncompressed } from '../oci/media-types.ts';
import type { ImageConfig, ImageManifest } from '../oci/schemas.ts';
import { checkContentType, hasImageConfig, parseStoredConfig, parseStoredManifest } from './documents.ts';
import type { Findings } from './findings.ts';
import type { CheckedImages } from './fsck-images.ts';
import type { CheckedObjects } from './fsck-objects.ts';
import { purposeOf } from './image-keys.ts';
import { digestOfTarget, type NamedStream, objectFile, parseStreamName, streamName } from './paths.ts';
import { type Piece, SplitStream } from './splitstream-read.ts';
import { isDamage, linkTarget, type Store } from './store.ts';
import { entriesOf } from './walk.ts';

/** What the check of a stream learned. Members are absent if the stream does not have them, or they are damaged. */
export interface CheckedStream {
  readonly named: NamedStream;
  /** The object that its link leads to; undefined if the link is wrong or dangling. */
  readonly object?: string;
  readonly names?: ReadonlyMap<string, string>;
  /** Whether the content matches the digest in the name. */
  readonly isRight?: boolean;
  readonly manifest?: ImageManifest;
  /** Only that of an image. */
  readonly config?: ImageConfig;
}

/** The streams of a store by their names. */
export type CheckedStreams = ReadonlyMap<string, CheckedStream>;

/** Checks each stream by itself. */
export async function checkStreams(
  store: Store,
  objects: CheckedObjects,
  findings: Findings,
): Promise<CheckedStreams> {
  const streams = new Map<string, CheckedStream>();
  for (const { name, kind } of entriesOf(store, 'streams')) {
    const path = `streams/${name}`;
    if (name === 'refs' && kind === 'directory') continue;
    const named = parseStreamName(name);
    if (kind !== 'link' || named.kind === 'stray') {
      findings.add('stray', path);
      continue;
    }
    const object = digestOfTarget(linkTarget(store, path) ?? '', store.digestSize);
    streams.set(name, { named });
    if (object === undefined) findings.add('link-target', path);
    else if (!objects.isPresent(object)) findings.add('link-dangling', path);
    else streams.set(name, await checkStream({ store, objects, findings, path, named, object }));
  }
  return withConfigsOfImages(streams);
}

/** Leaves out the contents of configs to which the manifest of no image leads: they can be anything. */
function withConfigsOfImages(streams: CheckedStreams): CheckedStreams {
  const ofImages = new Set<string>();
  for (const { manifest } of streams.values()) {
    if (manifest !== undefined && hasImageConfig(manifest))
      ofImages.add(streamName('config', manifest.config.digest));
  }
  return new Map(
    [...streams].map(([name, { config, ...stream }]) => [
      name,
      config !== undefined && ofImages.has(name) ? { ...stream, config } : stream,
    ]),
  );
}

interface StreamToCheck {
  readonly store: Store;
  readonly objects: CheckedObjects;
  readonly findings: Findings;
  readonly path: string;
  readonly named: Exclude<NamedStream, { kind: 'stray' }>;
  readonly object: string;
}

async function checkStream(check: StreamToCheck): Promise<CheckedStream> {
  const { store, objects, findings, path, named, object } = check;
  // STORE-042
  if (!objects.isIntact(object)) return { named, object };
  let stream: SplitStream | undefined;
  try {
    stream = await SplitStream.open(store, object);
    for (const references of [stream.streamReferences(), stream.objectReferences()]) {
      for (const digest of references) {
        if (!objects.isPresent(digest)) findings.add('object-missing', objectFile(digest));
      }
    }
    const content = await readContent(stream, check);
    return { named, object, names: stream.names, ...checkContent(content, check) };
  } catch (error) {
    if (!isDamage(error)) throw error;
    findings.add('stream-invalid', path);
    return { named, object };
  } finally {
    stream?.close();
  }
}

/** The content of a stream, as far as it could be read. */
interface Content {
  /** The OCI digest in the name matches; undefined if an object is damaged or missing. */
  readonly isRight: boolean | undefined;
  /** The content of a document. */
  readonly bytes: Uint8Array | undefined;
}

/** Reads all records and all objects. Throws if the stream is malformed (STORE-112, STORE-113). */
async function readContent(stream: SplitStream, { objects, named, path }: StreamToCheck): Promise<Content> {
  const isOther = named.kind === 'other';
  const { hash, hex } = isOther ? { hash: 'sha256', hex: '' } : parseOciDigest(named.digest, {});
  const hasher = createHash(hash);
  const isDocument = named.kind === 'manifest' || named.kind === 'config';
  const kept: Uint8Array[] = [];
  let size = 0n;
  const see = (chunk: Uint8Array) => {
    size += BigInt(chunk.length);
    hasher.update(chunk);
    if (isDocument && size <= JSON_LIMIT) kept.push(Uint8Array.from(chunk));
  };
  const kinds: string[] = [];
  const complete = await objects.readContent(stream, withKinds(stream.pieces(), kinds), see);
  if (!isOther) {
    checkContentType(stream, named.kind);
    // STORE-113
    if (named.kind !== 'layer' && kinds.join() !== 'object') malformed(path);
  }
  if (!complete) return { isRight: undefined, bytes: undefined };
  if (size !== stream.size) malformed(path);
  const isRight = isOther ? undefined : hasher.digest('hex') === hex;
  return { isRight, bytes: isDocument && size <= JSON_LIMIT ? Buffer.concat(kept) : undefined };
}

/** Passes on pieces, and adds the kinds of the first two to `kinds`. */
async function* withKinds(pieces: AsyncIterable<Piece>, kinds: string[]): AsyncGenerator<Piece> {
  for await (const piece of pieces) {
    if (kinds.length < 2) kinds.push(piece.kind);
    yield piece;
  }
}

function malformed(path: string): never {
  throw new ComposefsError('STORE_DAMAGED', 'the stream is malformed', { file: path });
}

function checkContent(
  { isRight, bytes }: Content,
  { findings, named, path }: StreamToCheck,
): Pick<CheckedStream, 'isRight' | 'manifest' | 'config'> {
  if (isRight === undefined) return {};
  if (!isRight) findings.add('content-digest', path);
  if (!isRight || (named.kind !== 'manifest' && named.kind !== 'config')) return { isRight };
  try {
    if (bytes === undefined) throw new ComposefsError('IMAGE_LIMIT', 'the document is too long');
    if (named.kind === 'manifest') return { isRight, manifest: parseStoredManifest(bytes, named.digest) };
    return { isRight, config: parseStoredConfig(bytes, named.digest) };
  } catch (error) {
    if (!(error instanceof ComposefsError)) throw error;
    // Whether a config must be that of an image is known from its manifest.
    if (named.kind === 'manifest') findings.add('document-invalid', path);
    return { isRight };
  }
}

/** Checks what documents say of each other, and their references. */
export function checkReferences(streams: CheckedStreams, images: CheckedImages, findings: Findings): void {
  for (const [name, { manifest, config, names }] of streams) {
    const path = `streams/${name}`;
    if (names === undefined) continue;
    if (manifest !== undefined) {
      checkManifest({ path, manifest, names, streams, findings });
    } else if (config !== undefined) {
      const required = config.rootfs.diff_ids.map(digest => [digest, streamName('layer', digest)] as const);
      checkNames({ path, names, required: new Map(required), streams, findings });
      for (const [key, digest] of names) {
        if (purposeOf(key) !== undefined && !images.has(digest)) {
          findings.add('image-missing', `images/${digest}`);
        }
      }
    }
  }
}

interface NamesToCheck {
  readonly path: string;
  readonly names: ReadonlyMap<string, string>;
  readonly streams: CheckedStreams;
  readonly findings: Findings;
}

function checkManifest({ manifest, ...check }: NamesToCheck & { readonly manifest: ImageManifest }): void {
  const { path, names, streams, findings } = check;
  const { digest } = manifest.config;
  const configName = streamName('config', digest);
  const configStream = streams.get(configName);
  const isImage = hasImageConfig(manifest);
  if (isImage && configStream?.isRight && configStream.config === undefined) {
    findings.add('document-invalid', `streams/${configName}`);
  }
  const diffIds = isImage ? configStream?.config?.rootfs.diff_ids : undefined;
  if (diffIds !== undefined && diffIds.length !== manifest.layers.length)
    findings.add('document-invalid', path);
  const required = new Map([
    [`config:${digest}`, configName],
    ...(diffIds ?? []).map(layer => [layer, streamName('layer', layer)] as const),
  ]);
  // STORE-131
  for (const { digest: blob, mediaType } of isImage ? manifest.layers : []) {
    if (names.has(blob) && !isUncompressed(mediaType)) required.set(blob, streamName('blob', blob));
  }
  checkNames({ ...check, required });
}

/** Checks that each required reference is there, and leads to the stream of that name. */
function checkNames({
  path,
  names,
  required,
  streams,
  findings,
}: NamesToCheck & { readonly required: ReadonlyMap<string, string> }): void {
  for (const [name, stream] of required) {
    const found = streams.get(stream);
    if (found === undefined) findings.add('content-missing', `streams/${stream}`);
    const reference = names.get(name);
    if (reference === undefined || (found?.object !== undefined && reference !== found.object)) {
      findings.add('stream-references', path);
    }
  }
}
