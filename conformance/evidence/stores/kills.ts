/**
 * Kills operations on a store at random points. What was named before has to be there afterwards, and a check must find
 * nothing (STORE-030).
 * @module
 */

import { spawn } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exportLayer } from '../../../reference/store/export.ts';
import { checkStore } from '../../../reference/store/fsck.ts';
import { collectGarbage } from '../../../reference/store/gc.ts';
import { listImages } from '../../../reference/store/images.ts';
import { openStore, type Store } from '../../../reference/store/store.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { type Examined, inFolder, unpackStore } from './parts.ts';

const program = join(packageRoot, 'dist/reference/cli/main.js');

/** An operation to kill. */
export interface Killed {
  readonly name: string;
  /** The store before it. */
  readonly archive: Uint8Array;
  /** The arguments of `composefs-oci store`, for the store in a folder. */
  readonly args: (store: string) => readonly string[];
  /** Whether it replaces the stream of a config that another manifest refers to (STORE-030). */
  readonly sharesConfig?: true;
  /** The name that the operation removes or moves. */
  readonly changes?: string;
}

/** Kills each operation `count` times; `random` gives numbers from 0 to 1. */
export function killOperations(
  operations: readonly Killed[],
  count: number,
  random: () => number,
): Promise<Examined> {
  return inFolder(async folder => {
    const problems: string[] = [];
    let killed = 0;
    for (const operation of operations) {
      const pristine = join(folder, 'pristine');
      rmSync(pristine, { recursive: true, force: true });
      unpackStore(operation.archive, pristine);
      const store = join(folder, 'store');
      // The first run is not killed: it gives the time in which to kill the others.
      const time = await run(fresh(pristine, store), operation, undefined);
      for (let i = 0; i < count; i++) {
        const at = await run(fresh(pristine, store), operation, random() * time.milliseconds);
        if (at.wasKilled) killed++;
        for (const problem of await problemsAfter(pristine, store, operation))
          problems.push(`${operation.name}, killed after ${at.milliseconds} ms: ${problem}`);
      }
    }
    const all = operations.length * count;
    return { summary: `${all} operations, of which ${killed} were killed before their end`, problems };
  });
}

function fresh(pristine: string, store: string): string {
  rmSync(store, { recursive: true, force: true });
  cpSync(pristine, store, { recursive: true, verbatimSymlinks: true });
  return store;
}

/** Runs an operation, and kills it after some milliseconds. */
function run(
  store: string,
  { args }: Killed,
  killAfter: number | undefined,
): Promise<{ readonly milliseconds: number; readonly wasKilled: boolean }> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, [program, 'store', ...args(store)], { stdio: 'ignore' });
    const timer =
      killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), Math.round(killAfter));
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (signal === null && code !== 0)
        reject(new Error(`store ${args(store).join(' ')}: exit code ${code}`));
      resolve({ milliseconds: Math.round(performance.now() - start), wasKilled: signal !== null });
    });
  });
}

/** What is wrong with a store after an interrupted operation. */
async function problemsAfter(pristine: string, directory: string, operation: Killed): Promise<string[]> {
  const { changes, sharesConfig = false } = operation;
  const store = openStore(directory);
  const problems = (await findingsIn(store, 'at once')).filter(
    finding => !(sharesConfig && finding.startsWith('at once: stream-references ')),
  );
  const now = new Map((await imagesIn(store)).map(image => [image.manifest, image]));
  for (const { manifest, names, layers } of await imagesIn(openStore(pristine))) {
    const kept = names.filter(name => name !== changes);
    if (kept.length === 0) continue;
    const image = now.get(manifest);
    const lost = kept.filter(name => !image?.names.includes(name));
    if (lost.length > 0) problems.push(`${manifest} has lost its names ${lost.join(', ')}`);
    for (const number of layers.keys()) {
      const problem = await unreadable(store, manifest, number);
      if (problem !== undefined) problems.push(problem);
    }
  }
  // What was interrupted is repeated, unless that would be a removal of what is not there any more.
  if (changes === undefined) await run(directory, operation, undefined);
  await collectGarbage(store);
  return [...problems, ...(await findingsIn(store, 'after removing what is not needed'))];
}

async function findingsIn(store: Store, when: string): Promise<string[]> {
  const { findings } = await checkStore(store);
  return findings.map(({ code, path }) => `${when}: ${code} ${path}`);
}

/** Why a layer cannot be exported; undefined if it can. */
async function unreadable(store: Store, manifest: string, number: number): Promise<string | undefined> {
  try {
    const { content } = await exportLayer(store, `@${manifest}`, number);
    for await (const _ of content);
    return undefined;
  } catch (error) {
    return `layer ${number} of ${manifest}: ${error instanceof Error ? error.message : error}`;
  }
}

async function imagesIn(store: Store) {
  const images = [];
  for await (const image of listImages(store)) if (!('error' in image)) images.push(image);
  return images;
}
