/**
 * Layouts on disk, for tests of sealing.
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

/** A new directory with these files, by their paths. */
export function writeFiles(files: Readonly<Record<string, Uint8Array>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'seal-'));
  directories.push(directory);
  for (const [path, content] of Object.entries(files)) put(directory, path, content);
  return directory;
}

/** A new directory with the layout of `builder`. */
export function writeLayout(builder: LayoutBuilder): string {
  return writeFiles(builder.files);
}

export function put(directory: string, path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), content);
}

/** Writes the result of sealing into its layout. */
export function applyUpdate(directory: string, { blobs, index }: LayoutUpdate): void {
  for (const [digest, bytes] of blobs) put(directory, blobPath(digest), bytes);
  put(directory, 'index.json', index);
}

export function read(directory: string, path: string): string {
  return readFileSync(join(directory, path), 'utf8');
}

/** The only image of a result. */
export function onlyImage<T>(images: readonly T[]): T {
  const [image, second] = images;
  if (image === undefined || second !== undefined) throw new Error(`expected 1 image, got ${images.length}`);
  return image;
}
