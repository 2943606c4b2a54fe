/**
 * The keys under which digests are published (spec/sealing.md, "What is published").
 * @module
 */

import { type Algorithm, algorithms } from '../fsverity/algorithm.ts';

/** What a digest is published of, in the order of an artifact; layers come last, because none of them is there. */
export const subjects = ['manifest', 'config', 'merged', 'merged.bootable', 'layer'] as const;
export type Subject = (typeof subjects)[number];

/** Roles that can be asked for besides `merged`. */
export type ExtraRole = Extract<Subject, 'merged.bootable' | 'layer'>;

/** What a key of the standard says. */
export interface Key {
  readonly subject: Subject;
  readonly algorithm: Algorithm;
  /** Whether it holds a signature of the digest, and not the digest. */
  readonly signature: boolean;
}

/** The older names, read and never written. */
export const legacyNames = {
  label: 'containers.composefs.fsverity',
  labelOrAnnotation: 'containers.composefs-digest',
} as const;

const SIGNATURE = '.sig';

/** The key of a digest (SEAL-002). */
export function digestKey(subject: Subject, algorithm: Algorithm): string {
  const isImage = subject !== 'config' && subject !== 'manifest';
  return `composefs.${subject}.${isImage ? 'erofs.v1.' : ''}${algorithm}`;
}

/** The key of the signature of the digest under `key`. */
export function signatureKey(key: string): string {
  return `${key}${SIGNATURE}`;
}

const known: ReadonlyMap<string, Key> = new Map(
  subjects.flatMap(subject =>
    algorithms.flatMap((algorithm): [string, Key][] => {
      const key = digestKey(subject, algorithm);
      return [
        [key, { subject, algorithm, signature: false }],
        [signatureKey(key), { subject, algorithm, signature: true }],
      ];
    }),
  ),
);

/** What the key `name` says, or undefined where it is no key of the standard. */
export function readKey(name: string): Key | undefined {
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
