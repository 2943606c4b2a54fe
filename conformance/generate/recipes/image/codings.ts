/**
 * One image in several codings of its layer: the digest is always that of the tree of the archive (TOC-001).
 * @module
 */

import { type Changes, chunkedLayer } from '../../builder/chunked.ts';
import { storedGzip, storedZstd } from '../../builder/compression.ts';
import { digestOf, type Json, type LayoutBuilder } from '../../builder/layout.ts';
import type { Recipe } from '../../recipe.ts';
import { annotation, keys, member } from '../toc/parts.ts';
import { accepts, hello, trees } from './parts.ts';
import { helloParts } from './table-of-contents.ts';

const TAR = 'application/vnd.oci.image.layer.v1.tar';
const zeroDigest = `sha256:${'0'.repeat(64)}`;

/** An image of one layer, the archive {@link hello}, as this blob; `members` are of the manifest. */
function imageOf(
  layout: LayoutBuilder,
  mediaType: string,
  blob: Uint8Array,
  annotations?: Json,
  members: Json = {},
): void {
  const layer = layout.blob(mediaType, blob, annotations === undefined ? {} : { annotations });
  layout.index(layout.image({ layers: [{ tar: hello }], manifest: { layers: [layer], ...members } }));
}

/** The members of a manifest that publishes the digest of the image. */
const sealed = { annotations: { 'composefs.merged.erofs.v1.fsverity-sha256-12': trees.hello.sha256 } };

/** The archive {@link hello} as a zstd:chunked layer. */
function chunked(layout: LayoutBuilder, changes?: Changes, members?: Json): void {
  const { tar, blob, annotations } = chunkedLayer(helloParts, changes);
  if (digestOf(tar) !== digestOf(hello)) throw new Error('the archive is a different one');
  imageOf(layout, `${TAR}+zstd`, blob, annotations, members);
}

const requirements = ['TOC-001'];

export const recipes: readonly Recipe[] = [
  accepts('coding-none', trees.hello, {
    title: 'The digest of an image whose layer is an archive',
    requirements,
    byComposefsRs: true,
    byStorage: true,
    build: layout => imageOf(layout, TAR, hello),
  }),
  accepts('coding-gzip', trees.hello, {
    title: 'An image with a gzip layer has the digest of its archive',
    requirements,
    needs: ['compression.gzip'],
    byComposefsRs: true,
    byStorage: true,
    build: layout => imageOf(layout, `${TAR}+gzip`, storedGzip(hello)),
  }),
  accepts('coding-zstd', trees.hello, {
    title: 'An image with a zstd layer has the digest of its archive',
    requirements,
    needs: ['compression.zstd'],
    byComposefsRs: true,
    byStorage: true,
    build: layout => imageOf(layout, `${TAR}+zstd`, storedZstd(hello)),
  }),
  accepts('coding-zstd-chunked', trees.hello, {
    title: 'An image with a zstd:chunked layer has the digest of its archive',
    requirements,
    needs: ['compression.zstd'],
    byComposefsRs: true,
    byStorage: true,
    build: layout => chunked(layout),
  }),
  accepts('coding-none-sealed', trees.hello, {
    title: 'An image that publishes its digest has this digest',
    requirements: ['TOC-070'],
    byComposefsRs: true,
    byStorage: true,
    build: layout => imageOf(layout, TAR, hello, undefined, sealed),
  }),
  accepts('coding-zstd-chunked-sealed', trees.hello, {
    title: 'A zstd:chunked image that publishes its digest has this digest',
    requirements: ['TOC-001', 'TOC-070'],
    needs: ['compression.zstd'],
    byComposefsRs: true,
    byStorage: true,
    build: layout => chunked(layout, undefined, sealed),
  }),
  accepts('coding-zstd-chunked-false-checksum', trees.hello, {
    title: 'The digest does not depend on the checksum of a table of contents',
    requirements,
    needs: ['compression.zstd'],
    build: layout =>
      chunked(
        layout,
        annotation(keys.checksum, () => zeroDigest),
      ),
  }),
  accepts('coding-zstd-chunked-false-entry', trees.hello, {
    title: 'The digest does not depend on the entries of a table of contents',
    requirements,
    needs: ['compression.zstd'],
    build: layout => chunked(layout, member('usr/greeting', 'mode', 0o4755)),
  }),
  accepts('coding-estargz-annotation', trees.hello, {
    title: 'The digest does not depend on the annotation of eStargz',
    requirements,
    needs: ['compression.gzip'],
    build: layout => imageOf(layout, `${TAR}+gzip`, storedGzip(hello), { [keys.estargz]: zeroDigest }),
  }),
];
