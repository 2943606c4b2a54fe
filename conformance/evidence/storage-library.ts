/**
 * The library of podman that stores images: a program in Go asks it about layers.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBuild, succeeds } from '../implementations/install/build-tool.ts';
import { packageRoot } from '../suite/package-root.ts';

/** The name of the library, a Go module. */
export const STORAGE_MODULE = 'go.podman.io/storage';

const source = join(packageRoot, 'conformance/evidence/storage-library');

/** The program that asks the library. */
export interface StorageLibrary {
  readonly path: string;
  /** The version of the library. */
  readonly version: string;
}

/** The version of the library that the program is built with. */
export function storageVersion(): string {
  const text = readFileSync(join(source, 'go.mod'), 'utf8');
  return new RegExp(`${STORAGE_MODULE} v(\\S+)`).exec(text)?.[1] ?? '';
}

/** Builds the program in the folder `scratch`. Undefined without go. */
export async function buildStorageLibrary(scratch: string): Promise<StorageLibrary | undefined> {
  if (!(await succeeds('go', 'version'))) return undefined;
  const path = join(scratch, 'storage');
  await runBuild('go', ['build', '-o', path, '.'], { cwd: source, env: { CGO_ENABLED: '0' } });
  return { path, version: storageVersion() };
}
