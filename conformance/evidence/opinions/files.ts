/**
 * The files of a case that a program can read.
 * @module
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from '../../suite/case.ts';
import type { Subject } from './witness.ts';

/** A document of a layout, and which one it is. */
export interface DocumentFile {
  readonly path: string;
  readonly kind: 'layout' | 'index' | 'manifest' | 'config';
}

/** Whether the case is rejected at `stage`, and for one of `reasons` if they are given. */
export function isRejected({ expect }: Case, stage: string, reasons?: readonly string[]): boolean {
  if (expect.outcome !== 'reject' || expect.stage !== stage) return false;
  return reasons === undefined || expect.reasons.some(reason => reasons.includes(reason));
}

/** The layers of a case, as they are stored. */
export function layers({
  folder,
}: Subject): readonly { readonly path: string; readonly mediaType: string }[] {
  const { layers } = folder.input;
  return typeof layers === 'object' ? layers : [];
}

/** The archives of a case; none if one of its layers is compressed. */
export function archives(subject: Subject): readonly string[] {
  const all = layers(subject);
  return all.every(({ mediaType }) => /[.+]tar$/.test(mediaType)) ? all.map(({ path }) => path) : [];
}

/** The blobs of a case that are compressed in one way; none if a layer is not. */
export function blobs(subject: Subject, compression: 'gzip' | 'zstd'): readonly string[] {
  const all = layers(subject);
  const isCompressed = ({ mediaType }: { mediaType: string }) => mediaType.endsWith(compression);
  return all.every(isCompressed) ? all.map(({ path }) => path) : [];
}

/** An input that is one file; none if the case has no such input. */
export function input({ folder }: Subject, name: string): readonly string[] {
  const path = folder.input[name];
  return typeof path === 'string' ? [path] : [];
}

const kinds: Readonly<Record<string, DocumentFile['kind']>> = {
  'application/vnd.oci.image.index.v1+json': 'index',
  'application/vnd.oci.image.manifest.v1+json': 'manifest',
  'application/vnd.oci.image.config.v1+json': 'config',
};

/** The OCI documents of a layout: those that descriptors lead to, as far as they can be read. */
export function documents(subject: Subject): readonly DocumentFile[] {
  const [layout] = input(subject, 'layout');
  if (layout === undefined) return [];
  const found = new Map<string, DocumentFile>();
  const add = (path: string, kind: DocumentFile['kind']) => {
    if (found.has(path) || !existsSync(path)) return;
    found.set(path, { path, kind });
    for (const descriptor of descriptors(path)) {
      const { mediaType, digest } = descriptor;
      const next = typeof mediaType === 'string' ? kinds[mediaType] : undefined;
      const [, hash, hex] = /^(sha256|sha512):([0-9a-f]+)$/.exec(String(digest)) ?? [];
      if (next !== undefined && hash !== undefined && hex !== undefined) {
        add(join(layout, 'blobs', hash, hex), next);
      }
    }
  };
  add(join(layout, 'oci-layout'), 'layout');
  add(join(layout, 'index.json'), 'index');
  return [...found.values()];
}

/** The descriptors in a document; none if it is malformed. */
function descriptors(path: string): readonly Readonly<Record<string, unknown>>[] {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return [];
  }
  if (typeof document !== 'object' || document === null) return [];
  const { manifests, config } = document as Readonly<Record<string, unknown>>;
  return [...(Array.isArray(manifests) ? manifests : []), config].filter(
    value => typeof value === 'object' && value !== null,
  );
}
