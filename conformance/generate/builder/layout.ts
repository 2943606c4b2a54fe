/**
 * Builds OCI image layouts, right ones and wrong ones. Nothing is checked: every member of every document can be
 * set to anything, and every file can be replaced.
 * @module
 */

import { createHash } from 'node:crypto';
import { storedGzip, storedZstd } from './packed.ts';
import { type Bytes, bytes } from './tar.ts';

/** Any JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** What points to a blob. */
export interface Descriptor extends Json {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** One layer. */
export interface LayerParts {
  readonly tar: Uint8Array;
  /** Default: none. */
  readonly packed?: 'none' | 'gzip' | 'zstd';
  /** Default: the SHA-256 digest of `tar`. */
  readonly diffId?: string;
  /** Members of the descriptor, over the right ones. */
  readonly descriptor?: Json;
}

/** One image. */
export interface ImageParts {
  readonly layers: readonly LayerParts[];
  /** Whose media types. Default: oci. */
  readonly types?: 'oci' | 'docker';
  /** Members of the config, over the right ones. */
  readonly config?: Json;
  /** Members of the descriptor of the config. */
  readonly configDescriptor?: Json;
  /** Members of the manifest. */
  readonly manifest?: Json;
  /** Members of the descriptor of the manifest: tag, platform. */
  readonly descriptor?: Json;
}

const types = {
  oci: {
    index: 'application/vnd.oci.image.index.v1+json',
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    none: 'application/vnd.oci.image.layer.v1.tar',
    gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
    zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  },
  docker: {
    index: 'application/vnd.docker.distribution.manifest.list.v2+json',
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    none: 'application/vnd.docker.image.rootfs.diff.tar',
    gzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
    zstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
  },
} as const;

const pack = { none: (tar: Uint8Array) => tar, gzip: storedGzip, zstd: storedZstd };

/** `algorithm:hex` of `content`. */
export function digestOf(content: Bytes, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes(content)).digest('hex')}`;
}

/** Where the blob of a digest is, from the top of the layout. */
export function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

/** A tag, as a member of a descriptor. */
export function tag(name: string): Json {
  return { annotations: { 'org.opencontainers.image.ref.name': name } };
}

/** A platform, as a member of a descriptor. */
export function platform(os: string, architecture: string, variant?: string): Json {
  return { platform: { architecture, os, ...(variant === undefined ? {} : { variant }) } };
}

/** A layout in the making: path to content. */
export class LayoutBuilder {
  readonly files: Record<string, Uint8Array> = {};

  constructor() {
    this.put('oci-layout', '{"imageLayoutVersion":"1.0.0"}');
  }

  /** Puts a file, over what was there. */
  put(path: string, content: Bytes): this {
    this.files[path] = bytes(content);
    return this;
  }

  /** Removes a file. */
  remove(path: string): this {
    delete this.files[path];
    return this;
  }

  /** Puts a blob. */
  blob(mediaType: string, content: Bytes, more: Json = {}): Descriptor {
    const array = bytes(content);
    const digest = digestOf(array);
    this.put(blobPath(digest), array);
    return { mediaType, digest, size: array.length, ...more };
  }

  /** Puts an image, and gives the descriptor of its manifest. */
  image(parts: ImageParts): Descriptor {
    const names = types[parts.types ?? 'oci'];
    const layers = parts.layers.map(({ tar, packed = 'none', descriptor }) =>
      this.blob(names[packed], pack[packed](tar), descriptor),
    );
    const config = {
      architecture: 'amd64',
      os: 'linux',
      rootfs: {
        type: 'layers',
        diff_ids: parts.layers.map(({ tar, diffId }) => diffId ?? digestOf(tar)),
      },
      ...parts.config,
    };
    const manifest = {
      schemaVersion: 2,
      mediaType: names.manifest,
      config: this.blob(names.config, JSON.stringify(config), parts.configDescriptor),
      layers,
      ...parts.manifest,
    };
    return this.blob(names.manifest, JSON.stringify(manifest), parts.descriptor);
  }

  /** Puts an index over `manifests` as a blob. */
  nested(manifests: readonly Json[], vendor: 'oci' | 'docker' = 'oci', more: Json = {}): Descriptor {
    const { index: mediaType } = types[vendor];
    return this.blob(mediaType, JSON.stringify({ schemaVersion: 2, mediaType, manifests }), more);
  }

  /** Puts `index.json` over `manifests`. */
  index(...manifests: readonly Json[]): this {
    return this.put('index.json', JSON.stringify({ schemaVersion: 2, manifests }));
  }
}
