/**
 * The keys under which digests are published (spec/sealing.md, "What is published").
 * @module
 */

import { type Algorithm, algorithms } from '../fsverity/algorithm.ts';

/** What a digest is published of, in the order of an artifact; layers come last, because none of them is there. */
export const publishedObjects = ['manifest', 'config', 'merged', 'merged.bootable', 'layer'] as const;
export type PublishedObject = (typeof publishedObjects)[number];

/** Roles that can be asked for besides `merged`. */
export type ExtraRole = Extract<PublishedObject, 'merged.bootable' | 'layer'>;

/** What a key of the standard says. */
export interface AnnotationKey {
  readonly object: PublishedObject;
  readonly algorithm: Algorithm;
  /** Whether it holds a signature of the digest, and not the digest. */
  readonly signature: boolean;
}

/** The older names, read and never written. */
export const olderNames = {
  label: 'containers.composefs.fsverity',
  labelOrAnnotation: 'containers.composefs-digest',
} as const;

const SIGNATURE = '.sig';

/** The key of a digest (SEAL-002). */
export function digestKey(object: PublishedObject, algorithm: Algorithm): string {
  const isImage = object !== 'config' && object !== 'manifest';
  return `composefs.${object}.${isImage ? 'erofs.v1.' : ''}${algorithm}`;
}

/** The key of the signature of the digest under `key`. */
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

/** What the key `name` says, or undefined where it is no key of the standard. */
export function readKey(name: string): AnnotationKey | undefined {
  return known.get(name);
}

/** Whether `name` is a key in another case; a reader that folds case would take it for one (VERIFY-010). */
export function isAltered(name: string): boolean {
  const folded = name
    .replaceAll('\u017f', 's')
    .replaceAll('\u212a', 'k')
    .replace(/[A-Z]/g, letter => letter.toLowerCase());
  return folded !== name && known.has(folded);
}
