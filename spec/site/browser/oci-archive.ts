/**
 * The layers of an OCI archive, which is an image layout in a tar archive. Digests and diff_ids are checked.
 * @module
 */

import { ComposefsError, type HashName, hex, type Location, portableSha2 } from '../../../reference/index.ts';
import { unzstd } from '../../../reference/oci/zstd.ts';
import { chunksOf, type Progress } from './chunks.ts';

const BLOCK = 512;
/** Maximum size of a JSON document (LAYER-007). */
const JSON_MAX = 4 * 1024 * 1024;

interface Descriptor {
  readonly mediaType?: string;
  readonly digest: string;
  readonly size: number;
}

/** The members of an archive by name. */
type Members = ReadonlyMap<string, Blob>;

/** The layers of the only image of an OCI archive, or of its first one, and what it is called; undefined if it is not one. */
export async function layersOfArchive(
  archive: Blob,
  progress: Progress,
): Promise<{ layers: AsyncIterable<Uint8Array>[]; name: string } | undefined> {
  const members = await membersOf(archive);
  if (!members.has('oci-layout')) return undefined;
  const index = await json<{ manifests?: readonly Descriptor[] }>(
    member(members, 'index.json'),
    'index.json',
  );
  let [descriptor] = index.manifests ?? [];
  if (descriptor === undefined) throw new ComposefsError('IMAGE_REFERENCE', 'the index is empty', {});
  let manifest = await document<Manifest>(members, descriptor);
  // An index below the top one lists the platforms: the first of them is taken.
  for (let depth = 0; manifest.manifests !== undefined && depth < 4; depth++) {
    [descriptor = descriptor] = manifest.manifests;
    manifest = await document<Manifest>(members, descriptor);
  }
  if (manifest.config === undefined || manifest.layers === undefined)
    throw new ComposefsError('IMAGE_REFERENCE', 'the first entry of the index is not an image', {});
  const config = await document<{ rootfs?: { diff_ids?: readonly string[] } }>(members, manifest.config);
  const diffIds = config.rootfs?.diff_ids ?? [];
  if (diffIds.length !== manifest.layers.length) {
    const detail = `${manifest.layers.length} layers, but ${diffIds.length} diff_ids`;
    throw new ComposefsError('IMAGE_LAYER_COUNT', detail, {});
  }
  const blobs: Blob[] = [];
  for (const layer of manifest.layers) {
    progress(`checking layer ${blobs.length} of ${manifest.layers.length}`, 0);
    blobs.push(await checkedBlob(members, layer));
  }
  return {
    layers: blobs.map((blob, i) => checkedLayer(blob, diffIds[i] ?? '', i)),
    name: `${blobs.length} layers`,
  };
}

interface Manifest {
  readonly manifests?: readonly Descriptor[];
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}

async function* checkedLayer(blob: Blob, diffId: string, layer: number): AsyncGenerator<Uint8Array> {
  const hasher = portableSha2.create('sha256');
  for await (const chunk of await uncompressed(blob, { layer })) {
    hasher.update(chunk);
    yield chunk;
  }
  if (`sha256:${hex(hasher.digest())}` !== diffId)
    throw new ComposefsError('IMAGE_DIFF_ID', 'the archive does not have the diff_id of the config', {
      layer,
    });
}

/** The content of `blob`, decompressed if it starts like gzip or zstd. */
export async function uncompressed(blob: Blob, location: Location): Promise<AsyncIterable<Uint8Array>> {
  const [a, b, c, d] = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
  if (a === 0x1f && b === 0x8b) return gunzipped(blob, location);
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return unzstd(chunksOf(blob), location);
  return chunksOf(blob);
}

/** A browser reports less of a defective gzip member than the standard requires; the diff_id finds the rest. */
async function* gunzipped(blob: Blob, location: Location): AsyncGenerator<Uint8Array> {
  const reader = blob.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } catch (error) {
    throw new ComposefsError('COMPRESSION_CORRUPT', String(error), location);
  }
}

async function document<T>(members: Members, descriptor: Descriptor): Promise<T> {
  return json(await checkedBlob(members, descriptor), descriptor.digest);
}

async function json<T>(blob: Blob, file: string): Promise<T> {
  if (blob.size > JSON_MAX) throw new ComposefsError('IMAGE_LIMIT', 'the document is too long', { file });
  try {
    return JSON.parse(await blob.text());
  } catch {
    throw new ComposefsError('IMAGE_JSON', 'this is not JSON', { file });
  }
}

async function checkedBlob(members: Members, { digest, size }: Descriptor): Promise<Blob> {
  const [, name, digits] = /^(sha256|sha512):([0-9a-f]+)$/.exec(digest) ?? [];
  if (name === undefined) throw new ComposefsError('IMAGE_DIGEST_FORM', 'a digest is malformed', {});
  const blob = member(members, `blobs/${name}/${digits}`);
  const hasher = portableSha2.create(name as HashName);
  for await (const chunk of chunksOf(blob)) hasher.update(chunk);
  if (blob.size !== size || hex(hasher.digest()) !== digits)
    throw new ComposefsError('IMAGE_DIGEST', 'the blob does not have the digest of its name', {
      file: digest,
    });
  return blob;
}

function member(members: Members, name: string): Blob {
  const blob = members.get(name);
  if (blob === undefined)
    throw new ComposefsError('IMAGE_BLOB', 'the archive has no such file', { file: name });
  return blob;
}

/** The regular files of an archive with ordinary headers, as tools for images write them. */
async function membersOf(archive: Blob): Promise<Members> {
  const members = new Map<string, Blob>();
  for (let at = 0; at + BLOCK <= archive.size; ) {
    const header = new Uint8Array(await archive.slice(at, at + BLOCK).arrayBuffer());
    const text = (from: number, size: number) =>
      new TextDecoder('latin1').decode(header.subarray(from, from + size)).split('\0')[0] ?? '';
    const size = Number.parseInt(text(124, 12), 8);
    if (text(257, 5) !== 'ustar' || !Number.isSafeInteger(size)) break;
    at += BLOCK;
    if (header[156] === 0x30) members.set(text(0, 100).replace(/^\.\//, ''), archive.slice(at, at + size));
    at += Math.ceil(size / BLOCK) * BLOCK;
  }
  return members;
}
