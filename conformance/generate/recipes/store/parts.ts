/**
 * Builders of the store recipes: images, the stores that hold them, and the cases of each operation.
 *
 * A recipe says by hand what a store holds and what is wrong with it. The dumpfile of each tree is written by hand, and
 * mkcomposefs wrote the same image from it.
 * @module
 */

import type { Case } from '../../../suite/case.ts';
import { printable } from '../../../suite/store-archive.ts';
import {
  blobPath,
  type Descriptor,
  digestOf,
  type ImageParts,
  LayoutBuilder,
  tag,
} from '../../builder/layout.ts';
import { type NewStream, StoreBuilder } from '../../builder/store.ts';
import { contentTypes, type StreamRecord } from '../../builder/store-stream.ts';
import { archive, type Bytes, bytes, concat, file, pax } from '../../builder/tar.ts';
import { type Draft, type Recipe, stageOf } from '../../recipe.ts';
import { imageOf } from '../erofs/parts.ts';
import { data, hello, trees } from '../image/parts.ts';

/** A layer, and the contents in its archive that are objects, in order. */
export interface StoredLayer {
  readonly tar: Uint8Array;
  readonly objects?: readonly Bytes[];
  readonly compression?: 'gzip' | 'zstd';
  /** Default: the SHA-256 digest of `tar`. */
  readonly diffId?: string;
}

/** An image, and what a store makes of it. */
export interface ImageInStore extends Omit<ImageParts, 'layers'> {
  readonly layers: readonly StoredLayer[];
  /** The dumpfile of the composefs image under each key. */
  readonly images: Readonly<Record<string, string>>;
  /** Whether the blobs of compressed layers are kept. */
  readonly keepBlobs?: boolean;
}

/** Documents and digests of an image. */
export interface Documents {
  readonly layout: LayoutBuilder;
  /** OCI digests. */
  readonly manifest: string;
  readonly config: string;
  readonly diffIds: readonly string[];
  readonly blobs: readonly string[];
  readonly manifestBytes: Uint8Array;
  readonly configBytes: Uint8Array;
}

/** 100 bytes: too many to be inline. */
export const letters = 'x'.repeat(100);

/** The image of most cases: two layers, of which the second has the object of {@link letters}. */
export const demo: ImageInStore = {
  layers: [{ tar: hello }, { tar: data, objects: [letters] }],
  images: { 'composefs.image.v1': trees.helloData.dumpfile },
};

/** The image of most cases in compressed layers, whose blobs are kept. */
export const gzipDemo: ImageInStore = {
  ...demo,
  layers: demo.layers.map(layer => ({ ...layer, compression: 'gzip' })),
  keepBlobs: true,
};

/** The image of most cases with a diff_id whose hash function is not that of the digest of the layer. */
export const twoHashes: ImageInStore = {
  ...demo,
  layers: demo.layers.map(layer => ({ ...layer, diffId: digestOf(layer.tar, 'sha512') })),
};

/** The image of most cases with a manifest that only its descriptor makes one of Docker (LAYER-112). */
export const withoutMediaTypes: ImageInStore = {
  ...demo,
  types: 'docker',
  manifest: { mediaType: undefined },
  configDescriptor: { mediaType: undefined },
};

/** An image whose second layer has a file with an attribute `user.*`, which only one of the xattr policies keeps. */
export const withUserXattr: ImageInStore = {
  layers: [{ tar: hello }, { tar: archive(concat(pax({ 'SCHILY.xattr.user.a': 'b' }), file('usr/x'))) }],
  images: {
    'composefs.image.v1': `${trees.hello.dumpfile}/usr/x 0 100644 1 0 0 0 0.0 - - -\n`,
    'composefs.image.v1.xattrs=keep-user-xattrs': `${trees.hello.dumpfile}/usr/x 0 100644 1 0 0 0 0.0 - - - user.a=b\n`,
  },
};

/** A layout with one image, which has the tag `demo` unless `descriptor` has another one. */
export function documentsOf(image: ImageInStore): Documents {
  const layout = new LayoutBuilder();
  const descriptor = layout.image({ descriptor: tag('demo'), ...image });
  layout.index(descriptor);
  const read = (digest: string) => layout.files[blobPath(digest)] ?? new Uint8Array();
  const manifestBytes = read(descriptor.digest);
  const manifest = JSON.parse(Buffer.from(manifestBytes).toString());
  const configBytes = read(manifest.config.digest);
  const config = JSON.parse(Buffer.from(configBytes).toString());
  return {
    layout,
    manifest: descriptor.digest,
    config: manifest.config.digest,
    diffIds: config.rootfs.diff_ids,
    blobs: manifest.layers.map(({ digest }: { digest: string }) => digest),
    manifestBytes,
    configBytes,
  };
}

/** An entry of an image in `index.json`. */
export function entryOf({ manifest, manifestBytes }: Documents, ...more: readonly object[]): Descriptor {
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  return Object.assign({ mediaType, digest: manifest, size: manifestBytes.length }, ...more);
}

/** The image of most cases in two entries: one with `first`, and then one with a tag. */
export function listedTwice(first: object): Documents {
  const documents = documentsOf(demo);
  documents.layout.index(entryOf(documents, first), entryOf(documents, tag('second')));
  return documents;
}

/** The documents of an image as JSON text with line feeds. */
export function indented(image: ImageInStore): Documents {
  const documents = documentsOf(image);
  const { layout } = documents;
  const indent = (bytes: Uint8Array, change: object = {}) =>
    `${JSON.stringify({ ...JSON.parse(Buffer.from(bytes).toString()), ...change }, undefined, '\t')}\r\n`;
  const parsed = JSON.parse(Buffer.from(documents.manifestBytes).toString());
  const config = layout.blob(parsed.config.mediaType, indent(documents.configBytes));
  const manifest = layout.blob(parsed.mediaType, indent(documents.manifestBytes, { config }), tag('demo'));
  layout.remove(blobPath(documents.manifest)).remove(blobPath(documents.config)).index(manifest);
  const read = (digest: string) => layout.files[blobPath(digest)] ?? new Uint8Array();
  return {
    ...documents,
    manifest: manifest.digest,
    config: config.digest,
    manifestBytes: read(manifest.digest),
    configBytes: read(config.digest),
  };
}

/** An archive cut at the contents that are objects. */
export function cut(store: StoreBuilder, tar: Uint8Array, objects: readonly Bytes[] = []): StreamRecord[] {
  const records: StreamRecord[] = [];
  let at = 0;
  for (const content of objects) {
    const array = bytes(content);
    const found = Buffer.from(tar).indexOf(array, at);
    if (found < 0) throw new Error('the archive does not have this content');
    records.push({ inline: tar.subarray(at, found) }, { object: store.object(array), size: array.length });
    at = found + array.length;
  }
  return at < tar.length ? [...records, { inline: tar.subarray(at) }] : records;
}

/** A content as one object. */
export function whole(store: StoreBuilder, content: Bytes): StreamRecord[] {
  return [{ object: store.object(content), size: bytes(content).length }];
}

/** Changes the streams of an image before they are put: `name` is that of the link. */
export type StreamChange = (name: string, stream: NewStream) => NewStream;

/** How an image is put. */
export interface AddOptions {
  readonly change?: StreamChange | undefined;
  /** Default: those of the image. */
  readonly documents?: Documents;
}

/** Puts an image into a store, without a name. */
export function addImage(
  store: StoreBuilder,
  image: ImageInStore,
  { change, documents = documentsOf(image) }: AddOptions = {},
): Documents {
  const put = (name: string, stream: NewStream) => store.stream(name, change?.(name, stream) ?? stream);
  const { manifest, config, diffIds, blobs, manifestBytes, configBytes, layout } = documents;
  const layerNames = Object.fromEntries(
    image.layers.map(({ tar, objects }, i) => [
      diffIds[i] ?? '',
      put(`oci-layer-${diffIds[i]}`, {
        type: contentTypes.layer,
        records: cut(store, tar, objects),
      }),
    ]),
  );
  const kept = blobs.filter((_, i) => image.keepBlobs && image.layers[i]?.compression !== undefined);
  const blobNames = Object.fromEntries(
    kept.map(digest => {
      const records = whole(store, layout.files[blobPath(digest)] ?? '');
      return [digest, put(`oci-blob-${digest}`, { type: contentTypes.blob, records })];
    }),
  );
  const algorithm = store.hash === 'sha256' ? 'fsverity-sha256-12' : 'fsverity-sha512-12';
  const imageNames = Object.fromEntries(
    Object.entries(image.images).map(([key, dumpfile]) => [
      key,
      store.image(imageOf(dumpfile, algorithm, key.includes('.v1') ? 'v1' : 'v2')),
    ]),
  );
  const configStream = put(`oci-config-${config}`, {
    type: contentTypes.config,
    records: whole(store, configBytes),
    names: { ...layerNames, ...imageNames },
  });
  put(`oci-manifest-${manifest}`, {
    type: contentTypes.manifest,
    records: whole(store, manifestBytes),
    names: { [`config:${config}`]: configStream, ...layerNames, ...blobNames },
  });
  return documents;
}

/** A store with an image under the name `demo`, and the documents of the image. */
export function storeWith(
  image: ImageInStore = demo,
  { hash, change }: { readonly hash?: 'sha256' | 'sha512'; readonly change?: StreamChange } = {},
) {
  const store = new StoreBuilder(hash);
  const documents = addImage(store, image, { change });
  store.name('demo', documents.manifest);
  return { store, documents };
}

type About = Pick<Draft, 'title' | 'requirements'> &
  Partial<Pick<Draft, 'needs' | 'class' | 'links' | 'tags' | 'confirmedBy'>>;

const repository = 'store.repository';

function needsOf({ needs = [] }: About): string[] {
  return [repository, ...needs];
}

/** The facts of an import. */
export interface ImportFacts extends About {
  readonly image: ImageInStore | Documents;
  /** The store before it. Default: none. */
  readonly store?: StoreBuilder;
  readonly params?: Case['params'];
}

/** An import, and the store after it. */
export function imports(
  slug: string,
  facts: ImportFacts & {
    readonly after: StoreBuilder;
    /** Default: all, which are not compressed. */
    readonly keptBlobs?: string;
  },
): Recipe {
  const { after, keptBlobs, ...rest } = facts;
  const documents = documentsIn(facts.image);
  const { manifest, config, blobs } = documents;
  const values = { manifest, config, keptBlobs: keptBlobs ?? blobs.map((_, i) => i).join(',') };
  return importRecipe(slug, rest, {
    expect: { outcome: 'accept', values, files: { store: 'expect/store.tar' } },
    files: { 'expect/store.tar': after.archive() },
  });
}

/** An import that is rejected with `code`; `control` is the slug of the nearest one that is accepted. */
export function rejectsImport(slug: string, code: string, control: string, facts: ImportFacts): Recipe {
  return importRecipe(slug, facts, { expect: rejection(code), control: `store/${control}`, files: {} });
}

function importRecipe(
  slug: string,
  { image, store, params, ...about }: ImportFacts,
  rest: Pick<Draft, 'expect' | 'files' | 'control'>,
): Recipe {
  return {
    id: `store/${slug}`,
    make: () => {
      const { layout } = documentsIn(image);
      const inLayout = Object.entries(layout.files).map(([path, content]) => [`in/layout/${path}`, content]);
      return {
        ...about,
        ...rest,
        needs: needsOf(about),
        op: 'store.import',
        input: { layout: 'in/layout', ...(store && { store: 'in/store.tar' }) },
        params: {
          xattrs: 'allowlist-only',
          ...(store === undefined && { algorithm: 'fsverity-sha256-12' }),
          ...params,
        },
        files: {
          ...rest.files,
          ...Object.fromEntries(inLayout),
          ...(store && { 'in/store.tar': store.archive() }),
        },
      };
    },
  };
}

function documentsIn(image: ImageInStore | Documents): Documents {
  return 'layout' in image ? image : documentsOf(image);
}

function rejection(code: string | readonly string[]): Case['expect'] {
  const reasons = [code].flat();
  return { outcome: 'reject', stage: stageOf(reasons[0] ?? ''), reasons };
}

interface StoreFacts extends About {
  readonly store: StoreBuilder;
}

function storeRecipe(
  slug: string,
  op: Case['op'],
  { store, ...about }: StoreFacts,
  rest: Pick<Draft, 'params' | 'expect' | 'files' | 'control'>,
): Recipe {
  return {
    id: `store/${slug}`,
    make: () => ({
      ...about,
      ...rest,
      needs: needsOf(about),
      op,
      input: { store: 'in/store.tar' },
      files: { ...rest.files, 'in/store.tar': store.archive() },
    }),
  };
}

/** Lines of fields with tabs between them. */
function list(lines: readonly (readonly string[])[]): Uint8Array {
  return bytes(lines.map(fields => `${fields.map(printable).join('\t')}\n`).join(''));
}

/** A check, and its findings: codes and paths, in any order. */
export function finds(
  slug: string,
  facts: StoreFacts & { readonly findings: readonly (readonly [code: string, path: string])[] },
): Recipe {
  const { findings, ...rest } = facts;
  // STORE-040
  const key = ([code, path]: readonly [string, string]) => `${path}\0${code}`;
  const sorted = [...findings].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return storeRecipe(slug, 'store.fsck', rest, {
    params: {},
    expect: { outcome: 'accept', files: { findings: 'expect/findings' } },
    files: { 'expect/findings': list(sorted) },
  });
}

/** A removal, and the paths that it removes. */
export function removes(
  slug: string,
  facts: StoreFacts & { readonly removed: readonly string[]; readonly dryRun?: true },
): Recipe {
  const { removed, dryRun, ...rest } = facts;
  const after = facts.store.copy();
  const objects = removed.filter(path => /^objects\/[0-9a-f]{2}\//.test(path));
  const size = objects.reduce((sum, path) => sum + facts.store.content(path).length, 0);
  if (!dryRun) for (const path of removed) after.remove(path);
  return storeRecipe(slug, 'store.gc', rest, {
    params: dryRun ? { dryRun: 'true' } : {},
    expect: {
      outcome: 'accept',
      values: { objects: `${objects.length}`, bytes: `${size}` },
      files: { store: 'expect/store.tar' },
    },
    files: { 'expect/store.tar': after.archive() },
  });
}

/** A removal, check, export or search that is rejected with `code`, or one of several codes. */
export function rejectsStore(
  slug: string,
  op: 'gc' | 'fsck' | 'export' | 'find',
  code: string | readonly string[],
  control: string,
  facts: StoreFacts & { readonly params?: Case['params'] },
): Recipe {
  const { params = {}, ...rest } = facts;
  return storeRecipe(slug, `store.${op}`, rest, {
    params,
    expect: rejection(code),
    control: `store/${control}`,
    files: {},
  });
}

/** An export of the image `documents`, whose layers are these archives. */
export function returns(
  slug: string,
  facts: StoreFacts & {
    readonly documents: Documents;
    readonly layers: readonly StoredLayer[];
    /** Default: the name `demo`. */
    readonly params?: Case['params'];
    /** Default: all. */
    readonly keptBlobs?: string;
  },
): Recipe {
  const { documents, layers, params = { name: 'demo' }, keptBlobs, ...rest } = facts;
  const { manifest, manifestBytes, configBytes, blobs, layout } = documents;
  const files: Record<string, Uint8Array> = { manifest: manifestBytes, config: configBytes };
  for (const [i, { tar }] of layers.entries()) files[`layer-${i}`] = tar;
  if (params['layout'] === 'true')
    for (const [i, digest] of blobs.entries())
      files[`blob-${i}`] = layout.files[blobPath(digest)] ?? bytes('');
  return storeRecipe(slug, 'store.export', rest, {
    params,
    expect: {
      outcome: 'accept',
      values: { manifest, keptBlobs: keptBlobs ?? blobs.map((_, i) => i).join(',') },
      files: Object.fromEntries(Object.keys(files).map(name => [name, `expect/${name}`])),
    },
    files: Object.fromEntries(Object.entries(files).map(([name, content]) => [`expect/${name}`, content])),
  });
}

/** The search for a composefs image, and the entries that are found, in order. */
export function leadsTo(
  slug: string,
  facts: StoreFacts & {
    readonly digest: string;
    readonly verify?: true;
    readonly images: readonly (readonly string[])[];
  },
): Recipe {
  const { digest, verify, images, ...rest } = facts;
  return storeRecipe(slug, 'store.find', rest, {
    params: { digest, ...(verify && { verify: 'true' }) },
    expect: { outcome: 'accept', files: { images: 'expect/images' } },
    files: { 'expect/images': list(images) },
  });
}
