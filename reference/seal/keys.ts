/**
 * The keys under which digests are published (spec/sealing.md, "Published digests").
 * @module
 */

import { type Algorithm, algorithms } from '../fsverity/algorithm.ts';

/** The objects of keys, in the order of an artifact (SEAL-030); an artifact has no layers, so these come last. */
export const publishedObjects = ['manifest', 'config', 'merged', 'merged.bootable', 'layer'] as const;
export type PublishedObject = (typeof publishedObjects)[number];

/** Roles that can be published in addition to `merged`. */
export type ExtraRole = Extract<PublishedObject, 'merged.bootable' | 'layer'>;

/** What a known key means. */
export interface AnnotationKey {
  readonly object: PublishedObject;
  readonly algorithm: Algorithm;
  /** Whether it is a signature key: it holds the signature of the digest, not the digest. */
  readonly signature: boolean;
}

/** The older names, which are read but never written (VERIFY-026). */
export const olderNames = {
  label: 'containers.composefs.fsverity',
  labelOrAnnotation: 'containers.composefs-digest',
} as const;

const SIGNATURE = '.sig';

/** The key under which a digest is published (SEAL-002). */
export function digestKey(object: PublishedObject, algorithm: Algorithm): string {
  const isImage = object !== 'config' && object !== 'manifest';
  return `composefs.${object}.${isImage ? 'erofs.v1.' : ''}${algorithm}`;
}

/** The signature key of `key`. */
export function signatureKey(key: string): string {
  return `${key}${SIGNATURE}`;
}

const known: ReadonlyMap<string, AnnotationKey> = new Map(
  publishedObjects.flatMap(object =>
    algorithms.flatMap((algorithm): [string, AnnotationKey][] => {
      const key = digestKey(object, algorithm);
      return [
        [key, { object, algorithm, signature: false }],
        [signatureKey(key), { object, algorithm, signature: true }],
      ];
    }),
  ),
);

/** The meaning of the key `name`, or undefined if it is not a known key. */
export function readKey(name: string): AnnotationKey | undefined {
  return known.get(name);
}

/** Whether `name` differs from a known key only in case, which some JSON parsers ignore (VERIFY-010). */
export function isKeyInOtherCase(name: string): boolean {
  const folded = name
    .replaceAll('\u017f', 's')
    .replaceAll('\u212a', 'k')
    .replace(/[A-Z]/g, letter => letter.toLowerCase());
  return folded !== name && known.has(folded);
}
