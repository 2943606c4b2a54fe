/**
 * Stores and layouts for tests.
 * @module
 */

import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ImageParts, LayoutBuilder, tag } from '../../conformance/generate/builder/layout.ts';
import { archive, directory, file } from '../../conformance/generate/builder/tar.ts';

/** A file that is an object, and one that is not. */
export const large = 'large '.repeat(50);
export const small = 'small';

export const base = archive(directory('usr/'), file('usr/large', large), file('usr/small', small));
export const upper = archive(
  directory('usr/'),
  file('usr/upper', 'upper '.repeat(60)),
  file('usr/large2', large),
);

/** Writes a layout with one image for each tag. Returns the OCI digests of the manifests. */
export function writeLayout(folder: string, images: Readonly<Record<string, ImageParts>>): string[] {
  const builder = new LayoutBuilder();
  const manifests = Object.entries(images).map(([name, parts]) =>
    builder.image({ ...parts, descriptor: { ...parts.descriptor, ...tag(name) } }),
  );
  builder.index(...manifests);
  for (const [path, content] of Object.entries(builder.files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return manifests.map(({ digest }) => digest);
}

/** Everything in a directory: path to content, or to `-> TARGET`. */
export function snapshot(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name);
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) found[name] = `-> ${readlinkSync(path)}`;
    else if (stat.isFile()) found[name] = readFileSync(path).toString('latin1');
  }
  return found;
}
