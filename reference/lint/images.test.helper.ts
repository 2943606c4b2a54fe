/**
 * Images for the tests of `composefs-oci lint`.
 * @module
 */

import { crc32 } from 'node:zlib';
import { zstdBlockHeader } from '../../conformance/generate/builder/compression.ts';
import { type ImageParts, type Json, LayoutBuilder } from '../../conformance/generate/builder/layout.ts';
import {
  archive,
  concat,
  directory,
  type Fields,
  file,
  GNU,
  header,
} from '../../conformance/generate/builder/tar.ts';
import { hello } from '../../conformance/generate/recipes/image/parts.ts';
import { writeLayout } from '../seal/node/layouts.test.helper.ts';
import { lintImage } from './lint.ts';

/** Adds an image to a layout. */
export type Build = (builder: LayoutBuilder) => LayoutBuilder;

export const usr = directory('usr/');
export const greeting = file('usr/a');
/** A GNU header with an access time. */
export const times: Fields = { magic: GNU, at: { 345: '00000000001\0' } };
/** A name that is not ASCII, so that the sums of unsigned and signed bytes differ. */
export const accented = Buffer.from('usr/\u00e9');

export function image(parts: Omit<ImageParts, 'layers'>) {
  return (builder: LayoutBuilder) => builder.index(builder.image({ layers: [{ tar: hello }], ...parts }));
}

/** An image next to another manifest that has the config of an image, and an entry with `members`. */
export function besides(members: Json, layer = 'application/vnd.oci.image.layer.v1.tar') {
  return (builder: LayoutBuilder) => {
    const other = { tar: archive(usr), descriptor: { mediaType: layer } };
    return builder.index(
      builder.image({ layers: [{ tar: hello }] }),
      builder.image({ layers: [other], descriptor: members }),
    );
  };
}

export function forErofs(architecture: string): Json {
  return { platform: { architecture, os: 'linux', 'os.features': ['erofs'] } };
}

/** Arrays that are nested `depth` deep. */
export function nested(depth: number): unknown {
  return depth === 0 ? 'x' : [nested(depth - 1)];
}

/** The sum of the bytes of the header of the file `name`, with those above 0x7f as negative numbers. */
export function signedSum(name: Uint8Array): number {
  const block = header({ name, mode: 0o644, size: 0, checksum: '        ' });
  return block.reduce((sum, byte) => sum + ((byte << 24) >> 24), 0);
}

/** A gzip member with a checksum of its header: the lower 16 bits of its CRC-32 (RFC 1952, section 2.3.1). */
export function withHeaderChecksum(member: Uint8Array): Uint8Array {
  const head = Uint8Array.from(member.subarray(0, 10));
  head[3] = 2;
  const sum = crc32(head);
  return concat(head, Uint8Array.of(sum & 0xff, (sum >> 8) & 0xff), member.subarray(10));
}

/** `content` in one stored block of a zstd frame with a window of `window` bytes, a multiple of 4 MiB up to 64 MiB. */
export function storedFrame(content: Uint8Array, window: number): Uint8Array {
  const exponent = Math.floor(Math.log2(window));
  const eighths = (window - 2 ** exponent) / 2 ** (exponent - 3);
  const descriptor = ((exponent - 10) << 3) | eighths;
  const head = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, descriptor);
  return concat(head, zstdBlockHeader(content.length, 0, true), content);
}

/** The entries of a policy with these lines. */
export function policyEntries(lines: string): Uint8Array[] {
  const directories = ['etc/', 'etc/selinux/', 'etc/selinux/t/', 'etc/selinux/t/contexts/'];
  return [
    ...[...directories, 'etc/selinux/t/contexts/files/'].map(name => directory(name)),
    file('etc/selinux/config', 'SELINUXTYPE=t\n'),
    file('etc/selinux/t/contexts/files/file_contexts', lines),
  ];
}

export function layers(...tars: readonly Uint8Array[]) {
  return (builder: LayoutBuilder) => builder.index(builder.image({ layers: tars.map(tar => ({ tar })) }));
}

/** An image whose layer `hello` is compressed as `blob`. */
export function packed(compression: 'gzip' | 'zstd', blob: Uint8Array) {
  return (builder: LayoutBuilder) => {
    const { digest, size } = builder.blob('', blob);
    return builder.index(
      builder.image({ layers: [{ tar: hello, compression, descriptor: { digest, size } }] }),
    );
  };
}

/** The warnings about an image. */
export const codes = async (build: Build) =>
  (await lintImage(writeLayout(build(new LayoutBuilder())), {})).map(({ code }) => code);
