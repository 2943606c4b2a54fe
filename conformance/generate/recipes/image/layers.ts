/**
 * From the manifest and the config to the layers, and from there to the digest of the image.
 * @module
 */

import { fixedGzip } from '../../builder/compression.ts';
import { blobPath, digestOf, type LayerParts, type LayoutBuilder } from '../../builder/layout.ts';
import { archive, concat, directory, file, hardlink, pax, zeros } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { accepts, bonjour, boot, data, goodbye, hello, rejects, trees } from './parts.ts';

function image(layout: LayoutBuilder, ...layers: readonly LayerParts[]): LayoutBuilder {
  return layout.index(layout.image({ layers }));
}

/** The image `hello` with this media type for its layer. */
function mediaType(
  layout: LayoutBuilder,
  name: string,
  compression: LayerParts['compression'] = 'none',
): LayoutBuilder {
  return image(layout, { tar: hello, compression, descriptor: { mediaType: name } });
}

/** The image `hello` with these diff_ids. */
function diffIds(layout: LayoutBuilder, ids: (right: string) => readonly string[]): LayoutBuilder {
  const { digest } = layout.blob('', hello);
  const rootfs = { type: 'layers', diff_ids: ids(digest) };
  return layout.index(layout.image({ layers: [{ tar: hello }], config: { rootfs } }));
}

/** The image `hello`, the layer of which ends in zeros and is 2 MiB long, in a short gzip blob. */
function expanding(layout: LayoutBuilder): LayoutBuilder {
  const tar = concat(hello, new Uint8Array(2 ** 21 - hello.length));
  const descriptor = layout.blob('application/vnd.oci.image.layer.v1.tar+gzip', fixedGzip(tar));
  image(layout, { tar: hello, diffId: digestOf(tar), descriptor });
  return layout.remove(blobPath(digestOf(hello)));
}

/** How many files each ring of {@link rotated} has: the lengths have no common divisor, so rotations differ. */
const rings = [5, 7, 9, 11] as const;
/** The name of a file in a ring; the one after the last is spare. */
const inRing = (length: number, i: number) => `usr/ring${length}/${String(i).padStart(2, '0')}`;

/**
 * An image of `count` layers, each of which matters: the first one holds rings of files, and each other one rotates
 * every ring by one file, by hard links. The names of the files count the layers, up to 5 * 7 * 9 * 11.
 */
function rotated(layout: LayoutBuilder, count: number): LayoutBuilder {
  const base = archive(
    directory('usr/'),
    ...rings.flatMap(length => [
      directory(`usr/ring${length}/`),
      ...Array.from({ length: length + 1 }, (_, i) => file(inRing(length, i), `${i}`)),
    ]),
  );
  const rotate = archive(
    ...rings.flatMap(length => [
      hardlink(inRing(length, length), inRing(length, 0)),
      ...Array.from({ length }, (_, i) => hardlink(inRing(length, i), inRing(length, i + 1))),
    ]),
  );
  return image(layout, ...Array.from({ length: count }, (_, i) => ({ tar: i === 0 ? base : rotate })));
}

/** An image of `/usr` with one extended attribute, `user.a`, whose value has `length` bytes. */
function attribute(layout: LayoutBuilder, length: number): LayoutBuilder {
  const usr = concat(pax({ 'SCHILY.xattr.user.a': 'v'.repeat(length) }), directory('usr/'));
  return image(layout, { tar: archive(usr) });
}

export const recipes: readonly Recipe[] = [
  accepts('xattrs-of-32767', trees.longAttribute, {
    title: 'An inode with an attribute sum of 32767 is accepted',
    byComposefsRs: true,
    requirements: ['EROFS-004'],
    class: 'LIMIT',
    needs: ['xattrs.keep-user-xattrs'],
    params: { xattrs: 'keep-user-xattrs' },
    build: layout => attribute(layout, 32742),
  }),
  rejects('xattrs-of-32768', 'EROFS_LIMIT', 'xattrs-of-32767', {
    title: 'An inode with an attribute sum of 32768 is rejected',
    requirements: ['EROFS-004'],
    class: 'LIMIT',
    needs: ['xattrs.keep-user-xattrs'],
    params: { xattrs: 'keep-user-xattrs' },
    build: layout => attribute(layout, 32743),
  }),
  accepts('one-layer', trees.hello, {
    title: 'The digest of an image with one uncompressed layer is computed',
    byComposefsRs: true,
    requirements: ['LAYER-022', 'LAYER-026', 'LAYER-023'],
    build: layout => image(layout, { tar: hello }),
  }),
  accepts('gzip-layer', trees.hello, {
    title: 'A gzip layer gives the same digest as the uncompressed layer',
    byComposefsRs: true,
    requirements: ['LAYER-022', 'LAYER-026'],
    build: layout => image(layout, { tar: hello, compression: 'gzip' }),
  }),
  accepts('zstd-layer', trees.hello, {
    title: 'A zstd layer gives the same digest as the uncompressed layer',
    byComposefsRs: true,
    requirements: ['LAYER-022', 'LAYER-026'],
    needs: ['compression.zstd'],
    build: layout => image(layout, { tar: hello, compression: 'zstd' }),
  }),
  accepts('max-size', trees.helloGoodbye, {
    title: 'Layers that together have the size of the request are accepted',
    requirements: ['LAYER-102'],
    class: 'LIMIT',
    needs: ['limits.expansion'],
    params: { maxSize: String(hello.length + goodbye.length) },
    build: layout => image(layout, { tar: hello }, { tar: goodbye }),
  }),
  rejects('max-size-passed', 'COMPRESSION_LIMIT', 'max-size', {
    title: 'Layers one byte above the size of the request are rejected',
    requirements: ['LAYER-102'],
    class: 'LIMIT',
    needs: ['limits.expansion'],
    params: { maxSize: String(hello.length + goodbye.length - 1) },
    build: layout => image(layout, { tar: hello }, { tar: goodbye }),
  }),
  accepts('max-expansion', trees.hello, {
    title: 'A layer below the expansion of the request is accepted',
    requirements: ['LAYER-101'],
    class: 'LIMIT',
    needs: ['limits.expansion'],
    params: { maxExpansion: '2' },
    build: expanding,
  }),
  rejects('max-expansion-passed', 'COMPRESSION_LIMIT', 'max-expansion', {
    title: 'A layer above the expansion of the request is rejected',
    requirements: ['LAYER-101'],
    class: 'LIMIT',
    needs: ['limits.expansion'],
    params: { maxExpansion: '1' },
    build: expanding,
  }),
  accepts('docker-types', trees.helloGoodbye, {
    title: 'Docker media types are equivalent to those of OCI',
    requirements: ['LAYER-022', 'LAYER-021'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/blob/main/crates/composefs-oci/src/layer.rs'],
    build: layout =>
      layout.index(
        layout.image({
          layers: [{ tar: hello, compression: 'gzip' }, { tar: goodbye }],
          types: 'docker',
        }),
      ),
  }),
  accepts('docker-layer-in-oci-manifest', trees.hello, {
    title: 'An OCI manifest can have a layer with a Docker media type',
    requirements: ['LAYER-022'],
    class: 'EDGE_CASE',
    build: layout => mediaType(layout, 'application/vnd.docker.image.rootfs.diff.tar.gzip', 'gzip'),
  }),
  accepts('docker-zstd-layer', trees.hello, {
    title: 'A Docker layer can be compressed with zstd',
    requirements: ['LAYER-022'],
    needs: ['compression.zstd'],
    build: layout => mediaType(layout, 'application/vnd.docker.image.rootfs.diff.tar.zstd', 'zstd'),
  }),
  accepts('docker-foreign-layer', trees.hello, {
    title: 'A foreign Docker layer is read as a layer',
    requirements: ['LAYER-022'],
    build: layout => mediaType(layout, 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'gzip'),
  }),
  accepts('nondistributable-layer', trees.hello, {
    title: 'A nondistributable layer is read as a layer',
    byComposefsRs: true,
    requirements: ['LAYER-022'],
    build: layout =>
      mediaType(layout, 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', 'gzip'),
  }),
  accepts('nondistributable-layer-uncompressed', trees.hello, {
    title: 'A nondistributable layer without compression is read as a layer',
    byComposefsRs: true,
    requirements: ['LAYER-022'],
    build: layout => mediaType(layout, 'application/vnd.oci.image.layer.nondistributable.v1.tar', 'none'),
  }),
  rejects('layer-media-type', 'IMAGE_MEDIA_TYPE', 'one-layer', {
    title: 'A layer with an unknown media type is rejected',
    requirements: ['LAYER-022'],
    build: layout => mediaType(layout, 'application/vnd.example.files.v1.tar'),
  }),
  rejects('layer-media-type-parameter', 'IMAGE_MEDIA_TYPE', 'one-layer', {
    title: 'A layer media type with a parameter is rejected',
    requirements: ['LAYER-022'],
    class: 'EDGE_CASE',
    build: layout => mediaType(layout, 'application/vnd.oci.image.layer.v1.tar; charset=utf-8'),
  }),
  rejects('layer-media-type-case', 'IMAGE_MEDIA_TYPE', 'one-layer', {
    title: 'A layer media type in a different case is rejected',
    requirements: ['LAYER-022'],
    class: 'EDGE_CASE',
    build: layout => mediaType(layout, 'application/vnd.oci.image.layer.v1.TAR'),
  }),
  accepts('two-layers', trees.helloGoodbye, {
    title: 'The first layer is the base layer',
    byComposefsRs: true,
    requirements: ['LAYER-023'],
    build: layout => image(layout, { tar: hello }, { tar: goodbye, compression: 'gzip' }),
  }),
  accepts('history-ignored', trees.helloGoodbye, {
    title: 'The history of the config does not affect the layers',
    byComposefsRs: true,
    requirements: ['LAYER-023'],
    class: 'EDGE_CASE',
    build: layout =>
      layout.index(
        layout.image({
          layers: [{ tar: hello }, { tar: goodbye }],
          config: { history: [{ empty_layer: true }, { empty_layer: true }, { created_by: 'x' }] },
        }),
      ),
  }),
  accepts('external-file', trees.helloData, {
    title: 'A long file is in the image by its digest',
    byComposefsRs: true,
    requirements: ['LAYER-023'],
    build: layout => image(layout, { tar: hello }, { tar: data }),
  }),
  accepts('algorithm-sha512', trees.helloGoodbye, {
    title: 'The digest of an image can use SHA-512',
    byComposefsRs: true,
    requirements: ['LAYER-023'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/issues/197'],
    needs: ['digest.sha512-12'],
    params: { algorithm: 'fsverity-sha512-12' },
    build: layout => image(layout, { tar: hello, compression: 'gzip' }, { tar: goodbye }),
  }),
  accepts('transform-none', trees.helloUntransformed, {
    title: 'Without transforms, the root keeps its fixed attributes',
    requirements: ['LAYER-023'],
    params: { transform: 'none' },
    build: layout => image(layout, { tar: hello }),
  }),
  accepts('role-layer', trees.helloUntransformed, {
    title: 'Role layer gives the digest of the image of a single layer',
    requirements: ['LAYER-023'],
    needs: ['role.layer'],
    params: { role: 'layer', transform: 'none' },
    build: layout => image(layout, { tar: hello }),
  }),
  rejects('role-layer-of-two', 'REQUEST_ROLE', 'role-layer', {
    title: 'Role layer for an image of two layers is rejected',
    requirements: ['TREE-011'],
    needs: ['role.layer'],
    params: { role: 'layer', transform: 'none' },
    build: layout => image(layout, { tar: hello }, { tar: goodbye }),
  }),
  accepts('bootable', trees.helloBoot, {
    title: 'Role merged.bootable gives an image a digest of its own',
    byComposefsRs: true,
    requirements: ['LAYER-023', 'TREE-013'],
    needs: ['role.merged.bootable'],
    params: { role: 'merged.bootable' },
    build: layout => image(layout, { tar: hello }, { tar: boot, compression: 'gzip' }),
  }),
  accepts('bootable-sha512', trees.helloBoot, {
    title: 'The digest of role merged.bootable can use SHA-512',
    byComposefsRs: true,
    requirements: ['LAYER-023', 'TREE-013'],
    needs: ['role.merged.bootable', 'digest.sha512-12'],
    params: { role: 'merged.bootable', algorithm: 'fsverity-sha512-12' },
    build: layout => image(layout, { tar: hello }, { tar: boot, compression: 'gzip' }),
  }),
  rejects('bootable-policy', 'TRANSFORM_SELINUX', 'bootable', {
    title: 'An image that lacks the SELinux policy it names is rejected',
    requirements: ['SELINUX-009', 'SELINUX-001'],
    needs: ['role.merged.bootable'],
    params: { role: 'merged.bootable' },
    build: layout => {
      const policy = archive(directory('etc/selinux/'), file('etc/selinux/config', 'SELINUXTYPE=targeted\n'));
      return image(layout, { tar: hello }, { tar: boot }, { tar: policy });
    },
  }),
  accepts('no-layers', trees.empty, {
    title: 'An image without layers is an empty directory',
    requirements: ['LAYER-023'],
    class: 'EDGE_CASE',
    build: layout => image(layout),
  }),
  rejects('diff-ids-too-few', 'IMAGE_LAYER_COUNT', 'two-layers', {
    title: 'One diff_id for two layers is rejected',
    requirements: ['LAYER-025'],
    build: layout => {
      const { digest } = layout.blob('', hello);
      const rootfs = { type: 'layers', diff_ids: [digest] };
      return layout.index(layout.image({ layers: [{ tar: hello }, { tar: goodbye }], config: { rootfs } }));
    },
  }),
  rejects('diff-ids-too-many', 'IMAGE_LAYER_COUNT', 'one-layer', {
    title: 'Two diff_ids for one layer are rejected',
    requirements: ['LAYER-025'],
    build: layout => diffIds(layout, right => [right, right]),
  }),
  rejects('diff-id-wrong', 'IMAGE_DIFF_ID', 'gzip-layer', {
    title: 'A diff_id of a different layer is rejected',
    requirements: ['LAYER-026'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/blob/main/crates/composefs-oci/src/oci_layout.rs'],
    build: layout => {
      const { digest } = layout.blob('', bonjour);
      return image(layout, { tar: hello, compression: 'gzip', diffId: digest });
    },
  }),
  rejects('diff-id-form', 'IMAGE_DIGEST_FORM', 'one-layer', {
    title: 'A diff_id that is not written as a digest is rejected',
    requirements: ['LAYER-009'],
    build: layout => diffIds(layout, right => [right.replace('sha256:', 'sha256-')]),
  }),
  accepts('diff-id-sha512', trees.hello, {
    title: 'A diff_id can be a SHA-512 digest',
    byComposefsRs: true,
    requirements: ['LAYER-009', 'LAYER-026'],
    build: layout => image(layout, { tar: hello, diffId: digestOf(hello, 'sha512') }),
  }),
  rejects('diff-id-sha512-wrong', 'IMAGE_DIFF_ID', 'diff-id-sha512', {
    title: 'A SHA-512 diff_id of a different layer is rejected',
    requirements: ['LAYER-026'],
    build: layout => image(layout, { tar: hello, diffId: digestOf(bonjour, 'sha512') }),
  }),
  accepts('padding-in-diff-id', trees.hello, {
    title: 'A diff_id covers zeros after the end of the archive',
    byComposefsRs: true,
    requirements: ['LAYER-026'],
    class: 'KNOWN_BUG',
    links: [
      'https://github.com/composefs/composefs-rs/pull/290',
      'https://github.com/podman-container-tools/container-libs/issues/391',
    ],
    build: layout => image(layout, { tar: concat(hello, zeros(16)), compression: 'gzip' }),
  }),
  rejects('padding-not-in-diff-id', 'IMAGE_DIFF_ID', 'padding-in-diff-id', {
    title: 'A diff_id that does not cover zeros after the archive is rejected',
    requirements: ['LAYER-026'],
    class: 'HOSTILE',
    build: layout => {
      const { digest } = layout.blob('', hello);
      return image(layout, { tar: concat(hello, zeros(16)), compression: 'gzip', diffId: digest });
    },
  }),
  accepts('layers-1024', trees.rotated, {
    title: 'An image with 1,024 layers is accepted',
    byComposefsRs: true,
    requirements: ['LAYER-027'],
    class: 'LIMIT',
    build: layout => rotated(layout, 1024),
  }),
  rejects('layers-1025', 'IMAGE_LIMIT', 'layers-1024', {
    title: 'An image with 1,025 layers is rejected',
    requirements: ['LAYER-028'],
    class: 'LIMIT',
    build: layout => rotated(layout, 1025),
  }),
];
