/**
 * Folders of files in memory: `vectors/` as it is on disk, and as it is generated.
 * @module
 */

import { mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Content by path below the folder, with `/` as the separator. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** Every file below `folder`, in code unit order of the paths. A folder that does not exist has none. */
export async function readFiles(folder: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const path of (await listFiles(folder, '')).sort()) {
    files.set(path, await readFile(join(folder, path)));
  }
  return files;
}

/** The differences of `actual` from `wanted`; `stale` files are only in `actual`. */
export function compareFiles(wanted: Files, actual: Files) {
  const missing: string[] = [];
  const different: string[] = [];
  for (const [path, content] of wanted) {
    const found = actual.get(path);
    if (found === undefined) missing.push(path);
    else if (Buffer.compare(found, content) !== 0) different.push(path);
  }
  const stale = [...actual.keys()].filter(path => !wanted.has(path));
  return { missing, different, stale };
}

/** Makes `folder` contain exactly `wanted`, writing only what differs from `actual`. Returns the changed paths. */
export async function writeFiles(folder: string, wanted: Files, actual: Files): Promise<string[]> {
  const { missing, different, stale } = compareFiles(wanted, actual);
  for (const path of stale) await removeFile(folder, path);
  for (const path of [...missing, ...different]) {
    const content = wanted.get(path);
    if (content === undefined) continue;
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return [...missing, ...different, ...stale].sort();
}

/** Removes a file, and its parent folders that are empty without it. */
async function removeFile(folder: string, path: string): Promise<void> {
  await rm(join(folder, path));
  for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
    if ((await readdir(join(folder, parent))).length > 0) return;
    await rmdir(join(folder, parent));
  }
}

async function listFiles(folder: string, below: string): Promise<string[]> {
  const paths: string[] = [];
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((error: unknown) => {
    if (below === '' && error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) paths.push(...(await listFiles(folder, path)));
    else paths.push(path);
  }
  return paths;
}
