/**
 * Layouts on disk for the tests of sealing.
 * @module
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { blobPath, type LayoutBuilder } from '../../../conformance/generate/builder/layout.ts';
import type { LayoutUpdate } from './seal.ts';

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** A directory with these files, by their paths. */
export function written(files: Readonly<Record<string, Uint8Array>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'seal-'));
  directories.push(directory);
  for (const [path, content] of Object.entries(files)) put(directory, path, content);
  return directory;
}

/** The layout in the making, on disk. */
export function layout(builder: LayoutBuilder): string {
  return written(builder.files);
}

export function put(directory: string, path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), content);
}

/** Writes what sealing gives into its layout. */
export function apply(directory: string, { blobs, index }: LayoutUpdate): void {
  for (const [digest, bytes] of blobs) put(directory, blobPath(digest), bytes);
  put(directory, 'index.json', index);
}

export function read(directory: string, path: string): string {
  return readFileSync(join(directory, path), 'utf8');
}

/** The only image of an answer. */
export function one<T>(images: readonly T[]): T {
  const [image, another] = images;
  if (image === undefined || another !== undefined) throw new Error(`there are ${images.length} images`);
  return image;
}
