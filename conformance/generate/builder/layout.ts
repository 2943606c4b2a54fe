/**
 * Builds OCI image layouts, correct and defective ones. Nothing is checked: every member of every document can have
 * any value, and every file can be replaced.
 * @module
 */

import { createHash } from 'node:crypto';
import { storedGzip, storedZstd } from './compression.ts';
import { type Bytes, bytes } from './tar.ts';

/** Any JSON object. */
export type Json = Readonly<Record<string, unknown>>;

export interface Descriptor extends Json {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface LayerParts {
  readonly tar: Uint8Array;
  /** Default: none. */
  readonly compression?: 'none' | 'gzip' | 'zstd';
  /** Default: the SHA-256 digest of `tar`. */
  readonly diffId?: string;
  /** Overrides of members of the descriptor. */
  readonly descriptor?: Json;
}

export interface ImageParts {
  readonly layers: readonly LayerParts[];
  /** Family of the media types. Default: oci. */
  readonly types?: 'oci' | 'docker';
  /** Overrides of members of the config. */
  readonly config?: Json;
  /** Overrides of members of the descriptor of the config. */
  readonly configDescriptor?: Json;
  /** Overrides of members of the manifest. */
  readonly manifest?: Json;
  /** Overrides of members of the descriptor of the manifest, such as a tag or a platform. */
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

/** Path of a blob below the folder of the layout. */
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

/** Collects the files of a layout: path to content. */
export class LayoutBuilder {
  readonly files: Record<string, Uint8Array> = {};

  constructor() {
    this.put('oci-layout', '{"imageLayoutVersion":"1.0.0"}');
  }

  /** Writes a file, replacing an existing one. */
  put(path: string, content: Bytes): this {
    this.files[path] = bytes(content);
    return this;
  }

  remove(path: string): this {
    delete this.files[path];
    return this;
  }

  /** Writes a blob, and returns its descriptor with `more` members. */
  blob(mediaType: string, content: Bytes, more: Json = {}): Descriptor {
    const array = bytes(content);
    const digest = digestOf(array);
    this.put(blobPath(digest), array);
    return { mediaType, digest, size: array.length, ...more };
  }

  /** Writes the blobs of an image, and returns the descriptor of its manifest. */
  image(parts: ImageParts): Descriptor {
    const names = types[parts.types ?? 'oci'];
    const layers = parts.layers.map(({ tar, compression = 'none', descriptor }) =>
      this.blob(names[compression], pack[compression](tar), descriptor),
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

  /** Writes an index of `manifests` as a blob, and returns its descriptor. */
  nested(manifests: readonly Json[], vendor: 'oci' | 'docker' = 'oci', more: Json = {}): Descriptor {
    const { index: mediaType } = types[vendor];
    return this.blob(mediaType, JSON.stringify({ schemaVersion: 2, mediaType, manifests }), more);
  }

  /** Writes an `index.json` of `manifests`. */
  index(...manifests: readonly Json[]): this {
    return this.put('index.json', JSON.stringify({ schemaVersion: 2, manifests }));
  }
}
