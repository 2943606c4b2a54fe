/**
 * Blobs: their names, sizes and digests.
 * @module
 */

import { storedGzip } from '../../builder/compression.ts';
import { blobPath, digestOf, type Json, type LayoutBuilder } from '../../builder/layout.ts';
import type { Recipe } from '../../recipe.ts';
import { accepts, bonjour, hello, rejects, trees } from './parts.ts';

/** The image `hello` with members of its layer descriptor changed. */
function layer(layout: LayoutBuilder, descriptor: Json): LayoutBuilder {
  return layout.index(layout.image({ layers: [{ tar: hello, descriptor }] }));
}

/** The path of the layer of the image `hello`. */
function layerPath(layout: LayoutBuilder): string {
  return blobPath(layout.blob('', hello).digest);
}

/** The image `hello`, the blob of whose layer has a SHA-512 digest, with `more` digits in the descriptor. */
function bySha512(layout: LayoutBuilder, more = ''): LayoutBuilder {
  const digest = digestOf(hello, 'sha512');
  return layer(layout.put(blobPath(digest), hello), { digest: digest + more }).remove(layerPath(layout));
}

/** Replaces the file at `path` by a directory. */
function asDirectory(layout: LayoutBuilder, path: string): LayoutBuilder {
  return layout.remove(path).put(`${path}/data`, '');
}

const { length } = hello;

export const recipes: readonly Recipe[] = [
  rejects('digest-path-traversal', 'IMAGE_DIGEST_FORM', 'one-layer', {
    title: 'A digest that is a path out of the blobs is rejected',
    requirements: ['LAYER-009'],
    class: 'HOSTILE',
    build: layout => layer(layout.put('layer.tar', hello), { digest: 'sha256:../../layer.tar' }),
  }),
  rejects('digest-upper-case', 'IMAGE_DIGEST_FORM', 'one-layer', {
    title: 'A digest in upper case is rejected',
    requirements: ['LAYER-009'],
    build: layout => {
      const { digest } = layout.blob('', hello);
      return layer(layout, { digest: digest.replace(/:.*/, hex => hex.toUpperCase()) });
    },
  }),
  rejects('digest-short', 'IMAGE_DIGEST_FORM', 'one-layer', {
    title: 'A digest that is one hex digit short is rejected',
    requirements: ['LAYER-009'],
    build: layout => layer(layout, { digest: layout.blob('', hello).digest.slice(0, -1) }),
  }),
  rejects('digest-long', 'IMAGE_DIGEST_FORM', 'one-layer', {
    title: 'A SHA-256 digest with one hex digit too many is rejected',
    requirements: ['LAYER-009'],
    build: layout => layer(layout, { digest: `${layout.blob('', hello).digest}0` }),
  }),
  accepts('digest-sha512', trees.hello, {
    title: 'A descriptor can name its blob by a SHA-512 digest',
    requirements: ['LAYER-009', 'LAYER-010', 'LAYER-012'],
    class: 'KNOWN_BUG',
    links: [
      'https://github.com/containers/ocidir-rs/blob/05272f3d99b66e71373fc46584fb5befafb20a14/src/lib.rs',
    ],
    build: layout => bySha512(layout),
  }),
  rejects('digest-sha512-long', 'IMAGE_DIGEST_FORM', 'digest-sha512', {
    title: 'A SHA-512 digest with one hex digit too many is rejected',
    requirements: ['LAYER-009'],
    build: layout => bySha512(layout, '0'),
  }),
  rejects('digest-other-algorithm', 'IMAGE_DIGEST_FORM', 'diff-id-sha512', {
    title: 'A digest with an unknown hash function is rejected',
    requirements: ['LAYER-009'],
    build: layout => layer(layout, { digest: `sha384:${'0'.repeat(96)}` }),
  }),
  rejects('blob-missing', 'IMAGE_BLOB', 'one-layer', {
    title: 'A layer without a blob is rejected',
    requirements: ['LAYER-010'],
    build: layout => layer(layout, {}).remove(layerPath(layout)),
  }),
  rejects('blob-directory', 'IMAGE_BLOB', 'one-layer', {
    title: 'A layer whose blob is a directory is rejected',
    requirements: ['LAYER-010'],
    class: 'EDGE_CASE',
    build: layout => asDirectory(layer(layout, {}), layerPath(layout)),
  }),
  rejects('blob-below-file', 'IMAGE_BLOB', 'digest-sha512', {
    title: 'A layer whose path leads through a file is rejected',
    requirements: ['LAYER-010'],
    class: 'EDGE_CASE',
    build: layout => layer(layout.put('blobs/sha512', ''), { digest: digestOf(hello, 'sha512') }),
  }),
  rejects('manifest-directory', 'IMAGE_BLOB', 'one-layer', {
    title: 'A manifest whose blob is a directory is rejected',
    requirements: ['LAYER-010'],
    class: 'EDGE_CASE',
    build: layout => {
      const manifest = layout.image({ layers: [{ tar: hello }] });
      return asDirectory(layout.index(manifest), blobPath(manifest.digest));
    },
  }),
  rejects('blob-embedded', 'IMAGE_BLOB', 'unknown-members', {
    title: 'A layer that exists only in the data of its descriptor is rejected',
    requirements: ['LAYER-010'],
    class: 'EDGE_CASE',
    build: layout => layer(layout, { data: Buffer.from(hello).toString('base64') }).remove(layerPath(layout)),
  }),
  accepts('data-of-other-manifest', trees.hello, {
    title: 'The data in the descriptor of a manifest has no effect',
    byComposefsRs: true,
    requirements: ['LAYER-010'],
    class: 'EDGE_CASE',
    build: layout => {
      const other = layout.image({ layers: [{ tar: bonjour }] });
      const data = Buffer.from(layout.files[blobPath(other.digest)] ?? '').toString('base64');
      return layout.index(layout.image({ layers: [{ tar: hello }], descriptor: { data } }));
    },
  }),
  rejects('layer-size-too-small', 'IMAGE_SIZE', 'one-layer', {
    title: 'A layer that is one byte longer than its size is rejected',
    requirements: ['LAYER-011'],
    build: layout => layer(layout, { size: length - 1 }),
  }),
  rejects('layer-size-too-large', 'IMAGE_SIZE', 'one-layer', {
    title: 'A layer that is one byte shorter than its size is rejected',
    requirements: ['LAYER-011'],
    build: layout => layer(layout, { size: length + 1 }),
  }),
  rejects('layer-digest', 'IMAGE_DIGEST', 'one-layer', {
    title: 'A layer that does not match its digest is rejected',
    requirements: ['LAYER-012'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/blob/main/crates/composefs-oci/src/oci_layout.rs'],
    build: layout => {
      // The diff_id is that of the changed layer: nothing else contradicts it.
      const changed = hello.with(hello.indexOf('h'.charCodeAt(0), 1024), 'H'.charCodeAt(0));
      const { digest } = layout.blob('', hello);
      return layout
        .index(layout.image({ layers: [{ tar: changed, descriptor: { digest } }] }))
        .put(blobPath(digest), changed);
    },
  }),
  rejects('layer-digest-only-padding', 'IMAGE_DIGEST', 'one-layer', {
    title: 'A layer that differs only after the end of its archive is rejected',
    requirements: ['LAYER-012'],
    class: 'HOSTILE',
    build: layout => layer(layout, {}).put(layerPath(layout), hello.with(length - 1, 1)),
  }),
  rejects('layer-digest-before-content', 'IMAGE_DIGEST', 'gzip-layer', {
    title: 'A damaged gzip layer is rejected because of its digest',
    requirements: ['LAYER-013'],
    class: 'EDGE_CASE',
    build: layout => {
      const compressed = storedGzip(hello);
      const path = blobPath(layout.blob('', compressed).digest);
      layout.index(layout.image({ layers: [{ tar: hello, compression: 'gzip' }] }));
      return layout.put(path, compressed.with(20, 0xff));
    },
  }),
  rejects('manifest-digest', 'IMAGE_DIGEST', 'one-layer', {
    title: 'A manifest that does not match its digest is rejected',
    requirements: ['LAYER-012'],
    class: 'HOSTILE',
    build: layout => {
      const good = layout.image({ layers: [{ tar: hello }] });
      const evil = layout.image({ layers: [{ tar: bonjour }] });
      const evilBytes = layout.files[blobPath(evil.digest)] ?? new Uint8Array();
      return layout.index(good).put(blobPath(good.digest), evilBytes);
    },
  }),
  rejects('config-size', 'IMAGE_SIZE', 'one-layer', {
    title: 'A config that is longer than its descriptor says is rejected',
    requirements: ['LAYER-011'],
    build: layout => layout.index(layout.image({ layers: [{ tar: hello }], configDescriptor: { size: 10 } })),
  }),
];
