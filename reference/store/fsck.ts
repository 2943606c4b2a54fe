/**
 * The check of a store (spec/storage.md, "Check").
 * @module
 */

import { type Finding, Findings } from './findings.ts';
import { checkImages } from './fsck-images.ts';
import { checkMadeImages } from './fsck-made-images.ts';
import { CheckedObjects } from './fsck-objects.ts';
import { checkRoots } from './fsck-roots.ts';
import { checkReferences, checkStreams } from './fsck-streams.ts';
import { type LockOptions, whileLocked } from './lock.ts';
import { requiresVerity, type Store } from './store.ts';
import { entriesOf } from './walk.ts';

/** Options of {@link checkStore}. */
export interface CheckOptions extends LockOptions {
  /** Called with the number of objects checked so far. */
  readonly progress?: ((objects: number) => void) | undefined;
}

/** What a check found. */
export interface CheckedStore {
  readonly objects: number;
  readonly findings: readonly Finding[];
}

/** Reads a whole store, and returns all that is wrong with it (STORE-040). Changes nothing. */
export async function checkStore(store: Store, options: CheckOptions = {}): Promise<CheckedStore> {
  return whileLocked(store.directory, 'shared', () => checkLockedStore(store, options), options);
}

/** {@link checkStore} for a caller that holds the lock. */
export async function checkLockedStore(
  store: Store,
  { progress }: Pick<CheckOptions, 'progress'> = {},
): Promise<CheckedStore> {
  const findings = new Findings();
  const objects = new CheckedObjects(store, findings, progress);
  try {
    return await check(store, objects, findings);
  } finally {
    await objects.close();
  }
}

async function check(store: Store, objects: CheckedObjects, findings: Findings): Promise<CheckedStore> {
  for (const { name, kind } of entriesOf(store, '')) {
    if (name === 'meta.json' ? kind === 'file' : topDirectories.has(name) && kind === 'directory') continue;
    findings.add('stray', name);
  }
  // Objects of layers are read once: for the digest of the layer and for their own.
  const streams = await checkStreams(store, objects, findings);
  const images = checkImages(store, objects, findings);
  await objects.checkAll(await requiresVerity(store));
  checkReferences(streams, images, findings);
  await checkMadeImages(store, streams, objects, findings);
  checkRoots(store, streams, images, findings);
  return { objects: objects.count, findings: findings.sorted() };
}

const topDirectories: ReadonlySet<string> = new Set(['objects', 'images', 'streams']);
